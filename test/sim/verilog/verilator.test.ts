import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  compareEngines,
  compileVerilog,
  Simulation,
  type VerilogOptions,
} from '../../../sim/verilog/index.ts'
import { haveVerilator } from './native.ts'

/** A package, structs, an enum and an interface: more than Yosys reads. */
const modern = `
package pixels;
  typedef struct packed { logic [3:0] row; logic signed [7:0] value; } pixel_t;
  typedef enum logic [1:0] { IDLE, BUSY, DONE } state_t;
endpackage
interface stream(input logic clk);
  logic [7:0] data;
  modport source(output data, input clk);
endinterface
module producer(stream.source out, input logic [7:0] value);
  always_ff @(posedge out.clk) out.data <= value;
endmodule
module modern import pixels::*; #(parameter int WIDTH = 4, parameter FILE = "none") (
  input logic clk, input logic other_clk, input logic rst_n,
  input pixel_t pixel, input logic signed [WIDTH-1:0] offset, input logic [99:0] wide,
  output pixel_t held, output state_t state, output logic [99:0] sum, output logic [7:0] data,
  output logic signed [WIDTH:0] next
);
  stream link(.clk(clk));
  producer u_producer(.out(link), .value(pixel.value));
  logic [7:0] memory [16];
  initial if (FILE != "none") $readmemh(FILE, memory);
  assign data = link.data + memory[pixel.row];
  assign next = offset + 1;
  assign state = held.row[0] ? BUSY : DONE;
  always_ff @(posedge clk or negedge rst_n)
    if (!rst_n) held <= '{row: 1, value: 2};
    else begin
      held <= pixel;
      if (pixel.row == 3) $display("row %0d at %0t", pixel.row, $time);
      if (pixel.row == 4) $finish;
      small: assert (pixel.row < 9) else $error("row is %0d", pixel.row);
      fair: assume (pixel.value != 77);
    end
  always_ff @(posedge other_clk) sum <= wide + 100'(offset);
endmodule`

