import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation, type VerilogOptions } from '../../../sim/verilog/index.ts'
import { GemgateError } from '../../../src/core/errors.ts'

async function refusal(text: string, options: VerilogOptions = {}): Promise<GemgateError> {
  const error = await compileVerilog('dut.sv', { ...options, cache: false, files: { 'dut.sv': text } }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(GemgateError)
  return error as GemgateError
}

describe('what cannot be simulated is refused with its place', () => {
  it.each([
    [
      'a tri-state output',
      "module dut(input e, input d, output q);\n assign q = e ? d : 1'bz;\nendmodule",
      /tri-state/,
      2,
    ],
    ['an inout port', 'module dut(input clk,\n inout q);\nendmodule', /inout.*q/, 2],
    [
      'a clock that a module makes for itself',
      'module dut(output reg q);\n initial q = 0;\n always #5 q = ~q;\nendmodule',
      /a delay/,
      3,
    ],
    [
      'a delay in an initial block',
      'module dut(output reg q);\n initial begin\n  q = 0;\n  #10 q = 1;\n end\nendmodule',
      /a delay/,
      4,
    ],
    [
      'a random number',
      'module dut(input clk, output reg [31:0] q);\n always @(posedge clk) q <= $random;\nendmodule',
      /\$random/,
      2,
    ],
    [
      '$monitor',
      'module dut(input clk, input d, output q);\n assign q = d;\n initial $monitor("%b", d);\nendmodule',
      /\$monitor/,
      3,
    ],
    [
      'a final block',
      'module dut(input clk, input d, output q);\n assign q = d;\n final begin $display("end"); end\nendmodule',
      /final/,
      3,
    ],
  ])('%s', async (_, text, message, line) => {
    const error = await refusal(text)
    expect(error.code).toBe('GG_VERILOG_UNSUPPORTED')
    expect(error.message).toMatch(message)
    expect([error.file, error.line]).toEqual(['dut.sv', line])
    expect(error.remedy).not.toBe('')
  })

  it('but not where a directive leaves it out, or for a delay of an assignment', async () => {
    const text = `module dut(input clk, input d, output reg q);
\`ifndef SIMULATION
      always #5 q = $random;
      final $finish;
\`endif
      // always #5; "
      always @(posedge clk) q <= #1 d;
    endmodule`
    const files = { 'dut.sv': text }
    const simulation = new Simulation(await compileVerilog('dut.sv', { cache: false, files }))
    simulation.set('d', 1)
    simulation.step()
    expect(simulation.get('q')).toBe(1)
  })

  it('a combinational loop, naming the cells in it', async () => {
    const error = await refusal(
      'module dut(input a, output x, output y);\n assign x = y ^ a;\n assign y = ~x;\nendmodule',
    )
    expect(error.code).toBe('GG_VERILOG_LOOP')
    expect(error.message).toMatch(/loop through .*x.*y|loop through .*y.*x/)
    expect(error.message).toMatch(/\$xor.*dut\.sv:2/)
    expect(error.message).toMatch(/\$not.*dut\.sv:3/)
    expect(error.file).toBe('dut.sv')
  })

  it('but not a vector whose bits feed each other in order', async () => {
    const files = {
      'dut.sv': `module dut(input [7:0] a, input s, output [7:0] x, output [3:0] y);
        assign x = {x[6:0], 1'b1} ^ a;
        assign y = s ? {y[2] & a[0], y[0], a[1], a[2]} : 4'd5;
      endmodule`,
    }
    const simulation = new Simulation(await compileVerilog('dut.sv', { cache: false, files }))
    for (let a = 0; a < 256; a += 7) {
      simulation.set('a', a)
      simulation.set('s', 1)
      let x = 0
      for (let i = 0, last = 1; i < 8; i++) x |= (last ^= (a >> i) & 1) << i
      const bits = [(a >> 2) & 1, (a >> 1) & 1, (a >> 2) & 1, (a >> 2) & a & 1]
      expect(simulation.get('x')).toBe(x)
      expect(simulation.get('y')).toBe(bits.reduce((sum, bit, i) => sum | (bit << i), 0))
    }
  })

  it('a syntax error, with file and line of the user', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-syntax-'))
    try {
      const path = join(folder, 'bad.sv')
      writeFileSync(path, 'module bad(input clk);\n wire a\n assign a = 1;\nendmodule\n')
      const error = await compileVerilog(path, { cache: false }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'GG_VERILOG_PARSE', file: path, line: 3 })
      expect((error as Error).message).toMatch(/syntax error/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('a missing module, naming it and the instance', async () => {
    const error = await refusal('module dut(input clk);\n absent u_absent(.clk(clk));\nendmodule')
    expect(error.code).toBe('GG_VERILOG_PARSE')
    expect(error.message).toMatch(/absent.*u_absent/)
  })

  it('a missing top module, a missing file, a missing memory file, a bad name', async () => {
    const empty = 'module dut(input clk);\nendmodule'
    expect((await refusal(empty, { top: 'other' })).message).toMatch(/other/)
    expect((await refusal(empty, { top: 'a; b' })).code).toBe('GG_USAGE')
    const memory =
      'module dut(input a, output q);\n reg m [0:1];\n initial $readmemh("no.hex", m);\n assign q = m[a];\nendmodule'
    expect(await refusal(memory)).toMatchObject({ code: 'GG_VERILOG_PARSE', line: 3 })
    const missing = await compileVerilog('/nowhere/x.sv', { cache: false }).catch((reason: unknown) => reason)
    expect(missing).toMatchObject({ code: 'GG_FILE_NOT_FOUND', file: '/nowhere/x.sv' })
  })

  it('yosys goes on working after a refusal', async () => {
    await refusal('module dut(')
    const files = { 'dut.sv': 'module dut(input [7:0] a, output [7:0] q);\n assign q = a + 1;\nendmodule' }
    const simulation = new Simulation(await compileVerilog('dut.sv', { cache: false, files }))
    simulation.set('a', 255)
    expect(simulation.get('q')).toBe(0)
  })
})

it('two different files that are included under one name are refused, equal ones are not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-include-'))
  try {
    const write = (part: string, module: string, step: number): string => {
      mkdirSync(join(folder, part), { recursive: true })
      writeFileSync(join(folder, part, 'step.svh'), `\`define STEP ${step}\n`)
      const file = join(folder, part, `${module}.sv`)
      writeFileSync(
        file,
        `\`include "step.svh"\nmodule ${module}(output [3:0] y);\n assign y = \`STEP;\nendmodule\n`,
      )
      return file
    }
    const compile = (files: string[]) => compileVerilog(files, { top: 'a', cache: false })
    await compile([write('one', 'a', 1), write('two', 'b', 1)])
    await expect(compile([write('one', 'a', 1), write('two', 'b', 2)])).rejects.toMatchObject({
      code: 'GG_VERILOG_UNSUPPORTED',
      message: expect.stringContaining('step.svh'),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
