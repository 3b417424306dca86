import { describe, expect, it } from 'vitest'
import { type Dut, type StreamOptions, simulate, UartRx, UartTx } from '../../../../sim/verilog/index.ts'
import { start } from './start.ts'

async function counter(): Promise<Dut> {
  const dut = await start('ports.sv')
  dut.in['rst_n'] = 1
  return dut
}

const refused = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) })

describe('what makes no sense is refused at once', () => {
  it.each([Number.NaN, -1, 1.5])('cycles: %d', async (cycles) => {
    const dut = await counter()
    for (const wait of [dut.clock(cycles), dut.pulse('rst_n', cycles), dut.applyReset({ cycles })])
      await expect(wait).rejects.toThrow(refused('GG_USAGE', `${cycles}`))
    expect(() => dut.run(cycles)).toThrow(refused('GG_USAGE', `${cycles}`))
    await expect(dut.until(() => false, { limit: cycles })).rejects.toThrow(refused('GG_USAGE', `${cycles}`))
    await expect(dut.until(new Promise(() => {}), cycles)).rejects.toThrow(refused('GG_USAGE', `${cycles}`))
    expect([dut.time, dut.in['rst_n']]).toEqual([0, 1])
  })

  it.each([Number.NaN, -0.1, Infinity])('a delay: %d', async (time) => {
    const dut = await counter()
    await expect(dut.delay(time)).rejects.toThrow(refused('GG_USAGE', `${time}`))
  })

  it('a period too small or too large for the time scale', async () => {
    await expect(start('two_clocks.sv', { clocks: { clk: 1e300, aclk: 1 } })).rejects.toThrow(
      refused('GG_USAGE', 'no common scale'),
    )
    await expect(start('two_clocks.sv', { clocks: { clk: 10e-9, aclk: 7e-9 } })).rejects.toThrow(
      refused('GG_USAGE', 'no common scale'),
    )
  })

  it('to wait for what can never come, or is always there', async () => {
    const dut = await counter()
    await expect(dut.until((async () => false) as never)).rejects.toThrow(refused('GG_USAGE', 'always true'))
    for (const nothing of [null, {}])
      await expect(dut.until(nothing as never)).rejects.toThrow(refused('GG_USAGE', 'nothing'))
    await expect(dut.until('bussy')).rejects.toThrow(refused('GG_PORT', 'bussy'))
    expect(dut.run(1)).toBe(1)
  })

  it('an unknown clock', async () => {
    const dut = await counter()
    await expect(dut.until(Promise.resolve(), { clock: 'nix' })).rejects.toThrow(refused('GG_PORT', 'nix'))
    await expect(dut.pulse('rst_n', 1, 'nix')).rejects.toThrow(refused('GG_PORT', 'nix'))
    await expect(dut.applyReset({ clock: 'nix' })).rejects.toThrow(refused('GG_PORT', 'nix'))
    expect(dut.in['rst_n']).toBe(1)
  })

  it('an input that is set between a sample and its edge, however', async () => {
    const dut = await counter()
    await dut.sample()
    await expect(dut.pulse('rst_n')).rejects.toThrow(refused('GG_USAGE', 'between'))
    await expect(dut.applyReset()).rejects.toThrow(refused('GG_USAGE', 'between'))
  })

  it('the options of a stream', async () => {
    const dut = await start('hdl/trigger/skid_buffer.sv')
    const send = (options: Partial<StreamOptions>) => () =>
      dut.stream({ source: 's', sink: 'm', items: [1, 2], ...options })
    for (const name of ['drain', 'patience', 'limit'])
      expect(send({ [name]: 2.5 })).toThrow(refused('GG_USAGE', `${name} is 2.5`))
    expect(send({ count: 2 ** 33 })).toThrow(refused('GG_USAGE', '8589934592'))
    expect(send({ clock: 'nix' })).toThrow(refused('GG_PORT', 'nix'))
    expect(send({ items: { s_tdata: 5 } })).toThrow(refused('GG_USAGE', 'how many'))
    expect(send({ items: [null, true, '3'] as never })).toThrow(refused('GG_PORT', 'item 0: null'))
    const port = { port: 's', items: [1] }
    expect(send({ source: [port, port] })).toThrow(refused('GG_USAGE', 's_tvalid'))
    const sink = { port: 'm' }
    expect(send({ sink: [sink, sink] })).toThrow(refused('GG_USAGE', 'm_tready'))
    dut.close()
    expect(send({})).toThrow(refused('GG_CLOSED'))
    expect(() => dut.run(1)).toThrow(refused('GG_CLOSED'))
    dut.close()
  })

  it('the options of a UART', async () => {
    const dut = await start('serial_loop.sv')
    for (const wrong of [{ divisor: Infinity }, { divisor: Number.NaN }, { parity: 'mark' }, { stop: 3 }])
      expect(() => new UartTx(dut, 'rx', { divisor: 8, ...wrong } as never)).toThrow(refused('GG_USAGE'))
    const tx = new UartTx(dut, 'rx', { divisor: 4 })
    for (const bits of [Number.NaN, -1, Infinity])
      expect(() => tx.hold(0, bits)).toThrow(refused('GG_USAGE', `${bits}`))
    expect(() => tx.hold(2 as never, 1)).toThrow(refused('GG_USAGE'))
    expect(() => tx.send([1, 2, 300])).toThrow(refused('GG_USAGE', '300'))
    const rx = new UartRx(dut, 'tx', { divisor: 4 })
    for (const count of [Number.NaN, -1, 0.5])
      await expect(rx.receive(count)).rejects.toThrow(refused('GG_USAGE', `${count}`))
    expect(tx.idle).toBe(true)
  })
})

