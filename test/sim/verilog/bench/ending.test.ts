import { describe, expect, it } from 'vitest'
import { type Dut, Simulation } from '../../../../sim/verilog/index.ts'
import { start } from './start.ts'

async function ending(parameters: Record<string, number>): Promise<Dut> {
  const dut = await start('ending.sv', { parameters })
  dut.in['s_valid'] = 1
  return dut
}

const finished = expect.objectContaining({ code: 'GG_FINISHED' })
const items = new Uint8Array(50)

describe('a design that calls $finish', () => {
  it('ends a wait for cycles early, and all other waits with an error', async () => {
    const dut = await ending({ LAST: 7 })
    let cleaned = false
    dut.fork(async () => {
      try {
        for (;;) await dut.clock()
      } finally {
        cleaned = true
      }
    })
    const other = dut.until(() => false)
    await Promise.all([dut.clock(100), expect(other).rejects.toThrow(finished)])
    expect([dut.finished, dut.time, cleaned]).toEqual([true, 8, true])
    await expect(dut.rising()).rejects.toThrow(finished)
    expect(() => dut.run(1)).toThrow(finished)
    expect(() => dut.stream({ source: 's', items })).toThrow(finished)
    expect(await dut.until(() => dut.finished)).toBe(0)
    dut.reset()
    dut.in['s_valid'] = 1
    expect(dut.run(100)).toBe(8)
    dut.reset()
    dut.in['s_valid'] = 1
    expect(await dut.until(() => dut.finished)).toBe(8)
  })

  it('ends a stream where it is', async () => {
    const dut = await ending({ LAST: 7 })
    const { cycles, sources } = dut.stream({ source: 's', items })
    expect([cycles, dut.time, dut.finished]).toEqual([8, 8, true])
    expect([...sources[0]!.times.subarray(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0])
  })
})

describe('an assertion that fails', () => {
  const failure = expect.objectContaining({ code: 'GG_ASSERTION', line: 18 })

  it('fails the wait, the run or the stream in its cycle', async () => {
    const dut = await ending({ LIMIT: 5 })
    await expect(dut.clock(100)).rejects.toThrow(failure)
    expect([dut.time, dut.out['count']]).toEqual([6, 6])
    dut.reset()
    dut.in['s_valid'] = 1
    expect(() => dut.run(100)).toThrow(failure)
    expect(dut.time).toBe(6)
    dut.reset()
    expect(() => dut.stream({ source: 's', items })).toThrow(failure)
    expect([dut.time, dut.out['count'], dut.in['s_valid']]).toEqual([6, 6, 0])
    const byCycles = new Simulation(dut.simulation.design)
    byCycles.set('s_valid', 1)
    expect(() => byCycles.step(100)).toThrow(failure)
    expect(byCycles.cycle).toBe(6)
  })
})
