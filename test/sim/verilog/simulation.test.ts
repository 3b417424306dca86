import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation, simulate } from '../../../sim/verilog/index.ts'

const text = `
module unit(input clk, input [7:0] d, output reg [7:0] held);
  always @(posedge clk) held <= d;
endmodule
module dut #(parameter W = 40) (
  input clk, input [7:0] a, input signed [4:0] s, input [W-1:0] wide, input [99:0] huge,
  output reg [7:0] q, output [7:0] comb, output reg [W-1:0] wide_q, output reg [99:0] huge_q,
  output [8:0] extended, output [3:0] fixed, output signed [7:0] from_s);
  wire [7:0] held;
  unit u_unit(.clk(clk), .d(a), .held(held));
  initial q = 9;
  assign comb = a ^ q;
  assign extended = {1'b0, q};
  assign fixed = 4'd11;
  assign from_s = s;
  always @(posedge clk) begin q <= held; wide_q <= wide; huge_q <= huge; end
\`ifndef SIMULATION
  this is no Verilog
\`endif
endmodule`

async function start(options: Parameters<typeof compileVerilog>[1] = {}): Promise<Simulation> {
  return new Simulation(
    await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text }, ...options }),
  )
}

describe('Simulation', () => {
  it('shows the ports, the clock marked', async () => {
    const { ports } = await start()
    expect(ports.get('clk')).toMatchObject({ direction: 'input', clock: true })
    expect(ports.get('s')).toMatchObject({ direction: 'input', width: 5, signed: true })
    expect(ports.get('wide_q')).toMatchObject({ direction: 'output', width: 40, signed: false })
  })

  it('knows which outputs need no settling', async () => {
    const simulation = await start()
    const names = ['q', 'wide_q', 'huge_q', 'extended', 'fixed', 'comb', 'from_s']
    expect(names.map((name) => simulation.isRegistered(name))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
    expect(simulation.word('extended')).toBe(simulation.word('q'))
    expect(simulation.get('fixed')).toBe(11)
  })

  it('reads and writes values of all widths, numbers up to 32 bits, bigints above', async () => {
    const simulation = await start()
    const huge = 0x9_8765_4321_0fed_cba9_8765_4321n
    simulation.set('wide', 0xff_0000_0001n)
    simulation.set('huge', huge)
    simulation.set('a', 200)
    simulation.set('s', -3)
    expect(simulation.get('comb')).toBe(200 ^ 9)
    expect(simulation.get('from_s')).toBe(253)
    simulation.step(2)
    expect([simulation.get('q'), simulation.get('wide_q'), simulation.get('huge_q')]).toEqual([
      200,
      0xff_0000_0001n,
      huge,
    ])
    expect(simulation.words[simulation.word('wide_q')]).toBe(1)
    expect(simulation.words[simulation.word('wide_q') + 1]).toBe(0xff)
  })

  it('steps through the raw function and resets to power-on', async () => {
    const simulation = await start()
    simulation.words[simulation.word('a')] = 7
    simulation.stepFunction()
    simulation.stepFunction()
    expect(simulation.get('q')).toBe(7)
    expect(simulation.peek('u_unit.held')).toBe(7)
    simulation.reset()
    expect([simulation.get('q'), simulation.get('a'), simulation.peek('u_unit.held')]).toEqual([9, 0, 0])
  })

  it('refuses unknown names and values out of range', async () => {
    const simulation = await start()
    const wrong: (() => unknown)[] = [
      () => simulation.get('nothing'),
      () => simulation.word('nothing'),
      () => simulation.set('q', 1),
      () => simulation.set('a', 256),
      () => simulation.set('a', -1),
      () => simulation.set('a', 1.5),
      () => simulation.set('s', -17),
      () => simulation.set('wide', 1n << 40n),
      () => simulation.peek('u_unit.nothing'),
      () => simulation.peekMemory('m', 0),
    ]
    for (const action of wrong) expect(action).toThrow(expect.objectContaining({ code: 'GG_PORT' }))
    expect(() => simulation.step(-1)).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
  })

  it('instances are independent', async () => {
    const design = await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text } })
    const [one, two] = [new Simulation(design), new Simulation(design)]
    one.set('a', 1)
    one.step(2)
    expect([one.get('q'), two.get('q')]).toEqual([1, 9])
  })

  it('takes parameters', async () => {
    const simulation = await start({ top: 'dut', parameters: { W: 60 } })
    expect(simulation.ports.get('wide')?.width).toBe(60)
  })

  it('takes parameters of any size, and strings', async () => {
    const files = {
      'dut.sv': `module dut #(parameter P = 1, parameter MODE = "slow") (output [99:0] p, output [1:0] mode);
        assign p = P;
        generate
          if (MODE == "fast") assign mode = 1; else if (MODE == "") assign mode = 2; else assign mode = 3;
        endgenerate
      endmodule`,
    }
    const values = async (P: number | bigint, MODE: string) => {
      const { out } = await simulate('dut.sv', { cache: false, files, parameters: { P, MODE } })
      return [out['p'], out['mode']]
    }
    expect(await values(0, 'fast')).toEqual([0n, 1])
    expect(await values(2 ** 31, '')).toEqual([2n ** 31n, 2])
    expect(await values(Number.MAX_SAFE_INTEGER, 'faster')).toEqual([2n ** 53n - 1n, 3])
    expect(await values(2n ** 90n + 1n, 'slow "\\;')).toEqual([2n ** 90n + 1n, 3])
    for (const wrong of [-1, -1n, 0.5, 2 ** 53, Number.NaN])
      await expect(values(wrong, ''), `${wrong}`).rejects.toMatchObject({
        code: 'GG_USAGE',
        message: `the parameter P cannot be ${wrong}`,
      })
  })
})

describe('simulate', () => {
  it('gives ports as properties', async () => {
    const dut = await simulate('dut.sv', { cache: false, files: { 'dut.sv': text } })
    dut.in['a'] = 3
    await dut.clock(2)
    expect(dut.out['q']).toBe(3)
    expect(Object.keys(dut.out)).toContain('comb')
    dut.in['a'] = 4
    expect(await dut.until(() => dut.out['q'] === 4)).toBe(2)
    await expect(dut.until(() => false, 10)).rejects.toThrow('waited 10 cycles')
    dut.reset()
    expect(dut.out['q']).toBe(9)
  })
})
