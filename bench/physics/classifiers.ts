import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { picturesOf } from '../../models/cnn/picture.ts'
import { generateRecoils } from '../../models/data/generate.ts'
import { cropSize } from '../../models/data/macro-crop.ts'
import { fixedDriftPlan, type RecoilPlan } from '../../models/data/plan.ts'
import type { RecoilSample } from '../../models/data/sample.ts'
import { featureCount, type RecoilData } from '../../models/training/data.ts'
import {
  featureValues,
  nuclearMinusElectron,
  scoreByEnergy,
  scoreEdges,
} from '../../models/training/score.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import { evaluateGraph, importNetwork, readOnnx } from '../../src/network/index.ts'
import { unquantizedScores } from '../../src/network/oracle/unquantized-scores.ts'
import { benchSeeds } from './plan.ts'

/** keVee bins: below 6 keVee a recoil is shorter than what diffusion makes of a point. */
const classifierEdges: readonly number[] = scoreEdges.filter((edge) => edge <= 40)

/** Samples of recoils, each with a camera of its own. */
const samples = 4

/** Recoil pairs of one sample between two energies: most where there is something to tell, log-uniform in keVee. */
const pairs = [
  [0.5, 2, 250],
  [2, 6, 250],
  [6, 10, 600],
  [10, 20, 450],
  [20, 40, 300],
] as const

/** The recoils that the classifiers are scored on: of a nuclear and an electron recoil each, 25 cm from the GEMs. */
export function classifierPlans(share: number): RecoilPlan[] {
  return Array.from({ length: samples }, (_, i) => ({
    ...fixedDriftPlan,
    seed: benchSeeds.recoils + i,
    cameraSeed: benchSeeds.recoils + samples + i,
    recoils: pairs.map(([from, to, all]) => ({ from, to, pairs: Math.ceil(all * share) })),
  }))
}

interface Input {
  readonly values: ArrayLike<number> & { slice(from: number, to: number): ArrayLike<number> }
  /** Values per cluster. */
  readonly length: number
}

const features = (sample: RecoilSample): Input => ({ values: sample.features, length: featureCount })
const pictures = (sample: RecoilSample): Input => ({ values: picturesOf(sample.crops), length: cropSize })

/** The networks in models/, with what they read of a cluster. */
const networks = [
  { name: 'recoil-mlp', input: features },
  { name: 'recoil-trees', input: features },
  { name: 'recoil-cnn', input: pictures },
] as const

const models = join(packageRoot, 'models')

const pathOf = (name: string, end: string): string => join(models, `${name}.${end}`)

/** Call before hours of measurement: throws GG_FILE_NOT_FOUND unless network and report of every classifier are there. */
export function requireClassifiers(folder: string = models): void {
  for (const { name } of networks)
    for (const end of ['onnx', 'generated.json']) {
      const file = join(folder, `${name}.${end}`)
      if (existsSync(file)) continue
      throw new GemgateError('GG_FILE_NOT_FOUND', `there is no ${file}`, `Run models/train-${name}.ts.`, {
        file,
      })
    }
}

/** Nuclear minus electron score of every cluster. */
export interface Discriminant {
  readonly name: string
  /** In the integers of the logic. */
  readonly integer: Float64Array
  /** The same network without the rounding of its activations; null where there is nothing to take away. */
  readonly float: Float64Array | null
}

/** Clusters of a plan and what each network says of them. */
export interface ScoredClusters {
  readonly data: RecoilData
  readonly discriminants: readonly Discriminant[]
}

