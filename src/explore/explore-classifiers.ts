import { join } from 'node:path'
import { packageRoot } from '../core/package-root.ts'
import type { Family } from '../toolchain/synthesize.ts'
import { estimatedCosts, lutCost, synthesizedCosts } from './costs.ts'
import type { ClassifierPoint, ShippedVerdict } from './exploration.ts'
import { type Costs, dominates, frontOf, nearFront } from './front.ts'
import { type ObtainedClassifier, obtainClassifiers } from './obtain-classifiers.ts'
import { sha256 } from './point-store.ts'
import { type ClassifierChoice, choiceName } from './settings.ts'
import { modulesBehind, sourceHash } from './source-hash.ts'
import type { Study } from './study.ts'
import type { Workshop } from './workshop.ts'

/** A file of a result. */
export interface NamedFile {
  readonly name: string
  readonly content: Uint8Array
}

export interface ClassifierOptions {
  /** Of the study's classifiers. */
  readonly identity: string
  readonly classifiers: readonly ClassifierChoice[]
  readonly family: Family
  /** Most points that are synthesized, the shipped ones not counted. */
  readonly mostSynthesized: number
  /** Version of the synthesis. */
  readonly yosys: string
}

/** A point on its way, with the file of its classifier. */
type Draft = ClassifierPoint & { readonly onnx: string | null }

/** Estimates count LUTs to about a fifth: src/network/unrolled/estimate.ts. */
const estimateError = 0.2

/** Trains, scores, estimates and synthesizes. Shipped classifiers come first and are always synthesized. */
export async function exploreClassifiers(
  study: Study,
  workshop: Workshop,
  options: ClassifierOptions,
): Promise<{ points: ClassifierPoint[]; shipped: ShippedVerdict[]; files: NamedFile[] }> {
  const classifiers = await obtainClassifiers(study, workshop, options)
  const estimated = await estimateAll(workshop, classifiers.flatMap(draftsOf))
  const synthesized = await synthesizeNearFront(workshop, estimated, options)
  const { drafts, shipped } = judge(synthesized)
  return {
    points: drafts.map(({ onnx: _, ...point }) => point),
    shipped,
    files: drafts
      .filter(({ onFront }) => onFront)
      .map(({ name, onnx }) => ({
        name: `${name.replace(/\W+/g, '-')}.onnx`,
        content: Buffer.from(onnx!, 'base64'),
      })),
  }
}

function draftsOf({ settings, forms, shipped, onnx, physics, failure }: ObtainedClassifier): Draft[] {
  return forms.map((hardware) => ({
    name: choiceName({ classifier: settings, hardware }),
    classifier: settings,
    hardware,
    shipped: hardware === shipped?.hardware ? shipped.name : null,
    sha256: onnx === null ? null : sha256(Buffer.from(onnx, 'base64')),
    physics,
    estimate: null,
    synthesis: null,
    onFront: false,
    failure,
    onnx,
  }))
}

async function estimateAll(workshop: Workshop, drafts: readonly Draft[]): Promise<Draft[]> {
  const sound = drafts.filter(({ failure }) => failure === null)
  // Besides its modules the compiler stands on handwritten Verilog.
  const compiler = moduleHash('./logic.ts', join(packageRoot, 'hdl/network'))
  const outcomes = await workshop.all(
    'estimate',
    sound.map(({ onnx, sha256, hardware }) => ({
      task: { do: 'estimate', onnx: onnx!, hardware },
      description: { estimate: hardware, onnx: sha256, compiler },
    })),
  )
  const results = new Map(sound.map((draft, at) => [draft, outcomes[at]!]))
  return drafts.map((draft) => {
    const outcome = results.get(draft)
    if (outcome === undefined) return draft
    return 'result' in outcome
      ? { ...draft, estimate: outcome.result }
      : { ...draft, failure: outcome.failure }
  })
}

/** Synthesizes the shipped points and, nearest to the front of the estimates first, as many others as allowed. */
async function synthesizeNearFront(
  workshop: Workshop,
  drafts: readonly Draft[],
  { family, mostSynthesized, yosys }: ClassifierOptions,
): Promise<Draft[]> {
  const sound = drafts.filter(({ failure }) => failure === null)
  const costs = sound.map(({ physics, estimate }) => estimatedCosts(physics!, estimate!))
  const front = frontOf(costs)
  const near = nearFront(costs, lutCost, estimateError)
  const rank = (at: number): number => (front[at] ? 0 : 1)
  const others = [...sound.keys()].filter((at) => near[at] && sound[at]!.shipped === null)
  const chosen = [
    ...[...sound.keys()].filter((at) => sound[at]!.shipped !== null),
    ...others.sort((a, b) => rank(a) - rank(b) || a - b).slice(0, mostSynthesized),
  ].map((at) => sound[at]!)
  const counter = moduleHash('../toolchain/synthesize.ts')
  const outcomes = await workshop.all(
    'synthesize',
    chosen.map(({ onnx, hardware, estimate }) => ({
      task: { do: 'synthesize', onnx: onnx!, hardware, family },
      description: { synthesize: estimate!.verilog, family, yosys, counter },
    })),
  )
  const results = new Map(chosen.map((draft, at) => [draft, outcomes[at]!]))
  return drafts.map((draft) => {
    const outcome = results.get(draft)
    if (outcome === undefined) return draft
    return 'result' in outcome
      ? { ...draft, synthesis: outcome.result }
      : { ...draft, failure: outcome.failure }
  })
}

/** Who lies on the front of the synthesized points, and how the shipped ones stand. */
function judge(drafts: readonly Draft[]): { drafts: Draft[]; shipped: ShippedVerdict[] } {
  const counted = drafts.filter(({ synthesis }) => synthesis !== null)
  const costs = new Map<Draft, Costs>(
    counted.map((draft) => [draft, synthesizedCosts(draft.physics!, draft.estimate!, draft.synthesis!)]),
  )
  const front = frontOf([...costs.values()])
  const best = new Set(counted.filter((_, at) => front[at]))
  const shipped = counted.flatMap((draft) =>
    draft.shipped === null
      ? []
      : [
          {
            name: draft.shipped,
            onFront: best.has(draft),
            dominatedBy: counted
              .filter((other) => dominates(costs.get(other)!, costs.get(draft)!))
              .map(({ name }) => name),
          },
        ],
  )
  return { drafts: drafts.map((draft) => ({ ...draft, onFront: best.has(draft) })), shipped }
}

/** Hash of a module, named as seen from here, of all that it stands on, and of other files. */
function moduleHash(module: string, ...others: string[]): string {
  return sourceHash([...modulesBehind(new URL(module, import.meta.url).href), ...others])
}
