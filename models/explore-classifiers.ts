import type { ClassifierSettings } from '../src/explore/settings.ts'
import { modulesBehind, sourceHash } from '../src/explore/source-hash.ts'
import type { ClassifierPhysics } from '../src/explore/study.ts'
import { importNetwork, readOnnx } from '../src/network/index.ts'
import { countParameters } from './training/count-parameters.ts'
import { type RecoilData, selectRows } from './training/data.ts'
import { nuclearMinusElectron, scoreAll, scoreByEnergy } from './training/score.ts'
import { shippedTraining, shippedTrees } from './training/shipped.ts'
import { type TrainingOptions, trainRecoilNetwork } from './training/train.ts'
import { trainRecoilTrees } from './training/train-trees.ts'

/** How an exploration trains, besides what it varies. */
export interface ClassifierTraining {
  readonly network: TrainingOptions & { readonly seed: number; readonly epochs: number }
  readonly trees: typeof shippedTrees
}

/** As the shipped ones are, or with fewer epochs. */
export function classifierTraining(quick: boolean): ClassifierTraining {
  return { network: { ...shippedTraining, ...(quick ? { epochs: 12 } : {}) }, trees: shippedTrees }
}

/** Hash of what trains and scores. */
export function classifierSources(): string {
  return sourceHash(modulesBehind(import.meta.url))
}

/** @returns the ONNX file */
export function trainClassifier(
  data: RecoilData,
  settings: ClassifierSettings,
  training: ClassifierTraining,
): Uint8Array {
  if (settings.kind === 'mlp') {
    const { hidden, weightBits, activationBits } = settings
    return trainRecoilNetwork(data, { ...training.network, hidden, weightBits, activationBits }).onnx
  }
  const { trees: rounds, depth } = settings
  return trainRecoilTrees(data, { ...training.trees, rounds, depth }).onnx
}

/** Where recoils can be told apart and are not told apart trivially, keVee. */
const edges = [6, 10, 20, 40] as const

export function scoreClassifier(data: RecoilData, onnx: Uint8Array): ClassifierPhysics {
  const { graph } = importNetwork(readOnnx(onnx))
  const rows = [...data.labels.keys()].filter(
    (row) => data.labels[row]! < 2 && data.keVee[row]! >= edges[0] && data.keVee[row]! < edges.at(-1)!,
  )
  const recoils = selectRows(data, rows)
  const scores = nuclearMinusElectron(scoreAll(graph, recoils))
  return {
    parameters: countParameters(graph),
    bins: scoreByEnergy(recoils, scores, edges, 1).map((bin) => ({
      lowKeVee: bin.lowKeVee,
      highKeVee: bin.highKeVee,
      nuclear: bin.nuclear,
      electron: bin.electron,
      auc: bin.auc,
      nrAt90: { value: bin.efficiencyAt90.efficiency, error: bin.efficiencyAt90.error },
      nrAt99: { value: bin.efficiencyAt99.efficiency, error: bin.efficiencyAt99.error },
    })),
  }
}