/** Simulates a plan and scores its clusters. */
export function scoreClusters(plan: RecoilPlan): ScoredClusters {
  const { sample } = generateRecoils(plan)
  const discriminants = networks.map(({ name, input }): Discriminant => {
    const model = readOnnx(readFileSync(pathOf(name, 'onnx')))
    const { graph } = importNetwork(model, { oracle: 'qdq-float' })
    const float = unquantizedScores(model)
    const { values, length } = input(sample)
    const scores = (of: (vector: ArrayLike<number>) => ArrayLike<number> | null): Float64Array | null => {
      const all = new Float64Array(3 * sample.labels.length)
      for (let i = 0; i < sample.labels.length; i++) {
        const own = of(values.slice(i * length, (i + 1) * length))
        if (own === null) return null
        all.set(own, 3 * i)
      }
      return nuclearMinusElectron(all)
    }
    return { name, integer: scores((vector) => evaluateGraph(graph, [vector])[0]!)!, float: scores(float) }
  })
  const { features: own, labels, keVee } = sample
  return { data: { features: own, labels, keVee }, discriminants }
}

/** One energy bin of a classifier. Efficiencies are those of nuclear recoils at a rejection of electrons. */
export interface ClassifierBin {
  readonly keVee: readonly [low: number, high: number]
  readonly nuclear: number
  readonly electron: number
  readonly auc: number
  readonly error: number
  readonly nrAt90: number
  readonly nrAt90Error: number
  readonly nrAt99: number
  readonly nrAt99Error: number
  readonly floatAuc: number
  readonly densityCutAuc: number
}

export interface ClassifierResult {
  readonly name: string
  readonly parameters: number
  /** Of each number that goes in. */
  readonly bits: number
  /** LUT4 with carry (ECP5) by Yosys. */
  readonly luts: number
  readonly bins: readonly ClassifierBin[]
}

/** Each network per energy bin, with what its card says of its size. */
export function summarizeClassifiers(parts: readonly ScoredClusters[]): ClassifierResult[] {
  const data = joinData(parts.map((part) => part.data))
  const density = scoreByEnergy(data, featureValues(data, densityFeature), classifierEdges, leastPerBin)
  return parts[0]!.discriminants.map(({ name }, k) => {
    const join = (of: 'integer' | 'float'): Float64Array | null => {
      const own = parts.map((part) => part.discriminants[k]![of])
      return own.includes(null) ? null : Float64Array.from(own.flatMap((values) => [...values!]))
    }
    const integer = scoreByEnergy(data, join('integer')!, classifierEdges, leastPerBin)
    const float = join('float')
    const unrounded = float === null ? integer : scoreByEnergy(data, float, classifierEdges, leastPerBin)
    const card = JSON.parse(readFileSync(pathOf(name, 'generated.json'), 'utf8')) as Card
    return {
      name,
      parameters: card.parameters,
      bits: card.formats.input.bits,
      luts: card.verilog.area.ecp5!.luts,
      bins: integer.map((bin, i) => ({
        keVee: [bin.lowKeVee, bin.highKeVee],
        nuclear: bin.nuclear,
        electron: bin.electron,
        auc: bin.auc.value,
        error: bin.auc.error,
        nrAt90: bin.efficiencyAt90.efficiency,
        nrAt90Error: bin.efficiencyAt90.error,
        nrAt99: bin.efficiencyAt99.efficiency,
        nrAt99Error: bin.efficiencyAt99.error,
        floatAuc: unrounded[i]!.auc.value,
        densityCutAuc: density[i]!.auc.value,
      })),
    }
  })
}

/** Light per macro-pixel among the features: what a plain density cut looks at. */
const densityFeature = 2

/** A bin with fewer recoils of a class says nothing. */
const leastPerBin = 10

/** What the bench takes of a generated report. */
interface Card {
  readonly parameters: number
  readonly formats: { readonly input: { readonly bits: number } }
  readonly verilog: { readonly area: Readonly<Record<string, { readonly luts: number }>> }
}

function joinData(parts: readonly RecoilData[]): RecoilData {
  return {
    features: Int8Array.from(parts.flatMap(({ features: own }) => [...own])),
    labels: Uint8Array.from(parts.flatMap(({ labels }) => [...labels])),
    keVee: Float32Array.from(parts.flatMap(({ keVee }) => [...keVee])),
  }
}
