import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { balancedWeights, binOf, splitData } from '../../models/training/data.ts'
import { fakeQuantize } from '../../models/training/fake-quantize.ts'
import { crossEntropy, dense } from '../../models/training/gradients.ts'
import { QuantizedMlp } from '../../models/training/quantized-mlp.ts'
import { countParameters } from '../../models/training/report.ts'
import { accuracy, nuclearMinusElectron, scoreAll, scoreByEnergy } from '../../models/training/score.ts'
import { toyRecoils } from '../../models/training/toy.ts'
import { trainRecoilNetwork } from '../../models/training/train.ts'
import { Random } from '../../src/core/random.ts'
import { buildDenseModel, importNetwork, readOnnx } from '../../src/network/index.ts'
import { evaluateRows } from './evaluate-rows.ts'

describe('training', () => {
  it('learns the toy classes, at every energy', () => {
    const [test, train] = splitData(toyRecoils(8000, 1), [0.3], 2)
    const { network, onnx, history } = trainRecoilNetwork(train!, { epochs: 24, seed: 3 })
    const { values } = network.graph
    const sizes = values.filter(({ operation }) => operation.kind === 'dense').map(({ shape }) => shape[0])
    expect(sizes).toEqual([10, 7, 3])
    expect(countParameters(network.graph)).toBe(201)
    expect(history.length).toBe(24)
    expect(history.at(-1)!.quantized).toBe(true)
    expect(history.at(-1)!.validationLoss).toBeLessThan(0.5 * history[0]!.validationLoss)
    expect(readOnnx(onnx).metadata.get('seed')).toBe('3')
    const scores = scoreAll(network.graph, test!)
    expect(accuracy(scores, test!.labels)).toBeGreaterThan(0.88)
    const bins = scoreByEnergy(test!, nuclearMinusElectron(scores), [3, 5, 8, 12, 20, 35])
    expect(bins.length).toBe(5)
    for (const bin of bins) expect(bin.auc.value).toBeGreaterThan(0.98)
  })

  it('gives the same bytes for the same seed and others for another', () => {
    const data = toyRecoils(600, 4)
    const bytes = (seed: number) => Buffer.from(trainRecoilNetwork(data, { epochs: 4, seed }).onnx)
    expect(bytes(1).equals(bytes(1))).toBe(true)
    expect(bytes(1).equals(bytes(2))).toBe(false)
  })

  it('runs the exported integers in its forward pass', () => {
    const random = new Random(5)
    const mlp = new QuantizedMlp([9, 10, 7, 3], -5, 6)
    for (const values of mlp.parameters())
      for (let i = 0; i < values.length; i++) values[i]! += 0.3 * random.normal()
    const features = Int8Array.from({ length: 500 * 9 }, () => random.integer(256) - 128)
    const x = Float32Array.from(features, (v) => v / 32)
    mlp.calibrate(x, 500)
    const { graph } = importNetwork(buildDenseModel(mlp.specification('test', {})))
    const scores = evaluateRows(graph, features, 500)
    const forward = tf.tidy(() => mlp.forward(tf.tensor2d(x, [500, 9]), mlp.tensors()).dataSync())
    const expected = Array.from(scores, (score) => score * graph.outputs[0]!.scales[0]!)
    expect(Array.from(forward)).toEqual(expected)
  })
})

describe('gradients', () => {
  it('of dense and crossEntropy agree with differences', () => {
    const random = new Random(7)
    const normal = (n: number) => Float32Array.from({ length: n }, () => random.normal())
    const [x, w, b, v] = [normal(12), normal(20), normal(5), normal(15)]
    const labels = Uint8Array.of(0, 1, 2)
    const weights = Float32Array.of(1, 2, 0.5)
    const loss = (wt: tf.Tensor, bt: tf.Tensor, vt: tf.Tensor): tf.Scalar => {
      const hidden = dense(tf.tensor2d(x, [3, 4]), wt as tf.Tensor2D, bt as tf.Tensor1D, true)
      return crossEntropy(dense(hidden, vt as tf.Tensor2D, tf.zeros([3]), false), labels, weights)
    }
    const tensors = () => [tf.tensor2d(w, [4, 5]), tf.tensor1d(b), tf.tensor2d(v, [5, 3])]
    const { grads } = tf.valueAndGrads((...t: tf.Tensor[]) => loss(t[0]!, t[1]!, t[2]!))(tensors())
    ;[w, b, v].forEach((values, p) => {
      const gradient = grads[p]!.dataSync()
      for (let i = 0; i < values.length; i++) {
        const old = values[i]!
        const at = (step: number): number => {
          values[i] = old + step
          const [wt, bt, vt] = tensors() as [tf.Tensor, tf.Tensor, tf.Tensor]
          return loss(wt, bt, vt).dataSync()[0]!
        }
        const slope = (at(0.005) - at(-0.005)) / 0.01
        values[i] = old
        expect(gradient[i]).toBeCloseTo(slope, 2)
      }
    })
  })

  it('pass through rounding inside the range and stop outside', () => {
    const values = tf.tensor2d([[-9, -0.3, 0.3, 0.75, 99]])
    const y = fakeQuantize(values, -1, -2, 4)
    expect(Array.from(y.dataSync())).toEqual([-1, -0.5, 0.5, 1, 2])
    const { grads } = tf.valueAndGrads((t: tf.Tensor) => {
      const q = fakeQuantize(t, -1, -2, 4) as tf.Tensor2D
      return dense(q, tf.ones([5, 1]), tf.zeros([1]), false)
    })([values])
    expect(Array.from(grads[0]!.dataSync())).toEqual([0, 1, 1, 1, 0])
  })
})

describe('balance', () => {
  it('gives each class the same weight in each energy bin', () => {
    const data = toyRecoils(6000, 8)
    const edges = [3, 10]
    const weights = balancedWeights(data, edges)
    const sums = new Float64Array(9)
    weights.forEach((weight, i) => {
      sums[binOf(data.keVee[i]!, edges) * 3 + data.labels[i]!]! += weight
    })
    for (const sum of sums) expect(sum).toBeCloseTo(6000 / 9, 1)
  })
})
