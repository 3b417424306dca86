import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Dut,
  Simulation,
  type SimulationObserver,
  type StreamOptions,
} from '../../../../sim/verilog/index.ts'
import { start } from './start.ts'

/** Hears everything, and so makes a stream go cycle by cycle. */
const listener: SimulationObserver = { run() {}, settle() {}, poke() {}, reset() {}, close() {} }

const inside = (dut: Dut, options: StreamOptions) => outcome(dut, options, undefined)
const byCycles = (dut: Dut, options: StreamOptions) => outcome(dut, options, listener)

function powerOn(dut: Dut): void {
  dut.reset()
  if (!dut.simulation.ports.has('rst')) return
  dut.in['rst'] = 1
  dut.run(1)
  dut.in['rst'] = 0
}

/** All that a stream tells, or its error, and the design's state after it. */
function outcome(dut: Dut, options: StreamOptions, observer: SimulationObserver | undefined): unknown {
  powerOn(dut)
  dut.simulation.observer = observer
  try {
    const { cycles, sources, sinks } = dut.stream(options)
    const given = sinks.map(({ columns, times }) => ({ columns, times }))
    return { cycles, sources, sinks: given, time: dut.time, out: { ...dut.out }, in: { ...dut.in } }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { code, message, time: dut.time, out: { ...dut.out } }
  } finally {
    dut.simulation.observer = undefined
  }
}

describe('a stream', () => {
  it('feeds and drains whole arrays', async () => {
    const dut = await start('hdl/trigger/skid_buffer.sv')
    powerOn(dut)
    const items = Uint8Array.from({ length: 1000 }, (_, i) => i * 7)
    const free = dut.stream({ source: 's', sink: 'm', items, count: 1000, drain: 0 })
    expect(free.data).toEqual(Uint32Array.from(items))
    expect([free.cycles, free.times[0], free.sources[0]!.times[0]]).toEqual([1001, 1, 0])
    const paused = dut.stream({ source: 's', sink: 'm', items, stall: 0.5, seed: 3 })
    expect(paused.data).toEqual(free.data)
    expect(paused.cycles).toBeGreaterThan(2500)
    expect([dut.in['s_tvalid'], dut.in['m_tready'], dut.time]).toEqual([
      0,
      0,
      1 + free.cycles + paused.cycles,
    ])
  })

  it('takes columns, rows and constants, and gives signed ports signed', async () => {
    const dut = await start('pair_adder.sv')
    const wide = [1n << 70n, 2n, 3n]
    const result = dut.stream({
      source: [
        { port: 'a', items: Int8Array.of(-1, 2, -128), stall: 0.4 },
        { port: 'b', items: { b_data: wide } },
      ],
      sink: [
        { port: 'sum', count: 3 },
        { port: 'less', stall: 0.5 },
      ],
      seed: 5,
    })
    expect(result.data).toEqual([(1n << 70n) - 1n, 4n, BigInt.asUintN(72, -125n)])
    expect(result.sinks[1]!.data).toEqual(Int32Array.of(-4, -1, -131))
    const packets = await start('packet_fifo.sv')
    powerOn(packets)
    const rows = [
      [7, 15, 0, 1],
      [8, 1, 1, 1],
    ]
    const sent = packets.stream({ source: 's_axis', sink: 'm_axis', items: rows })
    expect(Object.keys(sent.columns)).toEqual([
      'm_axis_tdata',
      'm_axis_tkeep',
      'm_axis_tlast',
      'm_axis_tuser',
    ])
    expect(sent.rows()).toEqual(rows)
    const columns = { s_axis_tdata: [1, 2, 3], s_axis_tkeep: 15, s_axis_tlast: [0, 0, 1], s_axis_tuser: 9 }
    expect(packets.stream({ source: 's_axis', sink: 'm_axis', items: columns }).rows()[2]).toEqual([
      3, 15, 1, 9,
    ])
  })

  it('does in WebAssembly exactly what it does cycle by cycle', async () => {
    const duts = [
      await start('pair_adder.sv'),
      await start('packet_fifo.sv'),
      await start('packet_fifo.sv', { parameters: { BUG: 3 } }),
    ]
    const stall = fc.constantFrom(0, 0.2, 0.9)
    const pace = fc.record({ a: stall, b: stall, c: stall, d: stall })
    fc.assert(
      fc.property(
        pace,
        fc.integer({ min: 0, max: 2 }),
        fc.array(fc.integer({ min: -128, max: 127 }), { maxLength: 60 }),
        fc.record({
          seed: fc.integer(),
          rubbish: fc.boolean(),
          drain: fc.nat(20),
          patience: fc.constantFrom(3, 200),
          limit: fc.constantFrom(50, 5000),
        }),
        ({ a, b, c, d }, which, values, options) => {
          const wide = values.map((value) => BigInt(value) ** 9n)
          const pair = {
            source: [
              { port: 'a', items: values, stall: a },
              { port: 'b', items: wide, stall: b },
            ],
            sink: [
              { port: 'sum', stall: c, count: values.length },
              { port: 'less', stall: d },
            ],
          }
          const items = { s_axis_tdata: values, s_axis_tkeep: 3, s_axis_tlast: 0, s_axis_tuser: 1 }
          const fifo = {
            source: 's_axis',
            sink: 'm_axis',
            items,
            stall: { source: a, sink: b },
            count: values.length,
          }
          const stream = { ...(which === 0 ? pair : fifo), ...options }
          expect(inside(duts[which]!, stream)).toEqual(byCycles(duts[which]!, stream))
        },
      ),
      { numRuns: 80, seed: 1 },
    )
  })

  it('may be longer than the window', async () => {
    const dut = await start('hdl/trigger/skid_buffer.sv')
    const items = Uint8Array.from({ length: 70_000 }, (_, i) => i ^ (i >> 8))
    const options = { source: 's', sink: 'm', items, stall: 0.1, count: items.length }
    const result = inside(dut, options) as { sinks: { columns: Record<string, Uint32Array> }[] }
    expect(isDeepStrictEqual(result.sinks[0]!.columns['m_tdata'], Uint32Array.from(items))).toBe(true)
    expect(isDeepStrictEqual(result, byCycles(dut, options))).toBe(true)
  })

  it('is told to an observer that can replay it', async () => {
    const dut = await start('packet_fifo.sv')
    let replay = (_: Simulation) => {}
    dut.simulation.observer = {
      ...listener,
      stream: (again) => {
        replay = again
      },
    }
    const items = { s_axis_tdata: [1, 2, 3, 4, 5], s_axis_tkeep: 1, s_axis_tlast: 1, s_axis_tuser: 0 }
    dut.stream({ source: 's_axis', sink: 'm_axis', items, stall: 0.6, drain: 1 })
    const other = new Simulation(dut.simulation.design)
    replay(other)
    expect(other.cycle).toBe(dut.time)
    for (const name of other.ports.keys()) expect(other.get(name)).toBe(dut.simulation.get(name))
  })

  it('works on one clock of several, beside a process', async () => {
    const dut = await start('hdl/trigger/skid_buffer.sv', { clocks: { clk: { period: 8, phase: 3 } } })
    powerOn(dut)
    let edges = 0
    dut.process({ drive: () => edges++ })
    const { data, cycles } = dut.stream({
      source: 's',
      sink: 'm',
      items: [1, 2, 3],
      stall: 0.3,
      clock: 'clk',
    })
    expect(data).toEqual(Uint32Array.of(1, 2, 3))
    expect(edges).toBe(cycles)
    expect(dut.time).toBe(3 + 8 * cycles)
  })
})

