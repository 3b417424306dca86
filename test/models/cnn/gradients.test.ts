import { describe, expect, it } from 'vitest'
import { RecoilCnn } from '../../../models/cnn/recoil-cnn.ts'
import { crossEntropy } from '../../../models/cnn/train.ts'
import { Random } from '../../../src/core/random.ts'

const shape = { size: 8, channels: [3, 2], hidden: [4], outputs: 3 } as const

describe('the gradients of the convolutional network', () => {
  it('are the slopes of the loss in every parameter', () => {
    const random = new Random(3)
    const picture = Uint8Array.from({ length: 64 }, () => random.integer(256))
    const network = new RecoilCnn(shape, -6, 7, false)
    for (const parameters of network.parameters())
      for (let i = 0; i < parameters.length; i++) parameters[i]! += 0.05 * random.normal()
    const gradient = new Float64Array(3)
    const loss = (): number => {
      network.refresh()
      return crossEntropy(network.forward(picture), 1, 2, gradient) * 2
    }
    loss()
    network.backward(gradient)
    const slopes = network.gradients().map((values) => values.slice())
    const step = 2 ** -12
    network.parameters().forEach((parameters, p) => {
      for (let i = 0; i < parameters.length; i++) {
        const before = parameters[i]!
        parameters[i] = before + step
        const above = loss()
        parameters[i] = before - step
        const below = loss()
        parameters[i] = before
        expect(slopes[p]![i], `parameter ${i} of ${p}`).toBeCloseTo((above - below) / (2 * step), 2)
      }
    })
    expect(slopes.every((values) => values.some((slope) => slope !== 0))).toBe(true)
  })
})
