import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { GraphBuilder } from '../../../src/network/graph/index.ts'
import { buildUnrolled } from '../../../src/network/unrolled/index.ts'
import { paces } from '../../support/paces.ts'
import { functionSegment, randomInput, randomSegment } from './random-segment.ts'
import { compiled, expectedWords, measuredLatency, simulated } from './stream.ts'

const lanes = 16

describe('unrolled modules in the simulator', () => {
  it.each(Array.from({ length: 18 }, (_, k) => k + 100))(
    'random segment %i equals the graph at every pace, with the stated latency',
    async (seed) => {
      const random = new Random(seed)
      const segment = randomSegment(random)
      const module = buildUnrolled(segment, { name: 'dut', levelsPerStage: 1 + random.integer(3) })
      const design = await compiled(module)
      const inputs = Array.from({ length: 40 }, () => randomInput(segment, random))
      const words = expectedWords(segment, module, inputs)
      for (const pace of paces) expect(await simulated(design, module, inputs, pace)).toEqual(words)
      expect(await measuredLatency(design)).toBe(module.latency)
    },
  )

  it('keeps a large table in a memory with a register, also in the middle of a pipeline', async () => {
    const random = new Random(3)
    const builder = new GraphBuilder('memory')
    const port = { name: 'x', bits: 12, signed: true, scales: [1], zeroPoint: 0 }
    const source = builder.input(port, [3])
    const outputs = Float64Array.from({ length: 4096 }, () => random.integer(256) - 128)
    const table = builder.add('table', {
      kind: 'map',
      source,
      functions: [{ kind: 'table', first: -2048, outputs }],
    })
    const weights = Int32Array.of(3, -5, 7)
    const sum = builder.add('sum', { kind: 'dense', source: table, weights, bias: Float64Array.of(9) })
    const value = builder.add('both', { kind: 'concat', sources: [table, sum], axis: 0 })
    builder.output({ ...port, name: 'y', value })
    const graph = builder.build()
    for (const segment of [
      { graph, source, values: [table], result: table },
      { graph, source, values: [table, sum, value], result: value },
    ]) {
      const module = buildUnrolled(segment, { name: 'dut' })
      expect(module.resources.brams).toBeGreaterThan(0)
      const design = await compiled(module)
      const inputs = Array.from({ length: 60 }, () => randomInput(segment, random))
      const words = expectedWords(segment, module, inputs)
      for (const pace of paces) expect(await simulated(design, module, inputs, pace)).toEqual(words)
      expect(await measuredLatency(design)).toBe(module.latency)
    }
  })

  it.each([
    { bits: 1, signed: true },
    { bits: 1, signed: false },
    { bits: 2, signed: false },
    { bits: 3, signed: true },
    { bits: 6, signed: false },
    { bits: 8, signed: true },
    { bits: 11, signed: false },
    { bits: 14, signed: true },
    { bits: 16, signed: true },
    { bits: 16, signed: false },
  ])('functions of $bits bits (signed: $signed) are exact', async ({ bits, signed }) => {
    const random = new Random(bits * 2 + Number(signed))
    const segment = functionSegment(random, bits, signed, lanes)
    const module = buildUnrolled(segment, { name: 'dut' })
    const design = await compiled(module)
    const lowest = signed ? -(2 ** (bits - 1)) : 0
    const count = 2 ** Math.min(bits, 9)
    const even = Array.from({ length: count }, (_, k) =>
      new Float64Array(lanes).fill(lowest + Math.floor((k * 2 ** bits) / count)),
    )
    const inputs = [...even, ...Array.from({ length: 200 }, () => randomInput(segment, random))]
    const words = expectedWords(segment, module, inputs)
    expect(await simulated(design, module, inputs, paces[0]!)).toEqual(words)
  })
})