describe('a stream refuses', () => {
  const send = async (options: Partial<StreamOptions>, bug = 0) => {
    const dut = await start('packet_fifo.sv', { parameters: { BUG: bug } })
    const items = { s_axis_tdata: [1, 2, 3], s_axis_tkeep: 15, s_axis_tlast: 0, s_axis_tuser: 0 }
    return () => dut.stream({ source: 's_axis', sink: 'm_axis', items, ...options })
  }
  const error = (code: string, text: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(text) })

  it.each([
    [2, 'item 0 was withdrawn (m_axis_tvalid fell)'],
    [3, 'item 0 changed from m_axis_tdata=1 m_axis_tkeep=15 m_axis_tlast=0 m_axis_tuser=0 to m_axis_tdata=0'],
  ])('a design that breaks the rules (%i)', async (bug, text) => {
    expect(await send({ stall: { sink: 0.95 } }, bug)).toThrow(error('GG_BUS', text))
  })

  it('a design that is stuck, and to wait for ever', async () => {
    expect(await send({ count: 4, patience: 30 })).toThrow(
      error('GG_SIM_TIMEOUT', 's_axis sent 3 of 3, m_axis gave 3 of 4'),
    )
    expect(await send({ count: 4, limit: 30 })).toThrow(error('GG_SIM_TIMEOUT', 'not done after 30 cycles'))
    expect(await send({ until: 's_axis_tlast', rubbish: false, patience: 30 })).toThrow(
      error('GG_SIM_TIMEOUT', 'waiting for s_axis_tlast'),
    )
  })

  it('what makes no sense', async () => {
    expect(await send({ source: 'x_axis' })).toThrow(error('GG_PORT', 'no stream x_axis'))
    expect(await send({ source: { valid: 'm_axis_tvalid', data: 's_axis_tdata' } })).toThrow(
      error('GG_PORT', 'm_axis_tvalid is an output'),
    )
    expect(await send({ stall: 1 })).toThrow(error('GG_USAGE', 'stall'))
    expect(await send({ patience: -1 })).toThrow(error('GG_USAGE', 'patience'))
    expect(await send({ items: [1, 2] })).toThrow(error('GG_USAGE', 'item 0'))
    expect(
      await send({ items: { s_axis_tdata: [1], s_axis_tkeep: [1, 2], s_axis_tlast: 0, s_axis_tuser: 0 } }),
    ).toThrow(error('GG_USAGE', 'different lengths'))
    expect(
      await send({ items: { s_axis_tdata: [2 ** 33], s_axis_tkeep: 0, s_axis_tlast: 0, s_axis_tuser: 0 } }),
    ).toThrow(error('GG_PORT', 'item 0: 8589934592'))
    expect(await send({ items: { s_axis_tdata: [1] } })).toThrow(error('GG_USAGE', 's_axis_tkeep'))
  })
})
