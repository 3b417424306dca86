import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../../sim/verilog/index.ts'
import { start } from './start.ts'

async function counter(): Promise<Dut> {
  const dut = await start('ports.sv')
  dut.in['rst_n'] = 1
  return dut
}

describe('waiting', () => {
  it('for an edge gives the values just after it, and what is set then counts for the next', async () => {
    const dut = await counter()
    dut.in['a'] = 5
    await dut.rising('clk')
    expect(dut.out['q']).toBe(5)
    dut.in['a'] = 6
    expect(dut.out).toMatchObject({ comb: 7, q: 5 })
    await dut.rising()
    expect(dut.out['q']).toBe(6)
    expect(dut.time).toBe(2)
    await dut.falling()
    expect(dut.time).toBe(2.5)
    await dut.clock(3)
    expect([dut.time, dut.out['count']]).toEqual([5, 5])
  })

  it('for a condition, a port, its edge, a promise or a time', async () => {
    const dut = await counter()
    expect(await dut.until(() => dut.out['count'] === 3)).toBe(3)
    expect(await dut.until(() => dut.out['count'] === 3)).toBe(0)
    expect(await dut.until('busy')).toBe(5)
    await dut.falling('busy')
    expect(dut.out['count']).toBe(16)
    await dut.rising('busy')
    expect(dut.out['count']).toBe(24)
    await dut.delay(2.5)
    expect([dut.time, dut.out['count']]).toEqual([26.5, 26])
    let arrive = (_: string) => {}
    const post = new Promise<string>((resolve) => {
      arrive = resolve
    })
    dut.fork(async () => {
      await dut.clock(4)
      arrive('letter')
    })
    expect(await dut.until(post)).toBe('letter')
    expect(dut.out['count']).toBe(30)
  })

  it('has a limit, and the error says what was waited for', async () => {
    const dut = await counter()
    await expect(dut.until(() => dut.out['count'] === 999, { limit: 20 })).rejects.toThrow(
      expect.objectContaining({
        code: 'GG_SIM_TIMEOUT',
        message: expect.stringMatching(/waited 20 cycles of clk for dut\.out\[.count.\] === 999/),
      }),
    )
    await expect(dut.until(() => false, { limit: 5, what: 'the last word' })).rejects.toThrow('the last word')
    await expect(dut.until(new Promise(() => {}), { limit: 5 })).rejects.toThrow('waited 5 cycles')
    expect(dut.time).toBe(30)
    await expect(dut.clock(-1)).rejects.toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
    await expect(dut.clock(1, 'nix')).rejects.toThrow(expect.objectContaining({ code: 'GG_PORT' }))
    await expect(dut.rising('a')).rejects.toThrow('8 bits')
  })
})

