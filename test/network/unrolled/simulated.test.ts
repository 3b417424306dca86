import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { buildUnrolled } from '../../../src/network/unrolled/index.ts'
import { paces } from '../../support/stage.ts'
import { functionSegment, randomInput, randomSegment } from './random-segment.ts'
import { compiled, expectedWords, measuredLatency, simulated } from './stream.ts'

const lanes = 24

describe('unrolled modules in the simulator', () => {
  it.each(Array.from({ length: 24 }, (_, k) => k + 100))(
    'random segment %i equals the graph at every pace, with the stated latency',
    async (seed) => {
      const random = new Random(seed)
      const segment = randomSegment(random)
      const module = buildUnrolled(segment, { name: 'dut', levelsPerStage: 1 + random.integer(3) })
      const design = await compiled(module)
      const inputs = Array.from({ length: 40 }, () => randomInput(segment, random))
      const words = expectedWords(segment, module, inputs)
      for (const pauses of paces) expect(simulated(design, module, inputs, pauses, random)).toEqual(words)
      expect(measuredLatency(design)).toBe(module.latency)
    },
  )

  it.each(
    [1, 2, 3, 5, 8, 11, 16].flatMap((bits) => [
      { bits, signed: true },
      { bits, signed: false },
    ]),
  )('functions of $bits bits (signed: $signed) are exact', async ({ bits, signed }) => {
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
    expect(simulated(design, module, inputs, paces[0]!, random)).toEqual(words)
  })
})
