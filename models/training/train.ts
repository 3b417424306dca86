import * as tf from '@tensorflow/tfjs-core'
import { Random } from '../../src/core/random.ts'
import { buildDenseOnnx, type ImportedNetwork, importNetwork, readOnnx } from '../../src/network/index.ts'
import { Adam } from './adam.ts'
import { balancedWeights, checkData, featureCount, type RecoilData, shuffledRows, splitData } from './data.ts'
import { crossEntropy } from './gradients.ts'
import { type NumberWidths, QuantizedMlp } from './quantized-mlp.ts'

export interface TrainingOptions extends NumberWidths {
  readonly seed?: number
  /** Neurons of the hidden layers; default CYGNO's 10 and 7. */
  readonly hidden?: readonly number[]
  readonly epochs?: number
  readonly batch?: number
  /** Largest learning rate; it falls to zero along a cosine, and from a part of it once more for the quantized epochs. */
  readonly rate?: number
  /** Real value of feature step 1 is 2^inputExponent. */
  readonly inputExponent?: number
  /** keVee bin edges in which the classes are balanced. */
  readonly energyEdges?: readonly number[]
  /** Stored in the file, for example where the data comes from. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly onEpoch?: (epoch: TrainingEpoch) => void
}

export interface TrainingEpoch {
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
  /** Whether activations and scores were quantized in this epoch (weights always are). */
  readonly quantized: boolean
}

export interface TrainingResult {
  readonly network: ImportedNetwork
  /** The ONNX file of the network. */
  readonly onnx: Uint8Array
  /** The same weights without any rounding: from data to scores `[n][3]` in logits. */
  readonly float: (data: RecoilData) => Float32Array
  readonly history: readonly TrainingEpoch[]
}

/** keVee bins of equal ratio that cover the recoils of interest. */
const defaultEnergyEdges = [0.5, 1, 2, 3, 5, 8, 12, 20, 35, 60] as const

/**
 * Trains the recoil classifier with quantization in the loop: weighted cross entropy (classes balanced in
 * each energy bin), Adam, one tenth of the data for validation. The first part of the epochs runs in floating point
 * until it has converged; then scales are calibrated, the forward pass is the exported integer network, and training
 * goes on more slowly. The epoch with the smallest validation loss is exported. Same data, options and Node give the
 * same bytes.
 * @throws RangeError when the arrays of `data` do not belong together
 */
export function trainRecoilNetwork(data: RecoilData, options: TrainingOptions = {}): TrainingResult {
  const { mlp, history } = trainMlp(data, options, true)
  const float = mlp.inFloat()
  const metadata = {
    ...options.metadata,
    seed: `${options.seed ?? defaults.seed}`,
    epochs: `${options.epochs ?? defaults.epochs}`,
    samples: `${data.labels.length}`,
  }
  const onnx = buildDenseOnnx(mlp.specification('recoil', metadata))
  return {
    network: importNetwork(readOnnx(onnx), { oracle: 'qdq-float' }),
    onnx,
    float: (other) => floatScores(float, other),
    history,
  }
}

/** Trains the same network in float32 throughout and returns it as a function from data to scores `[n][3]`. */
export function trainFloatNetwork(
  data: RecoilData,
  options: TrainingOptions = {},
): (data: RecoilData) => Float32Array {
  const { mlp } = trainMlp(data, options, false)
  return (other) => floatScores(mlp, other)
}

function floatScores(mlp: QuantizedMlp, { features, labels }: RecoilData): Float32Array {
  return tf.tidy(() => {
    const x = Float32Array.from(features, (value) => value * 2 ** mlp.inputExponent)
    return mlp
      .forward(tf.tensor2d(x, [labels.length, featureCount]), mlp.tensors())
      .dataSync() as Float32Array
  })
}

/** Part of the epochs before activations are quantized. */
const floatShare = 0.6

/** Learning rate of the quantized epochs relative to that before. */
const tuningShare = 0.3

const defaults = { seed: 1, epochs: 60, batch: 256, rate: 0.01, hidden: [10, 7], inputExponent: -5 } as const

