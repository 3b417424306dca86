import { expect, it } from 'vitest'
import { compareEngines, compileVerilog } from '../../../sim/verilog/index.ts'
import { haveVerilator } from './native.ts'

const haveClang = await import('@yowasp/clang').then(
  () => true,
  () => false,
)

const design = `
module summing(input clk, input rst_n, input signed [39:0] a, output reg [99:0] sum, output [7:0] rest);
  assign rest = a % 100;
  always @(posedge clk or negedge rst_n)
    if (!rst_n) sum <= 7;
    else begin
      sum <= sum * 3 + a;
      if (a == 5) $display("sum %h", sum);
    end
endmodule`

// the compiler works for one to three minutes when nothing is in the cache
const asked = process.env['GEMGATE_VERILATOR_WASM'] !== undefined

it.skipIf(!asked || !haveVerilator() || !haveClang)(
  "engine: 'verilator-wasm' agrees with ours (runs with GEMGATE_VERILATOR_WASM=1, Verilator and @yowasp/clang)",
  { timeout: 400_000 },
  async () => {
    const options = { files: { 'summing.sv': design } }
    const own = await compileVerilog('summing.sv', options)
    // the compiler takes seconds per file, so what it made stays in the usual cache
    const theirs = await compileVerilog('summing.sv', {
      ...options,
      engine: 'verilator-wasm',
      verilator: { optimize: 1 },
    })
    const inputs = { a: [1, 5, 2 ** 39 - 1, 0] }
    expect(compareEngines(own, theirs, { cycles: 400, inputs })).toMatchObject({
      cycles: 400,
      compared: 1600,
      difference: undefined,
    })
  },
)
