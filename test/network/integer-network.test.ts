import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import {
  buildDenseModel,
  evaluate,
  formatRange,
  importDense,
  makeScores,
  requantize,
} from '../../src/network/index.ts'
import { randomInputs, randomSpec, recoilSpec } from './random-network.ts'

/** clamp(round half even(acc / 2^shift)) in exact integers, written the long way. */
function reference(acc: bigint, shift: number, min: number, max: number): number {
  let q = acc << BigInt(Math.max(0, -shift))
  if (shift > 0) {
    const unit = 1n << BigInt(shift)
    const rest = BigInt.asUintN(shift, acc)
    const floor = (acc - rest) / unit
    const up = 2n * rest > unit || (2n * rest === unit && floor % 2n !== 0n)
    q = up ? floor + 1n : floor
  }
  return Math.max(min, Math.min(max, Number(q)))
}

describe('requantize', () => {
  it('is round half to even for every shift, at ties, next to ties and at the limits', () => {
    const random = new Random(1)
    const limit = 2 ** 24 - 1
    const wrong: number[][] = []
    for (let shift = -6; shift <= 24; shift++) {
      const half = shift > 0 ? 2 ** (shift - 1) : 1
      const values = [0, limit, -limit]
      for (let k = 0; k < 2000; k++) {
        const tie = (random.integer(4001) - 2000) * half
        values.push(tie - 1, tie, tie + 1, random.integer(2 * limit + 1) - limit)
      }
      for (const acc of values) {
        if (Math.abs(acc) > limit) continue
        for (const [min, max] of [
          [-(2 ** 31), 2 ** 31],
          [-7, 100],
        ] as const)
          if (requantize(acc, shift, min, max) !== reference(BigInt(acc), shift, min, max))
            wrong.push([acc, shift, min, max])
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('evaluate', () => {
  it('equals arithmetic in big integers, for random networks', () => {
    for (let seed = 500; seed < 560; seed++) {
      const spec = randomSpec(seed)
      const network = importDense(buildDenseModel(spec))
      const x = randomInputs(spec, 20, seed)
      const scores = makeScores(network, 20)
      for (let r = 0; r < 20; r++) {
        evaluate(network, x, scores, r * network.inputs, r * network.outputs)
        let values = Array.from(x.subarray(r * network.inputs, (r + 1) * network.inputs), BigInt)
        for (const { inputs, weights, bias, shift, min, max } of network.layers)
          values = Array.from(bias, (b, j) => {
            const acc = values.reduce((sum, v, i) => sum + v * BigInt(weights[j * inputs + i]!), BigInt(b))
            return BigInt(reference(acc, shift, min, max))
          })
        expect(Array.from(scores.subarray(r * network.outputs, (r + 1) * network.outputs), BigInt)).toEqual(
          values,
        )
      }
    }
  })

  it('keeps every partial sum inside the certified bound, and meets it', () => {
    const spec = recoilSpec(8)
    const network = importDense(buildDenseModel(spec))
    const layer = network.layers[0]!
    const { accumulatorBounds } = network.certificate.layers[0]!
    // The worst input of output 0: largest size, with the sign of weight and bias.
    const sign = Math.sign(layer.bias[0]!) || 1
    let acc = layer.bias[0]!
    for (let i = 0; i < 9; i++) acc += sign * Math.abs(layer.weights[i]!) * 128
    expect(Math.abs(acc)).toBe(accumulatorBounds[0])
  })
})

describe('formatRange', () => {
  it('knows the integer types', () => {
    expect(formatRange({ bits: 8, signed: true })).toEqual([-128, 127])
    expect(formatRange({ bits: 16, signed: false })).toEqual([0, 65535])
  })
})
