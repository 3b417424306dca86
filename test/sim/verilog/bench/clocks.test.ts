import { describe, expect, it } from 'vitest'
import { start } from './start.ts'

describe('several clocks', () => {
  it('rise at their phases, and together where they meet', async () => {
    const dut = await start('two_clocks.sv', { clocks: { clk: 10, aclk: { period: 7, phase: 3 } } })
    const log: string[] = []
    for (const name of ['clk', 'aclk'])
      dut.fork(async () => {
        for (;;) {
          await dut.rising(name)
          log.push(
            `${name} ${dut.time} ${dut.out['count']} ${dut.out['acount']} ${dut.out['seen']} ${dut.out['aseen']}`,
          )
        }
      })
    await dut.clock(4)
    await dut.delay(0)
    expect(log).toEqual([
      'aclk 3 0 1 0 0',
      'clk 10 1 2 1 0',
      'aclk 10 1 2 1 0',
      'aclk 17 1 3 1 1',
      'clk 20 2 3 3 1',
      'aclk 24 2 4 3 2',
      'clk 30 3 4 4 2',
      'aclk 31 3 5 4 3',
      'aclk 38 3 6 4 3',
      'clk 40 4 6 6 3',
    ])
    await dut.clock(2, 'aclk')
    expect(dut.time).toBe(52)
    await dut.falling('clk')
    expect(dut.time).toBe(55)
    dut.reset()
    expect(dut.time).toBe(0)
    await dut.rising('aclk')
    expect([dut.time, dut.out['acount']]).toEqual([3, 1])
  })

  it('run in one go, too', async () => {
    const dut = await start('two_clocks.sv', { clocks: { clk: 2.5, aclk: 1.25 } })
    expect(dut.run(100)).toBe(100)
    expect(dut.out).toMatchObject({ count: 100, acount: 200 })
    expect(dut.run(3, 'aclk')).toBe(3)
    expect([dut.time, dut.out['count'], dut.out['acount']]).toEqual([253.75, 101, 203])
  })

  it('make falling edges count where the design waits for them', async () => {
    const dut = await start('two_clocks.sv', { clocks: { clk: 4, aclk: 100 } })
    dut.in['a'] = 1
    await dut.rising('clk')
    expect(dut.out).toMatchObject({ follow: 1, fell: 0 })
    await dut.falling('clk')
    expect(dut.out).toMatchObject({ follow: 1, fell: 1 })
  })

  it('must exist and have a sensible period', async () => {
    const clocks = (clocks: Record<string, number | { period: number; phase: number }>) =>
      start('two_clocks.sv', { clocks })
    await expect(clocks({ clock: 1 })).rejects.toThrow(expect.objectContaining({ code: 'GG_PORT' }))
    await expect(clocks({ clk: 0 })).rejects.toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
    await expect(clocks({ clk: Math.PI })).rejects.toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
    await expect(clocks({ clk: { period: 2, phase: -1 } })).rejects.toThrow(
      expect.objectContaining({ code: 'GG_USAGE' }),
    )
  })

  it('that are not given must be named', async () => {
    const dut = await start('two_clocks.sv', { clock: 'aclk' })
    dut.run(3)
    expect(dut.out).toMatchObject({ count: 0, acount: 3 })
  })
})
