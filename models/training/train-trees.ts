import { evaluateForest } from '../../src/network/graph/evaluate-forest.ts'
import { type Forest, type ImportedNetwork, importNetwork, readOnnx } from '../../src/network/index.ts'
import { type BoostingOptions, boostTrees } from './boost-trees.ts'
import { buildForestOnnx } from './build-forest.ts'
import { featureCount, type RecoilData } from './data.ts'

export interface TrainedTrees {
  readonly network: ImportedNetwork
  /** The ONNX file: nine int8 features in, three int16 scores out. */
  readonly onnx: Uint8Array
  /** The same trees with unrounded leaves: from data to scores `[n][3]`. */
  readonly float: (data: RecoilData) => Float64Array
}

/**
 * Boosts the recoil classifier and writes it as ONNX. Same data, options and Node give the same bytes.
 * @throws RangeError when the arrays of `data` do not belong together
 */
export function trainRecoilTrees(
  data: RecoilData,
  options: BoostingOptions,
  metadata: Readonly<Record<string, string>> = {},
): TrainedTrees {
  const { forest, unrounded } = boostTrees(data, options)
  const { seed, rounds, depth, leafExponent } = options
  const stated = {
    ...metadata,
    seed: `${seed}`,
    rounds: `${rounds}`,
    depth: `${depth}`,
    samples: `${data.labels.length}`,
  }
  const onnx = buildForestOnnx({ name: 'recoil-trees', forest, leafExponent, metadata: stated })
  return {
    network: importNetwork(readOnnx(onnx), { oracle: 'qdq-float' }),
    onnx,
    float: (other) => forestScores(unrounded, other),
  }
}

/** Scores `[n][targets]` in units of the leaves. */
export function forestScores(forest: Forest, { features, labels }: RecoilData): Float64Array {
  const scores = new Float64Array(labels.length * forest.targets)
  for (let row = 0; row < labels.length; row++) {
    const own = features.subarray(row * featureCount, (row + 1) * featureCount)
    scores.set(evaluateForest(forest, own), row * forest.targets)
  }
  return scores
}