describe('time', () => {
  it('has a falling edge after a wait that ends before it', async () => {
    const dut = await counter()
    await dut.clock()
    await dut.delay(0.25)
    await dut.falling()
    expect(dut.time).toBe(1.5)
    await dut.delay(0.5)
    expect([dut.time, dut.out['count']]).toEqual([2, 2])
    await dut.falling()
    expect(dut.time).toBe(2.5)
    dut.process({})
    await dut.clock()
    await dut.falling()
    expect(dut.time).toBe(3.5)
  })

  it('goes on after a stream that follows a sample', async () => {
    const dut = await start('hdl/trigger/skid_buffer.sv')
    await dut.applyReset()
    await dut.sample()
    expect(dut.stream({ source: 's', sink: 'm', items: [1, 2] }).count).toBe(2)
    dut.in['s_tdata'] = 4
    await dut.clock()
  })

  it('goes no further than the limit of a promise, counted in the clock that is asked for', async () => {
    const dut = await counter()
    dut.fork(() => dut.clock(1e6))
    await expect(dut.until(new Promise(() => {}), 5)).rejects.toThrow('waited 5 cycles of clk')
    expect(dut.time).toBe(5)
    const two = await start('two_clocks.sv', { clocks: { clk: 10, aclk: 4 } })
    await expect(two.until(new Promise(() => {}), { limit: 5, clock: 'aclk' })).rejects.toThrow(
      'waited 5 cycles of aclk',
    )
    expect(two.time).toBe(20)
  })

  it('takes conditions that are numbers', async () => {
    const dut = await counter()
    expect(await dut.until(() => dut.out['busy'])).toBe(8)
  })

  it('with an error in one process is the same for all others', async () => {
    const dut = await counter()
    const log: string[] = []
    const agent = (name: string, fails: boolean) => ({
      sample: () => {
        log.push(`${name} samples ${dut.time}`)
        if (fails && dut.time === 2) throw new Error('in the sample')
      },
      drive: () => void log.push(`${name} drives ${dut.time}`),
    })
    dut.process(agent('a', false))
    dut.process(agent('b', true))
    dut.process(agent('c', false))
    const edges: number[] = []
    dut.fork(async () => {
      for (;;) {
        await dut.clock()
        edges.push(dut.time)
      }
    })
    await expect(dut.clock(5)).rejects.toThrow('in the sample')
    expect([dut.time, dut.out['count']]).toEqual([2, 2])
    await dut.clock()
    expect(edges).toEqual([1, 2, 3])
    const turns = [1, 2, 3].flatMap((time) =>
      ['samples', 'drives'].flatMap((what) => ['a', 'b', 'c'].map((name) => `${name} ${what} ${time}`)),
    )
    expect(log).toEqual(turns)
  })

  it('with a failing assertion is the same for agents and coroutines', async () => {
    const dut = await start('ending.sv', { parameters: { LIMIT: 2 } })
    dut.in['s_valid'] = 1
    const edges: number[] = []
    const driven: number[] = []
    dut.process({ drive: () => driven.push(dut.time) })
    dut.fork(async () => {
      for (;;) {
        await dut.clock()
        edges.push(dut.time)
      }
    })
    await expect(dut.clock(9)).rejects.toThrow(refused('GG_ASSERTION'))
    await expect(dut.clock(9)).rejects.toThrow(refused('GG_ASSERTION'))
    expect([driven, edges]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ])
  })
})