function trainMlp(
  data: RecoilData,
  options: TrainingOptions,
  quantize: boolean,
): { mlp: QuantizedMlp; history: TrainingEpoch[] } {
  checkData(data)
  const { seed, epochs, batch, rate, hidden, inputExponent } = { ...defaults, ...options }
  const edges = options.energyEdges ?? defaultEnergyEdges
  const [validation, train] = splitData(data, [0.1], seed) as [RecoilData, RecoilData]
  const mlp = new QuantizedMlp([featureCount, ...hidden, 3], inputExponent, seed, quantize, options)
  const sets = {
    train: prepare(train, edges, inputExponent),
    validation: prepare(validation, edges, inputExponent),
  }
  const adam = new Adam(mlp.parameters().map((values) => values.length))
  const random = new Random(seed).fork('batches')
  const history: TrainingEpoch[] = []
  const warm = Math.floor(floatShare * epochs)
  const settled = Math.floor((warm + epochs) / 2)
  const steps = Math.ceil(train.labels.length / batch)
  let best = Number.POSITIVE_INFINITY
  let kept: Float32Array[] = []

  // Silences the advice to install the native backend: the pure one is deterministic.
  tf.enableProdMode()
  tf.setBackend('cpu')
  for (let epoch = 0; epoch < epochs; epoch++) {
    // Scales follow the activations for the first half of the quantized epochs, then stand still.
    if (quantize && epoch >= warm && epoch <= settled) calibrate(mlp, sets.train)
    const [first, count, peak] = epoch < warm ? [0, warm, rate] : [warm, epochs - warm, rate * tuningShare]
    if (epoch === settled) best = Number.POSITIVE_INFINITY
    const order = shuffledRows(train.labels.length, random)
    let sum = 0
    for (let step = 0; step < steps; step++) {
      const progress = (epoch - first + step / steps) / count
      const rows = order.subarray(step * batch, (step + 1) * batch)
      const [loss, gradients] = gradientsOf(mlp, gather(sets.train, rows))
      adam.update(mlp.parameters(), gradients, (peak * (1 + Math.cos(Math.PI * progress))) / 2)
      sum += loss * rows.length
    }
    const validationLoss = lossOf(mlp, sets.validation)
    const entry = {
      epoch,
      trainLoss: sum / train.labels.length,
      validationLoss,
      quantized: mlp.layers[0]!.exponent !== undefined,
    }
    history.push(entry)
    options.onEpoch?.(entry)
    if (entry.quantized === quantize && validationLoss < best) {
      best = validationLoss
      kept = mlp.parameters().map((values) => values.slice())
    }
  }
  if (quantize && epochs === 0) calibrate(mlp, sets.train)
  mlp.parameters().forEach((values, p) => {
    if (kept[p] !== undefined) values.set(kept[p])
  })
  return { mlp, history }
}

interface Batch {
  readonly x: Float32Array
  readonly labels: Uint8Array
  readonly weights: Float32Array
}

function prepare(data: RecoilData, edges: readonly number[], inputExponent: number): Batch {
  const x = Float32Array.from(data.features, (value) => value * 2 ** inputExponent)
  return { x, labels: data.labels, weights: balancedWeights(data, edges) }
}

function gather(all: Batch, rows: Uint32Array): Batch {
  const x = new Float32Array(rows.length * featureCount)
  const labels = new Uint8Array(rows.length)
  const weights = new Float32Array(rows.length)
  rows.forEach((row, i) => {
    x.set(all.x.subarray(row * featureCount, (row + 1) * featureCount), i * featureCount)
    labels[i] = all.labels[row]!
    weights[i] = all.weights[row]!
  })
  return { x, labels, weights }
}

function calibrate(mlp: QuantizedMlp, set: Batch): void {
  const rows = Math.min(4096, set.labels.length)
  mlp.calibrate(set.x.subarray(0, rows * featureCount), rows)
}

/** Weighted cross entropy of a batch. */
function batchLoss(mlp: QuantizedMlp, batch: Batch, parameters: readonly tf.Tensor[]): tf.Scalar {
  const x = tf.tensor2d(batch.x, [batch.labels.length, featureCount])
  return crossEntropy(mlp.forward(x, parameters), batch.labels, batch.weights)
}

function lossOf(mlp: QuantizedMlp, batch: Batch): number {
  return tf.tidy(() => batchLoss(mlp, batch, mlp.tensors()).dataSync()[0]!)
}

function gradientsOf(mlp: QuantizedMlp, batch: Batch): [number, Float32Array[]] {
  return tf.tidy(() => {
    const gradient = tf.valueAndGrads((...parameters: tf.Tensor[]) => batchLoss(mlp, batch, parameters))
    const { value, grads } = gradient(mlp.tensors())
    return [value.dataSync()[0]!, grads.map((g) => g.dataSync() as Float32Array)]
  })
}
