import { describe, expect, it } from 'vitest'
import { cnnOnnx } from '../../../models/cnn/build-onnx.ts'
import { cnnHardware } from '../../../models/cnn/hardware.ts'
import { runtimeScores, trainedScores } from '../../../models/cnn/score-pictures.ts'
import { type CnnTraining, trainCnn } from '../../../models/cnn/train.ts'
import { SimulatedNetwork } from '../../../sim/network/simulated-network.ts'
import { evaluateGraph, importNetwork, readOnnx } from '../../../src/network/index.ts'
import { toyPictures } from './toy-pictures.ts'

const size = 8
const training: CnnTraining = {
  shape: { size, channels: [2, 3], hidden: [5], outputs: 3 },
  seed: 4,
  inputExponent: -6,
  floatEpochs: 8,
  quantizedEpochs: 3,
  epochSize: 600,
  repeats: 2,
  batch: 16,
  rate: 0.01,
  quantizedRate: 0.002,
  energyEdges: [30],
}
const train = toyPictures(600, size, 1)
const test = toyPictures(300, size, 2)
const accuracy = (scores: ArrayLike<number>): number =>
  test.labels.filter((label, i) => {
    const own = [0, 1, 2].map((c) => scores[3 * i + c]!)
    return own[label] === Math.max(...own)
  }).length / test.labels.length

describe('training', () => {
  const losses: number[] = []
  const { network, float } = trainCnn(train, training, ({ loss }) => void losses.push(loss))

  it('learns the toy, quantized as well as in floating point', () => {
    expect(losses[0]!).toBeGreaterThan(2 * losses.at(-1)!)
    const reached = accuracy(trainedScores(float, test.pictures))
    expect(reached).toBeGreaterThan(0.9)
    expect(accuracy(trainedScores(network, test.pictures))).toBeGreaterThan(reached - 0.03)
  })

  it('follows from the seed', () => {
    const again = cnnOnnx(trainCnn(train, training).network, 'toy')
    expect(again).toEqual(cnnOnnx(network, 'toy'))
    expect(cnnOnnx(trainCnn(train, { ...training, seed: 5 }).network, 'toy')).not.toEqual(again)
  })

  it('gives a file whose scores are the same in training, specification, ONNX Runtime and Verilog', async () => {
    const onnx = cnnOnnx(network, 'toy')
    const { graph, certificate } = importNetwork(readOnnx(onnx), { oracle: 'qdq-float' })
    expect(certificate.class).toBe('A')
    const pictures = Uint8Array.from([
      ...new Uint8Array(size * size),
      ...new Uint8Array(size * size).fill(255),
      ...test.pictures.subarray(0, 100 * size * size),
    ])
    const rows = Array.from({ length: pictures.length / size ** 2 }, (_, i) =>
      pictures.subarray(i * size ** 2, (i + 1) * size ** 2),
    )
    const expected = Array.from((await runtimeScores(onnx, pictures, size)).scores)
    expect(new Set(expected).size).toBeGreaterThan(50)
    expect(rows.flatMap((row) => Array.from(evaluateGraph(graph, [row])[0]!))).toEqual(expected)
    const unit = graph.outputs[0]!.scales[0]!
    expect(Array.from(trainedScores(network, pictures), (score) => score / unit)).toEqual(expected)
    const { module, layers } = await cnnHardware(onnx)
    expect(layers.slice(0, 3).every(({ architecture }) => architecture === 'streaming')).toBe(true)
    const simulated = await SimulatedNetwork.open(module, [1, size, size], [3])
    for (const behaviour of [{}, { bubbles: 0.2, stalls: 0.3 }]) {
      const { outputs } = simulated.run(rows, behaviour)
      expect(outputs.flatMap((scores) => Array.from(scores))).toEqual(expected)
    }
  })
})