describe.skipIf(!haveVerilator())("engine: 'verilator' (skipped where Verilator is not installed)", () => {
  let folder: string
  const texts: string[] = []
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gemgate-verilator-test-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const native = (text: string, options: VerilogOptions = {}) =>
    compileVerilog('m.sv', {
      ...{ engine: 'verilator', cache: join(folder, 'cache'), verilator: { optimize: 0 } },
      ...options,
      files: { 'm.sv': text, ...options.files },
    })
  const compileModern = () =>
    native(modern, {
      top: 'modern',
      parameters: { WIDTH: 6, FILE: 'bytes.hex' },
      files: { 'bytes.hex': '10 20 30' },
    })
  const start = async () => {
    texts.length = 0
    const options = { assertions: 'collect', onPrint: (text: string) => texts.push(text) } as const
    return new Simulation(await compileModern(), options)
  }

  it('reads SystemVerilog that Yosys refuses, with ports, signs and clocks as Verilator sees them', async () => {
    const own = compileVerilog('m.sv', { files: { 'm.sv': modern }, top: 'modern', cache: false })
    await expect(own).rejects.toMatchObject({ code: 'GG_VERILOG_PARSE' })
    const { ports, clock, top } = await compileModern()
    expect([top, clock]).toEqual(['modern', 'clk'])
    expect(ports.filter((port) => port.clock).map(({ name }) => name)).toEqual(['clk', 'other_clk'])
    expect(ports.map(({ name, width }) => `${name}:${width}`).join(' ')).toBe(
      'clk:1 other_clk:1 rst_n:1 pixel:12 offset:6 wide:100 held:12 state:2 sum:100 data:8 next:7',
    )
    expect(ports.filter(({ signed }) => signed).map(({ name }) => name)).toEqual(['offset', 'next'])
  })

  it('runs: reset at power-on, a parameter, a memory file, two clocks, wide and negative values', async () => {
    const simulation = await start()
    expect(simulation.get('held')).toBe(0x102)
    expect(simulation.get('data')).toBe(0x10)
    simulation.set('rst_n', 1)
    simulation.set('pixel', 0x205)
    simulation.step()
    expect([simulation.get('held'), simulation.get('data')]).toEqual([0x205, 0x35])
    simulation.set('offset', -3)
    simulation.set('wide', 2n ** 99n)
    expect([simulation.get('next'), simulation.get('sum')]).toEqual([0x7e, 0n])
    simulation.set('other_clk', 1)
    expect(simulation.get('sum')).toBe(2n ** 99n - 3n)
    simulation.reset()
    expect([simulation.get('held'), simulation.get('sum'), simulation.cycle]).toEqual([0x102, 0n, 0])
    simulation.close()
    expect(() => simulation.step()).toThrow(expect.objectContaining({ code: 'GG_CLOSED' }))
  })

  it('reports what is printed, what fails, and the end', async () => {
    const simulation = await start()
    simulation.set('rst_n', 1)
    simulation.step(3)
    simulation.set('pixel', 0x300)
    simulation.step(2)
    expect(texts).toEqual(['row 3 at 4\n', 'row 3 at 5\n'])
    simulation.set('pixel', 0x94d)
    simulation.step()
    const line = (what: string) => modern.split('\n').findIndex((text) => text.includes(what)) + 1
    expect(simulation.violations).toEqual([
      {
        kind: 'assert',
        name: 'modern.small',
        message: 'row is 9',
        file: 'm.sv',
        line: line('small:'),
        cycle: 6,
      },
      { kind: 'assume', name: 'modern.fair', message: '', file: 'm.sv', line: line('fair:'), cycle: 6 },
    ])
    simulation.set('pixel', 0x400)
    simulation.step(100)
    expect([simulation.finished, simulation.cycle]).toEqual([true, 7])
  })

  it('names file and line of a mistake, and what else it cannot do', async () => {
    await expect(native('module m(input a, output b);\n  assign b = c;\nendmodule')).rejects.toMatchObject({
      ...{ code: 'GG_VERILATOR', file: 'm.sv', line: 2 },
      message: expect.stringContaining("'c'"),
    })
    await expect(native('module m(output [3:0] a [2]); endmodule')).rejects.toMatchObject({
      code: 'GG_VERILATOR',
      message: expect.stringContaining('port a'),
    })
    await expect(
      native('module m; endmodule', { verilator: { verilator: '/nowhere/verilator' } }),
    ).rejects.toMatchObject({ code: 'GG_TOOL_MISSING' })
    await expect(native('module m(input a); endmodule', { clock: 'clk' })).rejects.toMatchObject({
      code: 'GG_USAGE',
    })
    const loop = 'module m(input a, output b); assign b = a & ~b; endmodule'
    const simulation = new Simulation(await native(loop))
    simulation.set('a', 1)
    expect(() => simulation.settle()).toThrow(expect.objectContaining({ code: 'GG_UNSETTLED' }))
  })

  it('keeps compiled models, and builds a damaged one again', async () => {
    const text = 'module m(input clk, output reg [7:0] q); always @(posedge clk) q <= q + 1; endmodule'
    expect((await native(text)).cached).toBe(false)
    expect((await native(text)).cached).toBe(true)
    const cache = join(folder, 'damaged')
    await native(text, { cache })
    const entry = readdirSync(cache).find((name) => name.endsWith('.verilator'))!
    appendFileSync(join(cache, entry, 'design.json'), ' ')
    const again = await native(text, { cache })
    expect(again.cached).toBe(false)
    const simulation = new Simulation(again)
    simulation.step(300)
    expect(simulation.get('q')).toBe(300 - 256)
    expect((await native(text, { cache })).cached).toBe(true)
  })

  it('agrees with our engine on a division by zero: 0; a difference is found and named', async () => {
    const text = (
      sign: string,
    ) => `module m(input clk, input signed [7:0] a, b, output signed [7:0] q, r, output reg [7:0] t);
      assign q = a / b; assign r = a % b; always @(posedge clk) t <= t ${sign} q; endmodule`
    const compileOwn = (sign: string) =>
      compileVerilog('m.sv', { files: { 'm.sv': text(sign) }, cache: false })
    const theirs = await native(text('+'))
    const options = { cycles: 500, inputs: { b: [0, 1, -1, 7, -128] } }
    expect(compareEngines(await compileOwn('+'), theirs, options)).toMatchObject({
      ...{ cycles: 500, compared: 3000, difference: undefined },
    })
    const { difference } = compareEngines(await compileOwn('-'), theirs, options)
    expect(difference).toMatchObject({ name: 't' })
    expect(difference!.values[0]).not.toBe(difference!.values[1])
  })

  it('takes included files and macros', async () => {
    const source = join(folder, 'outer.sv')
    writeFileSync(
      source,
      '`include "inner.svh"\nmodule outer(output [7:0] a); `ifdef SIMULATION assign a = `VALUE + `MORE; `endif endmodule',
    )
    writeFileSync(join(folder, 'inner.svh'), '`define VALUE 40\n')
    const design = await compileVerilog(source, {
      ...{ engine: 'verilator', cache: join(folder, 'cache'), verilator: { optimize: 0 } },
      defines: { MORE: 2 },
    })
    expect(new Simulation(design).get('a')).toBe(42)
  })
})
