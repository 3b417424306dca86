import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import type { StreamFormat } from '../../../src/network/hardware/hardware-module.ts'
import { buildAdapter, buildFifo } from '../../../src/network/streaming/index.ts'
import { fullSpeed, type Pace, runModule, simulateModule } from './run-module.ts'

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
const paces: readonly Pace[] = [
  { source: 0.39, sink: 0.39 },
  { source: 0, sink: 0.78, between: 5 },
]

function tensorOf(random: Random, format: StreamFormat, length: number): Float64Array {
  const span = 2 ** format.bits
  return Float64Array.from({ length }, () => random.integer(span) - (format.signed ? span / 2 : 0))
}

describe('buildAdapter', () => {
  it('keeps every element through random beats, lanes and widths at every pace', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 0x7fffffff }), async (seed) => {
        const random = new Random(seed)
        const channels = 1 + random.integer(4)
        const pixels = 1 + random.integer(6)
        const elements = channels * pixels
        const cut = 1 + random.integer(elements)
        const formats = [
          { beats: 1, lanes: elements },
          { beats: pixels, lanes: channels },
          { beats: Math.ceil(elements / cut), lanes: cut },
        ]
        const bits = 1 + random.integer(9)
        const signed = random.integer(2) === 0
        const wider = random.integer(4)
        const from = { ...pick(random, formats), bits, signed }
        const to =
          random.integer(2) === 0
            ? { ...pick(random, formats), bits: bits + wider, signed }
            : { ...pick(random, formats), bits: bits + wider + 1, signed: true }
        const shape = [channels, pixels, 1]
        const module = buildAdapter(from, to, { name: 'adapter', shape })
        const dut = await simulateModule(module)
        const tensors = Array.from({ length: 5 }, () => tensorOf(random, from, elements))
        for (const pace of [fullSpeed, pick(random, paces), fullSpeed]) {
          const run = runModule(dut, module, { input: shape, output: shape }, tensors, pace, random)
          expect(run.outputs).toEqual(tensors)
          if (pace !== fullSpeed) continue
          expect(run.made[0]! - run.taken[0]!, 'latency').toBe(module.latency)
          expect(run.made[4]! - run.made[3]!, 'interval').toBe(module.interval)
        }
      }),
      { numRuns: 30, seed: 1 },
    )
  })

  it('makes row-major vectors from pictures and back when no shape is given', async () => {
    const random = new Random(2)
    const stream = { beats: 6, lanes: 2, bits: 4, signed: true }
    const vector = { beats: 1, lanes: 12, bits: 4, signed: true }
    for (const [from, to] of [
      [stream, vector],
      [vector, stream],
    ] as const) {
      const module = buildAdapter(from, to, { name: 'adapter' })
      const tensors = [tensorOf(random, from, 12), tensorOf(random, from, 12)]
      const shape = [2, 3, 2]
      const dut = await simulateModule(module)
      const run = runModule(dut, module, { input: shape, output: shape }, tensors, fullSpeed, random)
      expect(run.outputs).toEqual(tensors)
    }
  })

  it.each([
    ['fewer bits', { bits: 3 }],
    ['an unsigned target for signed lanes', { signed: false }],
    ['too few lanes', { lanes: 5 }],
  ])('refuses %s', (_, change) => {
    const from = { beats: 1, lanes: 6, bits: 4, signed: true }
    expect(() => buildAdapter(from, { ...from, ...change }, { name: 'adapter' })).toThrow(/does not fit/)
  })
})

describe('buildFifo', () => {
  it.each([1, 2, 5, 16])('gives what it got at every pace, %i beats deep', async (depth) => {
    const random = new Random(depth)
    const format = { beats: 7, lanes: 3, bits: 5, signed: true }
    const module = buildFifo(format, depth, { name: 'buffer' })
    const dut = await simulateModule(module)
    const shape = [3, 7, 1]
    const tensors = Array.from({ length: 6 }, () => tensorOf(random, format, 21))
    for (const pace of [fullSpeed, ...paces, fullSpeed]) {
      const run = runModule(dut, module, { input: shape, output: shape }, tensors, pace, random)
      expect(run.outputs).toEqual(tensors)
      if (pace !== fullSpeed) continue
      expect(run.made[0]! - run.taken[0]!, 'latency').toBe(module.latency)
      expect(run.made[5]! - run.made[4]!, 'interval').toBe(module.interval)
    }
  })

  it('takes as many beats as it promises while nobody takes any', async () => {
    const module = buildFifo({ beats: 1, lanes: 1, bits: 8, signed: false }, 9, { name: 'buffer' })
    const dut = await simulateModule(module)
    dut.in.s_axis_tvalid = 1
    let taken = 0
    for (let clock = 0; clock < 40; clock++) {
      taken += Number(dut.out.s_axis_tready)
      await dut.clock()
    }
    expect(taken).toBeGreaterThanOrEqual(9)
  })

  it('refuses depths that are none', () => {
    const format = { beats: 1, lanes: 1, bits: 8, signed: false }
    for (const depth of [0, -1, 1.5, 2 ** 21])
      expect(() => buildFifo(format, depth, { name: 'buffer' })).toThrow(/cannot hold/)
  })
})
