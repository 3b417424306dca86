import { describe, expect, it } from 'vitest'
import { buildDenseModel, importNetwork, simplifyGraph } from '../../src/network/index.ts'
import { evaluateRows } from './evaluate-rows.ts'
import { carrierRanges, randomInputs, randomSpec, recoilSpec } from './random-network.ts'

/** clamp(round half even(acc / 2^shift)) in big integers, written the long way. */
function requantize(acc: bigint, shift: number, min: bigint, max: bigint): bigint {
  let q = acc << BigInt(Math.max(0, -shift))
  if (shift > 0) {
    const unit = 1n << BigInt(shift)
    const rest = BigInt.asUintN(shift, acc)
    const floor = (acc - rest) / unit
    const up = 2n * rest > unit || (2n * rest === unit && floor % 2n !== 0n)
    q = up ? floor + 1n : floor
  }
  return q < min ? min : q > max ? max : q
}

describe('dense networks', () => {
  it('equal arithmetic in big integers, before and after simplification', () => {
    for (let seed = 500; seed < 560; seed++) {
      const spec = randomSpec(seed)
      const { graph, certificate } = importNetwork(buildDenseModel(spec), { oracle: 'qdq-float' })
      expect(certificate.class).toBe('A')
      const inputs = spec.layers[0]!.inputs
      const x = randomInputs(spec, 20, seed)
      const expected: bigint[] = []
      for (let row = 0; row < 20; row++) {
        let values = Array.from(x.subarray(row * inputs, (row + 1) * inputs), BigInt)
        let exponent = spec.inputExponent
        for (const layer of spec.layers) {
          const [low, high] = carrierRanges[layer.outputType].map(BigInt) as [bigint, bigint]
          const [least, most] = (layer.clip ?? [low, high]).map(BigInt) as [bigint, bigint]
          const shift = layer.outputExponent - exponent - layer.weightExponent
          exponent = layer.outputExponent
          const from = values
          values = Array.from(layer.bias, (bias, j) => {
            const acc = from.reduce(
              (sum, v, i) => sum + v * BigInt(layer.weights[j * layer.inputs + i]!),
              BigInt(bias),
            )
            const rectified = layer.relu && acc < 0n ? 0n : acc
            const clipped = requantize(rectified, shift, least, most)
            return clipped < low ? low : clipped > high ? high : clipped
          })
        }
        expected.push(...values)
      }
      for (const one of [graph, simplifyGraph(graph)])
        expect(Array.from(evaluateRows(one, x, 20), BigInt)).toEqual(expected)
    }
  })

  it('have a certificate with the bound of every partial sum, in any order', () => {
    const spec = recoilSpec(8)
    const { perNode } = importNetwork(buildDenseModel(spec)).certificate
    const { weights, bias } = spec.layers[0]!
    const bounds = Array.from(bias, (b, j) =>
      weights.subarray(9 * j, 9 * j + 9).reduce((sum, w) => sum + Math.abs(w) * 128, Math.abs(b)),
    )
    expect(perNode.find(({ operator }) => operator === 'Gemm')!.bound).toBe(Math.max(...bounds))
  })
})