describe('coroutines', () => {
  it('that begin after the end are cancelled, silently', async () => {
    const dut = await start('ending.sv', { parameters: { LAST: 0 } })
    await dut.clock()
    expect(dut.finished).toBe(true)
    const late = dut.fork(() => dut.clock())
    await expect(late.join()).rejects.toThrow(refused('GG_CLOSED'))
    expect(late.cancelled).toBe(true)
    await expect(dut.rising()).rejects.toThrow(refused('GG_FINISHED'))
    dut.close()
    const later = dut.fork(() => dut.clock())
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(later.cancelled).toBe(true)
  })

  it('that catch everything do not hang the process when they are ended', async () => {
    const dut = await counter()
    let turns = 0
    const stubborn = dut.fork(async () => {
      for (;;) {
        try {
          await dut.clock(1000)
        } catch {
          turns++
          if (turns > 1e5) return
        }
      }
    })
    await dut.clock()
    stubborn.cancel()
    await dut.clock()
    expect(turns).toBeLessThan(1000)
    expect(dut.time).toBe(2)
  })

  it('that were refused a wait leave nothing behind', async () => {
    const dut = await counter()
    dut.fork(() => {
      throw new Error('first')
    })
    await Promise.resolve()
    let looks = 0
    await expect(dut.until(() => ++looks < 0)).rejects.toThrow('first')
    await dut.clock(5)
    expect(looks).toBe(1)
  })
})

it('takes clocks and resets of a stream for no data', async () => {
  const text = `module dut(input s_axis_aclk, input s_axis_aresetn, input s_axis_tvalid, output s_axis_tready,
    input [7:0] s_axis_tdata, output reg [15:0] sum); assign s_axis_tready = 1; initial sum = 0;
    always @(posedge s_axis_aclk) if (!s_axis_aresetn) sum <= 0; else if (s_axis_tvalid) sum <= sum + s_axis_tdata; endmodule`
  using dut = await simulate('dut.sv', { files: { 'dut.sv': text } })
  await dut.applyReset()
  dut.stream({ source: 's_axis', items: [1, 2, 3], stall: 0.5 })
  expect(dut.out['sum']).toBe(6)
})

it('carries ports of 130 bits and of one signed bit pattern, whole', async () => {
  const text = `module dut(input clk, input signed [129:0] s_data, input s_valid, output s_ready,
    output reg signed [129:0] m_data, output reg m_valid, input m_ready);
    initial m_valid = 0; assign s_ready = !m_valid || m_ready;
    always @(posedge clk) if (s_ready) begin m_data <= s_data; m_valid <= s_valid; end endmodule`
  using dut = await simulate('dut.sv', { files: { 'dut.sv': text } })
  const items = [-1n, 2n ** 129n - 1n, -(2n ** 129n), 12345678901234567890123456789n]
  for (const stall of [0, 0.5])
    expect(dut.stream({ source: 's', sink: 'm', items, stall }).data).toEqual(items)
  expect(() => dut.stream({ source: 's', sink: 'm', items: [2n ** 130n] })).toThrow(
    refused('GG_PORT', 'item 0'),
  )
  dut.in['s_data'] = -5n
  dut.in['s_valid'] = 1
  await dut.clock()
  expect(dut.out['m_data']).toBe(-5n)
})
