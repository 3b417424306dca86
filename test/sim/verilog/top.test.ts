import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { topCandidates } from '../../../sim/verilog/compiler/top.ts'
import { compileVerilog, simulate } from '../../../sim/verilog/index.ts'

const counter = `
module counter #(parameter WIDTH = 4) (input clk, input enable, output reg [WIDTH-1:0] count);
  initial count = 0;
  always @(posedge clk) if (enable) count <= count + 1;
endmodule`

const candidates = (text: string, defines = {}, more: Record<string, string> = {}): string[] =>
  topCandidates({ files: new Map(Object.entries({ 'dut.sv': text, ...more })), sources: ['dut.sv'] }, defines)

describe('the top module, where parameters need one', () => {
  let folder: string
  const before = process.cwd()
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gemgate-top-'))
    process.chdir(folder)
  })
  afterEach(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })

  it('the example of the README', async () => {
    writeFileSync('counter.sv', counter)
    const dut = await simulate('counter.sv', { parameters: { WIDTH: 8 } })
    dut.in['enable'] = 1
    await dut.clock(3)
    expect(dut.out['count']).toBe(3)
    await dut.clock(254)
    expect(dut.out['count']).toBe(1)
  })

  it('is the one that no other instantiates, over several files, with includes', async () => {
    mkdirSync('parts')
    writeFileSync('counter.sv', counter)
    writeFileSync('parts/half.svh', 'module half(input a, output y); assign y = a; endmodule : half\n')
    writeFileSync(
      'pair.sv',
      `\`include "parts/half.svh"
      // counter_unused c(); pair p();
      module pair #(parameter WIDTH = 2) (input clk, input enable, output [WIDTH-1:0] count);
        wire on; half u_half(.a(enable), .y(on));
        counter #(.WIDTH(WIDTH)) u_counter(.clk(clk), .enable(on), .count(count));
      endmodule`,
    )
    const dut = await simulate(['counter.sv', 'pair.sv'], { parameters: { WIDTH: 40 }, cache: false })
    expect(dut.simulation.design.top).toBe('pair')
    expect(dut.simulation.ports.get('count')?.width).toBe(40)
  })

  it('must be named where several are left, and the error names them', async () => {
    const files = { 'dut.sv': `${counter}\nmodule other; endmodule` }
    const compile = (options: object) => compileVerilog('dut.sv', { cache: false, files, ...options })
    await expect(compile({ parameters: { WIDTH: 8 } })).rejects.toMatchObject({
      code: 'GG_USAGE',
      message: 'parameters were given without `top`, which could be counter, other',
    })
    const named = await compile({ top: 'counter', parameters: { WIDTH: 8 } })
    expect(named.ports.find(({ name }) => name === 'count')?.width).toBe(8)
  })
})

describe('candidates for the top module', () => {
  const two = (body: string, header = 'module a;') => `${header} ${body} endmodule\nmodule b; endmodule`

  it.each([
    ['a plain instance', 'b u_b();'],
    ['parameters', 'b #(.W((1 + 2) * 3)) u_b();'],
    ['a short parameter', 'b #4 u_b();'],
    ['an array of instances', 'b u_b [3:0] ();'],
    ['lines between', 'b\n  #(1)\n  u_b\n  ();'],
    ['an escaped name', 'b \\u-b ();'],
    ['a comment between', 'b /* of // b */ u_b();'],
    ['a generate loop', 'for (genvar i = 0; i < 2; i++) begin : g b u_b(); end'],
    ['a condition that holds', '`ifdef SIMULATION\n b u_b();\n`endif'],
    ['a macro of the source', '`define X\n`ifdef X\n b u_b();\n`endif'],
    ['the other branch', '`ifndef SIMULATION\n wire w;\n`elsif YOSYS\n b u_b();\n`else\n wire w;\n`endif'],
  ])('%s instantiates', (_, body) => {
    expect(candidates(two(body))).toEqual(['a'])
  })

  it.each([
    ['a line comment', '// b u_b();\n'],
    ['a block comment', '/* b u_b();\n b u_b(); */'],
    ['a string', 'initial $display("b u_b(); // \\" b u_b();");'],
    ['a longer name', 'wire bb; wire b$c; assign bb = xb;'],
    ['a signal of that name', 'wire b; always @(posedge b or posedge c) d <= b; assign e = x.b ;'],
    ['a condition that does not hold', '`ifdef X\n b u_b();\n`elsif Y\n b u_b();\n`endif'],
    ['a nested condition', '`ifdef X\n `ifdef SIMULATION\n b u_b();\n `endif\n`endif'],
    ['a macro taken back', '`define X\n`undef X\n`ifdef X\n b u_b();\n`endif'],
  ])('%s does not', (_, body) => {
    expect(candidates(two(body))).toEqual(['a', 'b'])
  })

  it('follows defines, includes and labels', () => {
    const text = '`ifdef BENCH\nmodule bench; a u(); endmodule : bench\n`endif\nmodule a; endmodule : a'
    expect(candidates(text)).toEqual(['a'])
    expect(candidates(text, { BENCH: true })).toEqual(['bench'])
    const included = '`include "x/b.sv"\nmodule a; b u_b(); endmodule'
    const guarded = '`ifndef B\n`define B\n`include "b.sv"\nmodule b; endmodule\n`endif'
    expect(candidates(included, {}, { 'x/b.sv': guarded })).toEqual(['a'])
    expect(candidates(included, {}, { 'files/home/x/b.sv': guarded })).toEqual(['a'])
    expect(candidates('module a; endmodule', {}, { 'unused.sv': 'module b; endmodule' })).toEqual(['a'])
  })

  it('bears anything', () => {
    for (const text of ['', 'module', 'module a;', '`endif `else `elsif', '`include "dut.sv"', '"', '/*'])
      expect(candidates(text)).toEqual([])
    expect(candidates('module a; a u(); endmodule')).toEqual(['a'])
    expect(candidates('module a; b u(); endmodule module b; a u(); endmodule')).toEqual([])
  })
})