describe('coroutines', () => {
  it('are resumed in the order of their waiting, whatever else they await', async () => {
    const dut = await counter()
    const log: string[] = []
    const agent = (name: string, period: number, turns: number) => async () => {
      for (;;) {
        await dut.clock(period)
        for (let i = 0; i < turns; i++) await Promise.resolve()
        log.push(`${name}@${dut.time}`)
      }
    }
    dut.fork(agent('a', 2, 0))
    dut.fork(agent('b', 1, 5))
    await dut.clock(4)
    expect(log).toEqual(['a@2', 'b@1', 'b@2', 'b@3'].sort((x, y) => Number(x.at(-1)) - Number(y.at(-1))))
    await dut.clock(1)
    expect(log.slice(4)).toEqual(['a@4', 'b@4'])
  })

  it('that sample see what the edge will see, after all inputs are set', async () => {
    const dut = await counter()
    const seen: number[] = []
    dut.fork(async () => {
      for (;;) {
        await dut.sample()
        seen.push(Number(dut.out['comb']))
      }
    })
    for (let i = 1; i <= 3; i++) {
      dut.in['a'] = i
      await dut.rising()
      expect(dut.out['q']).toBe(i)
    }
    expect(seen).toEqual([2, 3, 4])
    await dut.sample()
    expect(() => (dut.in['a'] = 1)).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
  })

  it('can be joined, also when they are nested', async () => {
    const dut = await counter()
    const outer = dut.fork(async () => {
      const inner = dut.fork(async () => {
        await dut.clock(7)
        return dut.time
      })
      return (await inner.join()) + 1
    })
    expect(await outer.join()).toBe(8)
    expect([outer.running, dut.time]).toEqual([false, 7])
    expect(await outer.join()).toBe(8)
  })

  it('can be cancelled, and clean up', async () => {
    const dut = await counter()
    let cleaned = 0
    const endless = dut.fork(async () => {
      try {
        for (;;) await dut.clock()
      } finally {
        cleaned = dut.time
      }
    })
    await dut.clock(3)
    endless.cancel()
    await dut.clock(2)
    expect([cleaned, endless.running]).toEqual([3, false])
    await expect(endless.join()).rejects.toThrow(expect.objectContaining({ code: 'GG_CLOSED' }))
  })

  it('that fail make the test fail at its wait', async () => {
    const dut = await counter()
    dut.fork(async () => {
      await dut.clock(2)
      throw new Error('too hot')
    })
    await expect(dut.clock(100)).rejects.toThrow('too hot')
    expect(dut.time).toBe(2)
    dut.fork(() => {
      throw new Error('at once')
    })
    await Promise.resolve()
    await expect(dut.until(() => false)).rejects.toThrow('at once')
    const joined = dut.fork(async () => {
      await dut.clock()
      throw new Error('joined')
    })
    await expect(joined.join()).rejects.toThrow('joined')
    await dut.clock()
    dut.fork(() => {
      throw new Error('last')
    })
    await Promise.resolve()
    expect(() => dut.close()).toThrow('last')
  })

  it('that wait for each other are found', async () => {
    const dut = await counter()
    const pair: { first?: { join(): Promise<void> } } = {}
    const second = dut.fork(async () => {
      await dut.clock()
      await pair.first!.join()
    }, 'second')
    pair.first = dut.fork(() => second.join(), 'first')
    await expect(second.join()).rejects.toThrow(
      expect.objectContaining({
        code: 'GG_SIM_TIMEOUT',
        message: expect.stringMatching(/first for the end of second.*second for the end of first/),
      }),
    )
  })

  it('alone do not make time go on', async () => {
    const dut = await counter()
    dut.fork(async () => {
      for (;;) await dut.clock()
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(dut.time).toBe(0)
    await dut.clock(10)
    expect(dut.time).toBe(10)
    expect(() => dut.run(1)).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
  })

  it('end when the simulation is closed', async () => {
    const dut = await counter()
    const waiting = dut.clock(1000)
    dut.close()
    await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'GG_CLOSED' }))
    await expect(dut.clock()).rejects.toThrow(expect.objectContaining({ code: 'GG_CLOSED' }))
  })

  it('let timers of the process fire during a long wait', async () => {
    const dut = await counter()
    let fired = false
    setTimeout(() => {
      fired = true
    }, 20)
    await dut.until(() => fired, { limit: 1e9 })
    expect(fired).toBe(true)
  })
})

describe('processes', () => {
  it('act at every edge, also in a synchronous run', async () => {
    const dut = await counter()
    const log: number[][] = []
    const end = dut.process({
      sample: () => log.push([dut.time, Number(dut.out['count'])]),
      drive: () => {
        dut.in['a'] = Number(dut.out['count'])
      },
    })
    dut.run(2)
    await dut.clock()
    end()
    dut.run(1)
    expect(log).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect([dut.in['a'], dut.out['q'], dut.out['count']]).toEqual([3, 3, 4])
  })

  it('that throw make the wait or the run fail', async () => {
    const dut = await counter()
    const end = dut.process({
      drive: () => {
        if (dut.time >= 3) throw new Error('enough')
      },
    })
    await expect(dut.clock(10)).rejects.toThrow('enough')
    expect(() => dut.run(10)).toThrow('enough')
    end()
    dut.run(10)
    expect(dut.time).toBe(14)
  })
})
