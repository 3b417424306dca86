import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../sim/verilog/index.ts'
import { start } from './start.ts'

const refused = (text: string) =>
  expect.objectContaining({ code: 'GG_PORT', remedy: expect.stringContaining(text) })

describe('ports of a design under test', () => {
  it('are properties; signed ones are negative where their top bit is set', async () => {
    const dut = await start('ports.sv')
    dut.in['s'] = -3
    dut.in['wide_in'] = 2n ** 40n - 5n
    expect(dut.in['s']).toBe(-3)
    expect(dut.in['wide_in']).toBe(2n ** 40n - 5n)
    expect(dut.out).toMatchObject({ negative: -3, wide: -5n, comb: 1 })
    dut.in['s'] = 7
    expect(dut.out['negative']).toBe(7)
    expect(Object.keys(dut.in)).toEqual(['a', 'clk', 'rst_n', 's', 'wide_in'])
  })

  it('that do not exist are errors that list those which do', async () => {
    const dut = await start('ports.sv')
    expect(() => dut.out['qq']).toThrow(refused('count'))
    expect(() => dut.out['a']).toThrow(refused('Use `in.a`'))
    expect(() => (dut.in['b'] = 1)).toThrow(refused('rst_n'))
    expect(() => (dut.in['a'] = 256)).toThrow(refused('from 0 to 255'))
    expect(() => (dut.in['a'] = 1.5)).toThrow(refused('whole number'))
    expect(() => ((dut.out as Record<string, number>)['q'] = 1)).toThrow(refused('inputs'))
    expect('q' in dut.out && !('a' in dut.out)).toBe(true)
    expect(() => dut.port('nothing')).toThrow(refused('negative'))
  })

  it('can be typed', async () => {
    interface Ports {
      in: { a: number; wide_in: bigint }
      out: { q: number; wide: bigint }
    }
    const dut = await simulate<Ports>('dut.sv', {
      files: {
        'dut.sv': `module dut(input clk, input [7:0] a, input [39:0] wide_in, output reg [7:0] q, output [39:0] wide);
          assign wide = wide_in; always @(posedge clk) q <= a; endmodule`,
      },
    })
    using _ = dut
    dut.in.a = 4
    dut.in.wide_in = 1n
    const more: bigint = dut.out.wide + 1n
    await dut.clock()
    const q: number = dut.out.q
    expect([more, q]).toEqual([2n, 4])
    // @ts-expect-error: no such port
    expect(() => dut.out.z).toThrow(refused('q, wide'))
  })

  it('give registers and memories by name', async () => {
    const dut = await start('ports.sv')
    dut.in['rst_n'] = 1
    dut.poke('count', 40)
    expect(dut.peek('count')).toBe(40)
    const memory = dut.memory('memory')
    expect([memory.length, memory.width]).toEqual([4, 8])
    memory.load([5, 6, 7, 8])
    memory.set(1, 60)
    dut.in['a'] = 1
    await dut.clock()
    expect(dut.out).toMatchObject({ recall: 60, count: 41 })
    expect(memory.toArray()).toEqual([5, 1, 7, 8])
    expect(memory.get(2)).toBe(7)
    expect(() => memory.get(4)).toThrow(refused('memory[0..3]'))
    expect(() => dut.memory('words')).toThrow(refused('memory'))
  })
})

describe('resets', () => {
  it('are found by their names, which tell the active level', async () => {
    const dut = await start('ports.sv')
    dut.in['rst_n'] = 1
    dut.run(5)
    expect(dut.out['count']).toBe(5)
    await dut.applyReset({ cycles: 3 })
    expect(dut.out['count']).toBe(0)
    expect(dut.in['rst_n']).toBe(1)
    expect(dut.time).toBe(8)
    dut.run(2)
    dut.reset()
    expect([dut.time, dut.out['count'], dut.in['rst_n']]).toEqual([0, 0, 0])
  })

  it('are active at the level that the name tells', async () => {
    const high = ['rst', 'reset_i', 'areset', 'sys_rst']
    const low = ['nreset', 's_axi_aresetn', 'rst_ni', 'RESET_N']
    const names = [...high, ...low]
    const seen = names.map((name, i) => `if (${i < high.length ? '' : '!'}${name}) seen[${i}] <= 1;`)
    const text = `module dut(input clk, input first, ${names.map((name) => `input ${name},`).join('')}
      output reg [8:0] seen); initial seen = 0; always @(posedge clk) begin if (first) seen[8] <= 1; ${seen.join('')} end endmodule`
    const dut = await simulate('dut.sv', { files: { 'dut.sv': text } })
    using _ = dut
    const passive = Object.fromEntries([...high.map((name) => [name, 0]), ...low.map((name) => [name, 1])])
    Object.assign(dut.in, passive)
    dut.run(2)
    expect(dut.out['seen']).toBe(0)
    await dut.applyReset()
    expect(dut.out['seen']).toBe(255)
    expect(dut.in).toMatchObject(passive)
  })

  it('without a usual name must be given', async () => {
    const dut = await start('two_clocks.sv', { clocks: { clk: 2 } })
    await expect(dut.applyReset()).rejects.toThrow(refused('aclk'))
    await dut.applyReset({ port: 'a', active: 1, cycles: 1 })
    expect(dut.out['follow']).toBe(1)
  })
})
