import { describe, expect, it } from 'vitest'
import { rewriteVerilog } from '../../../sim/verilog/compiler/rewrite.ts'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'

const lines = (text: string) => text.split('\n')

describe('rewriting for Yosys', () => {
  it('leaves alone what Yosys reads: not a letter changes', () => {
    const text = `module m(input clk, input [7:0] a);
      // assert (a) else $error("comment");
      /* $finish; */ localparam S = "$finish; %d \\" assert (x) else";
      always @(posedge clk) begin assert (a != 3); $display("$error %d", a); if (a == 3) ; end
      initial begin : named integer i; for (i = 0; i < 3; i = i + 1) begin end end
      \`define FAIL $error("x")
    endmodule`
    expect(rewriteVerilog(text)).toEqual({ text, refusals: new Map() })
  })

  it('keeps every line where it is', () => {
    const text = `module m(input clk, input [7:0] a);
  always @(posedge clk)
    low: assert (a
        < 5) // so small
      else begin
        $error("high %0d", // the value
          a);
      end
  wire after = a[0];
endmodule`
    const result = lines(rewriteVerilog(text).text)
    expect(result).toHaveLength(lines(text).length)
    expect(result[8]).toBe('  wire after = a[0];')
    expect(result[2]).toMatch(/low: assert/)
  })

  it('tells the label of an assertion from that of a case, and finds the end of every statement', async () => {
    const text = `module dut(input clk, input [3:0] a, output reg [3:0] q);
      localparam IDLE = 4'd1;
      always @(posedge clk) begin
        q <= a;
        case (a)
          IDLE: assert (q != 2) else $error("idle after %0d", q);
          2, 3: begin two: assert (q != 5) else $error("two"); end
          default: if (a == 7) assert (q == 8) $display("good"); else $error("seven"); else q <= 9;
        endcase
        if (a == 8) assert (q == 9) else $error("eight"); else if (a == 9) $finish; else q[0] <= a[0];
      end
    endmodule`
    const printed: string[] = []
    const design = await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text } })
    const simulation = new Simulation(design, {
      assertions: 'collect',
      onPrint: (line) => printed.push(line),
    })
    for (const a of [2, 1, 5, 2, 6, 7, 5, 7, 8, 9]) {
      simulation.set('a', a)
      simulation.step()
    }
    expect(
      simulation.violations.map(({ name, message, line, cycle }) => [cycle, name, message, line]),
    ).toEqual([
      [2, 'line6', 'idle after 2', 6],
      [8, 'line8', 'seven', 8],
      [9, 'line10', 'eight', 10],
    ])
    expect([printed, simulation.finished, simulation.get('q')]).toEqual([['good\n'], true, 9])
  })

  it('takes clocked properties with implications, and passes what it does not know on to Yosys', async () => {
    const module = (property: string) => `module dut(input clk, input rst, input r, input g);
      ${property}
    endmodule`
    const failing = async (property: string) => {
      const design = await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': module(property) } })
      const simulation = new Simulation(design, { assertions: 'collect' })
      // r, g, rst by cycle
      for (const [r, g, rst] of [
        [0, 1, 0],
        [1, 0, 0],
        [1, 1, 0],
        [0, 0, 0],
        [1, 1, 1],
        [0, 0, 1],
      ] as const) {
        Object.entries({ r, g, rst }).forEach(([name, value]) => {
          simulation.set(name, value)
        })
        simulation.step()
      }
      return simulation.violations.map(({ cycle }) => cycle)
    }
    expect(await failing('assert property (@(posedge clk) r |-> g);')).toEqual([2])
    expect(await failing('assert property (@(posedge clk) r |=> g);')).toEqual([4, 6])
    expect(
      await failing('p: assert property (@(posedge clk) disable iff (rst) r |=> g) else $error;'),
    ).toEqual([4])
    expect(await failing('assume property (@(posedge clk) disable iff (rst) r == g);')).toEqual([1, 2])
    await expect(failing('assert property (@(posedge clk) r ##1 g |-> r);')).rejects.toMatchObject({
      code: 'GG_VERILOG_PARSE',
      line: 2,
    })
  })
})
