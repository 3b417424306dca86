import { Random } from '../../src/core/random.ts'
import { Adam } from '../training/adam.ts'
import { binOf, shuffledRows } from '../training/data.ts'
import { orient, orientations } from './orientations.ts'
import { type CnnShape, RecoilCnn } from './recoil-cnn.ts'

/** Labelled pictures. */
export interface PictureData {
  /** `[n][size][size]`, as `picturesOf` makes them. */
  readonly pictures: Uint8Array
  /** `[n]`: 0 nuclear, 1 electron, 2 other. */
  readonly labels: Uint8Array
  /** `[n]`: electron-equivalent energy, for the balance. */
  readonly keVee: Float32Array
}

export interface CnnTraining {
  readonly shape: CnnShape
  readonly seed: number
  /** Real value of a picture's step 1 is 2^inputExponent. */
  readonly inputExponent: number
  /** Epochs in floating point, and further ones in which the network is quantized. */
  readonly floatEpochs: number
  readonly quantizedEpochs: number
  /** Pictures of an epoch: as many from each cell of class and energy bin, as far as it has them. */
  readonly epochSize: number
  /** A cell gives each of its pictures at most so often in an epoch. */
  readonly repeats: number
  readonly batch: number
  /** Largest learning rates of both; they fall to zero along a cosine. */
  readonly rate: number
  readonly quantizedRate: number
  /** keVee bin edges of the balance. */
  readonly energyEdges: readonly number[]
}

export interface CnnEpoch {
  /** 'float' for the common epochs, then 'quantized' for the network and 'final' for its twin. */
  readonly phase: string
  readonly epoch: number
  /** Cross entropy, mean over the pictures of the epoch. */
  readonly loss: number
}

/** A network and its twin in floating point, which tells what the quantization costs. */
export interface TrainedCnn {
  readonly network: RecoilCnn
  readonly float: RecoilCnn
}

/**
 * Trains with quantization in the loop: cross entropy, Adam, pictures turned and mirrored at random, classes
 * balanced in each energy bin by how often they are drawn. Network and twin share the epochs in floating point and
 * then go through equal further ones. Same data, options and Node give the same numbers.
 */
export function trainCnn(
  data: PictureData,
  options: CnnTraining,
  onEpoch: (epoch: CnnEpoch) => void = () => {},
): TrainedCnn {
  const { shape, seed, inputExponent, floatEpochs, quantizedEpochs, rate, quantizedRate } = options
  const common = new RecoilCnn(shape, inputExponent, seed, false)
  runPhase(common, data, options, { name: 'float', epochs: floatEpochs, rate }, onEpoch)
  const finish = (quantize: boolean): RecoilCnn => {
    const network = new RecoilCnn(shape, inputExponent, seed, quantize)
    const learned = common.parameters()
    network.parameters().forEach((values, p) => void values.set(learned[p]!))
    if (quantize) network.calibrate(calibrationPictures(data, options))
    runPhase(network, data, options, { name: 'final', epochs: quantizedEpochs, rate: quantizedRate }, onEpoch)
    return network
  }
  return { network: finish(true), float: finish(false) }
}

interface Phase {
  /** Names the stream of random numbers. */
  readonly name: string
  readonly epochs: number
  readonly rate: number
}

function runPhase(
  network: RecoilCnn,
  data: PictureData,
  options: CnnTraining,
  { name, epochs, rate }: Phase,
  onEpoch: (epoch: CnnEpoch) => void,
): void {
  const { shape, seed, batch } = options
  const random = new Random(seed).fork(name)
  const draw = balancedDraw(data, options, random)
  const area = shape.size ** 2
  const turned = new Uint8Array(area)
  const gradient = new Float64Array(shape.outputs)
  const adam = new Adam(network.parameters().map((values) => values.length))
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rows = draw()
    const steps = Math.ceil(rows.length / batch)
    let loss = 0
    for (let step = 0; step < steps; step++) {
      network.refresh()
      const own = rows.subarray(step * batch, (step + 1) * batch)
      for (const row of own) {
        orient(data.pictures.subarray(row * area, (row + 1) * area), random.integer(orientations), turned)
        loss += crossEntropy(network.forward(turned), data.labels[row]!, 1 / own.length, gradient)
        network.backward(gradient)
      }
      const progress = (epoch * steps + step) / (epochs * steps)
      adam.update(network.parameters(), network.gradients(), (rate * (1 + Math.cos(Math.PI * progress))) / 2)
    }
    onEpoch({ phase: network.quantize ? 'quantized' : name, epoch, loss: loss / rows.length })
  }
  network.refresh()
}

/**
 * Softmax cross entropy of one sample.
 * @param gradient receives its gradient with respect to the scores, times `weight`
 */
export function crossEntropy(
  scores: Float64Array,
  label: number,
  weight: number,
  gradient: Float64Array,
): number {
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY)
  const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0)
  for (let c = 0; c < scores.length; c++)
    gradient[c] = weight * (Math.exp(scores[c]! - largest) / total - (c === label ? 1 : 0))
  return Math.log(total) + largest - scores[label]!
}

/** How many pictures tell the scales of the activations. */
const calibrationCount = 512

function calibrationPictures(data: PictureData, options: CnnTraining): Uint8Array[] {
  const area = options.shape.size ** 2
  const rows = balancedDraw(data, options, new Random(options.seed).fork('calibration'))()
  return Array.from(rows.subarray(0, calibrationCount), (row) =>
    data.pictures.subarray(row * area, (row + 1) * area),
  )
}

/** Makes the rows of an epoch, in random order; each cell goes through all its rows before one comes again. */
function balancedDraw(
  { labels, keVee }: PictureData,
  { energyEdges, epochSize, repeats, shape }: CnnTraining,
  random: Random,
): () => Uint32Array {
  const cells = new Map<number, number[]>()
  labels.forEach((label, row) => {
    const cell = binOf(keVee[row]!, energyEdges) * shape.outputs + label
    const rows = cells.get(cell) ?? []
    rows.push(row)
    cells.set(cell, rows)
  })
  const decks = [...cells.values()].map((rows) => ({ rows, order: shuffledRows(rows.length, random), at: 0 }))
  const each = Math.ceil(epochSize / decks.length)
  return () => {
    const drawn = decks.flatMap((deck) =>
      Array.from({ length: Math.min(each, repeats * deck.rows.length) }, () => {
        if (deck.at === deck.order.length) {
          deck.order = shuffledRows(deck.rows.length, random)
          deck.at = 0
        }
        return deck.rows[deck.order[deck.at++]!]!
      }),
    )
    return shuffledRows(drawn.length, random).map((i) => drawn[i]!)
  }
}
