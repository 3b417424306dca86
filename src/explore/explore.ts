import { packageVersion } from '../core/package-root.ts'
import { type Family, yosysVersion } from '../toolchain/synthesize.ts'
import { costNames } from './costs.ts'
import type { Exploration } from './exploration.ts'
import { exploreClassifiers, type NamedFile } from './explore-classifiers.ts'
import { exploreTriggers } from './explore-triggers.ts'
import type { PointStore } from './point-store.ts'
import type { ClassifierChoice, TriggerChoice } from './settings.ts'
import type { Study, StudySource } from './study.ts'
import { type OnStep, Workshop } from './workshop.ts'

export interface ExploreOptions {
  readonly classifiers: readonly ClassifierChoice[]
  readonly triggers: readonly TriggerChoice[]
  readonly family: Family
  /** Most points that are synthesized, the shipped ones not counted. */
  readonly mostSynthesized: number
  readonly threads?: number
  readonly onStep?: OnStep
  readonly signal?: AbortSignal
}

/**
 * Trains and scores every classifier, estimates the logic of every point, synthesizes those near the front of the
 * estimates and the shipped ones, and says which lie on the front; measures every trigger. The same study, options and
 * versions give the same exploration, whatever was in the store and however many threads there are.
 * @param study what `source` opens
 * @returns also the files of the classifiers on the front
 * @throws GemgateError GG_OUTPUT when results cannot be kept, those of the study for its samples; the reason of the signal when it aborts
 */
export async function explore(
  study: Study,
  source: StudySource,
  store: PointStore,
  options: ExploreOptions,
): Promise<{ exploration: Exploration; files: readonly NamedFile[] }> {
  const { threads, onStep, signal } = options
  await using workshop = new Workshop(store, source, {
    ...(threads === undefined ? {} : { threads }),
    ...(onStep === undefined ? {} : { onStep }),
    ...(signal === undefined ? {} : { signal }),
  })
  const yosys = await yosysVersion()
  const classifiers =
    options.classifiers.length === 0
      ? null
      : await study.classifierBasis({
          ...(threads === undefined ? {} : { threads }),
          ...(onStep === undefined ? {} : { onProgress: onStep }),
          ...(signal === undefined ? {} : { signal }),
        })
  const { points, shipped, files } =
    classifiers === null
      ? { points: [], shipped: [], files: [] }
      : await exploreClassifiers(study, workshop, { ...options, identity: classifiers.identity, yosys })
  const triggers = options.triggers.length === 0 ? null : study.triggerBasis()
  const trigger =
    triggers === null ? [] : await exploreTriggers(triggers.identity, workshop, options.triggers)
  const exploration: Exploration = {
    versions: { gemgate: packageVersion, node: process.version, yosys },
    family: options.family,
    quick: source.options.quick,
    study: { classifiers, triggers },
    costs: costNames,
    synthesized: points.filter(({ synthesis }) => synthesis !== null).length,
    frontSize: points.filter(({ onFront }) => onFront).length,
    shipped,
    points,
    trigger,
  }
  return { exploration, files }
}
