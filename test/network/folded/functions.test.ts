import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { splitFloat } from '../../../src/network/folded/float32-stage.ts'
import { buildFolded } from '../../../src/network/folded/index.ts'
import {
  applyFunction,
  evaluateGraph,
  GraphBuilder,
  type Rounding,
  type ScalarFunction,
} from '../../../src/network/graph/index.ts'
import { fullSpeed, runModule, simulateModule } from '../streaming/run-module.ts'

const fround = Math.fround

/**
 * Functions behind outputs that are the input times a factor: all arguments around 0, the ends, and `around`.
 * @param functions one for each output
 */
async function compare(functions: readonly ScalarFunction[], factor: number, around: readonly number[] = []) {
  const random = new Random(1)
  const builder = new GraphBuilder('functions')
  const port = { name: 'x', bits: 16, signed: true, scales: [1], zeroPoint: 0 }
  const source = builder.input(port, [1])
  const weights = new Int32Array(functions.length).fill(factor)
  const bias = new Float64Array(functions.length)
  const dense = builder.add('dense', { kind: 'dense', source, weights, bias })
  const result = builder.add('map', { kind: 'map', source: dense, functions })
  builder.output({ ...port, name: 'y', value: result })
  const graph = builder.build()
  const module = buildFolded({ graph, source, values: [dense, result], result }, { name: 'layer' })
  const dut = await simulateModule(module)
  const xs = [-32768, -32767, 32766, 32767]
  for (let x = -300; x <= 300; x++) xs.push(x)
  for (const x of around) for (const d of [-1, 0, 1]) xs.push(Math.max(-32768, Math.min(32767, x + d)))
  for (let k = 0; k < 600; k++) xs.push(random.integer(65536) - 32768)
  const tensors = xs.map((x) => [x])
  const shapes = { input: [1], output: [functions.length] }
  const run = runModule(dut, module, shapes, tensors, fullSpeed, random)
  expect(run.outputs).toEqual(tensors.map((tensor) => evaluateGraph(graph, [tensor])[0]))
}

const roundings: readonly Rounding[] = ['half-even', 'floor', 'ceil', 'up', 'down', 'half-up', 'half-down']

describe('functions behind a folded matrix', () => {
  it('rounds in every way, with a different way in each output', async () => {
    for (const shift of [1, 4])
      await compare(
        roundings.map((rounding) => ({ kind: 'round', shift, rounding, min: -1000, max: 900 })),
        1,
      )
  })

  it('multiplies, adds, shifts and clamps', async () => {
    await compare(
      [
        { kind: 'multiply-shift', multiply: 1234567, add: -98765, shift: 20, min: -128, max: 127 },
        { kind: 'multiply-shift', multiply: -3, add: 5, shift: 1, min: -1e6, max: 1e6 },
        { kind: 'affine', multiply: -17, add: 12345 },
        { kind: 'round', shift: -3, rounding: 'half-even', min: -5000, max: 200_000 },
      ],
      3,
    )
  })

  it('finds thresholds in its tree to the last one, up to 255 of them', async () => {
    const random = new Random(3)
    const list = (count: number): Float64Array =>
      Float64Array.from({ length: count }, () => random.integer(65536) - 32768).sort()
    const functions = [255, 200, 1, 0].map((count) => ({
      kind: 'thresholds' as const,
      thresholds: list(count),
      outputs: Float64Array.from({ length: count + 1 }, () => random.integer(512) - 256),
    }))
    await compare(functions, 1, functions.flatMap((f) => [...f.thresholds]).slice(0, 400))
  })

  it('reads tables, and their ends beyond them', async () => {
    const random = new Random(4)
    const functions = [100, 37, 1].map((count, k) => ({
      kind: 'table' as const,
      first: k * 50 - 60,
      outputs: Float64Array.from({ length: count }, () => random.integer(200) - 100),
    }))
    await compare(functions, 1)
  })

  it('is float32 arithmetic to the bit, with sums beyond 2^24 and ties', async () => {
    const scales = [0.1, 2 ** -9, 0.0123456, 3.5e-5, 1e-9, 1e-42, 1e30, 77.7, 0.5, fround(1 / 3)]
    const functions = scales.map((multiplier, k) => ({
      kind: 'float32-scale' as const,
      multiplier: fround(multiplier),
      zeroPoint: (k % 3) * 7 - 7,
      min: -128,
      max: 127,
    }))
    for (const factor of [1, 3, 2 ** 20 + 1]) await compare(functions, factor)
    const wide = functions.map((f) => ({ ...f, min: -(2 ** 31), max: 2 ** 31 - 1 }))
    await compare(wide, 2 ** 20 + 1)
  })

  it('takes floats apart exactly', () => {
    for (const x of [1, 0.1, 2 ** -149, fround(1e-42), 3.4e38]) {
      const { significand, exponent } = splitFloat(fround(x))
      expect(Number.isInteger(significand) && significand >= 2 ** 23 && significand < 2 ** 24).toBe(true)
      expect(significand * 2 ** exponent).toBe(fround(x))
    }
    expect(() => splitFloat(0)).toThrow(/multiplier/)
  })

  it('refuses functions of several kinds in one layer', async () => {
    const kinds: ScalarFunction[] = [
      { kind: 'affine', multiply: 1, add: 0 },
      { kind: 'table', first: -32768, outputs: new Float64Array(65536) },
    ]
    expect(applyFunction(kinds[1]!, 0)).toBe(0)
    await expect(compare(kinds, 1)).rejects.toThrow(/several kinds/)
  })
})
