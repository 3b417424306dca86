import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  compileVerilog,
  Simulation,
  type SimulationOptions,
  type VerilogOptions,
} from '../../../sim/verilog/index.ts'
import { haveIcarus } from './native.ts'

async function start(
  text: string,
  how: SimulationOptions = {},
  options: Omit<VerilogOptions, 'engine'> = {},
): Promise<{ simulation: Simulation; printed: string[] }> {
  const design = await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text }, ...options })
  const printed: string[] = []
  return { simulation: new Simulation(design, { onPrint: (line) => printed.push(line), ...how }), printed }
}

describe('$display and $write', () => {
  const formats = `
    module leaf(input clk, input [7:0] d);
      always @(posedge clk) if (d[0]) $display("%m sees %0d", d);
    endmodule
    module dut(input clk, input [7:0] d, output reg [7:0] q);
      initial q = 8'h41;
      wire signed [7:0] s = d;
      wire [69:0] w = {d, 54'd0, q};
      leaf u_leaf(.clk(clk), .d(d));
      always @(posedge clk) begin
        q <= d;
        $display("%d|%0d|%5d|%d|%0d|", d, d, d, s, s);
        $display("%h %x %0h %b %0b %o", d, d, d, d, d, d);
        $display("%c%s", q[5:0] + 8'h40, "text");
        $display("%d %h %b", w, w, w[69:60]);
        $write("100%% {", d, "} ");
        $write("%04d %08b\\n", d, q);
        $display(q, s);
      end
    endmodule`

  it.skipIf(!haveIcarus())('print what Icarus prints (skipped without iverilog)', async () => {
    const values = [0, 1, 5, 127, 128, 200, 255]
    const { simulation, printed } = await start(formats)
    for (const d of values) {
      simulation.set('d', d)
      simulation.step()
    }
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-display-'))
    try {
      const steps = values.map((d) => `d = ${d}; #1 clk = 1; #1 clk = 0;`).join(' ')
      const bench = `module bench; reg clk = 0; reg [7:0] d = 0; wire [7:0] q; dut dut(clk, d, q);
        initial begin #1 ${steps} end endmodule`
      writeFileSync(join(folder, 'all.sv'), `${formats}\n${bench}`)
      execFileSync('iverilog', ['-g2012', '-s', 'bench', '-o', join(folder, 'a'), join(folder, 'all.sv')])
      const expected = execFileSync('vvp', ['-n', join(folder, 'a')], { encoding: 'utf8' })
      // which of two modules prints first is open
      const sorted = (text: string) => text.replaceAll('bench.dut.', '').split('\n').sort()
      expect(sorted(printed.join(''))).toEqual(sorted(expected))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('say what an initial block says at power-on, and again after a reset', async () => {
    const { simulation, printed } = await start(`
      module dut #(parameter W = 3) (input clk, output q);
        reg [7:0] m = 8'd99;
        initial $display("W is %0d, m %0d", W, m);
        assign q = clk;
      endmodule`)
    expect(printed).toEqual(['W is 3, m 99\n'])
    simulation.reset()
    expect(printed).toHaveLength(2)
  })

  it('see the values before the edge, in the order of the source, on their own clock', async () => {
    const { simulation, printed } = await start(`
      module dut(input clk, input slow, output reg [3:0] q);
        integer i;
        always @(posedge clk) begin
          q <= q + 1;
          for (i = 0; i < 2; i = i + 1) begin $write("a%0d ", i); $write("b%0d ", i); end
          if (q[0]) $write("odd ");
          $write("%0d\\n", q);
        end
        always @(negedge slow) $write("slow %0d at %0t\\n", q, $time);
      endmodule`)
    simulation.step(2)
    simulation.set('slow', 1)
    simulation.settle()
    simulation.set('slow', 0)
    simulation.settle()
    expect(printed.join('').split('\n')).toEqual(['a0 b0 a1 b1 0', 'a0 b0 a1 b1 odd 1', 'slow 2 at 2', ''])
  })

  it('without a clock print when something changed and the design has come to rest', async () => {
    const { simulation, printed } = await start(`
      module dut(input clk, input on, input [3:0] a, output reg [3:0] q);
        always @(posedge clk) q <= q + a;
        always @* if (on) $display("q %0d", q);
      endmodule`)
    simulation.set('a', 3)
    simulation.step(2)
    simulation.set('on', 1)
    simulation.step(2)
    simulation.settle()
    simulation.settle()
    expect(printed).toEqual(['q 6\n', 'q 9\n', 'q 12\n'])
  })
})

describe('$finish', () => {
  it('ends a run after its cycle; raw steps see a word', async () => {
    const { simulation } = await start(`
      module dut(input clk, output reg [7:0] q);
        always @(posedge clk) begin q <= q + 1; if (q == 20) $finish; if (q == 99) $stop(0); end
      endmodule`)
    simulation.step(1000)
    expect([simulation.cycle, simulation.get('q'), simulation.finished]).toEqual([21, 21, true])
    expect(() => simulation.step()).toThrow(expect.objectContaining({ code: 'GG_FINISHED' }))
    simulation.reset()
    expect(simulation.finished).toBe(false)
    simulation.step(20)
    expect(simulation.finished).toBe(false)
    simulation.step()
    expect(simulation.finished).toBe(true)
  })
})

describe('assert, assume and cover', () => {
  const text = `module dut(input clk, input rst_n, input [7:0] d, output reg [7:0] q);
  always @(posedge clk or negedge rst_n)
    if (!rst_n) q <= 0;
    else begin
      q <= d;
      small: assert (d < 100) else $error("d is %0d,\\n q %0d", d, q);
      assume (d != 50);
      cover (d == 7);
    end
  always @* if (q == 60) assert (d != 61);
  after_nine: assert property (@(posedge clk) disable iff (!rst_n) d == 9 |=> d == 10)
    else $error("no ten");
endmodule`

  it('end the run with the cycle, file, line and message', async () => {
    const { simulation } = await start(text)
    simulation.set('rst_n', 1)
    simulation.set('d', 1)
    simulation.step(5)
    simulation.set('d', 120)
    expect(() => simulation.step(100)).toThrow(
      expect.objectContaining({
        code: 'GG_ASSERTION',
        message: 'assert small failed in cycle 6 (dut.sv:6): d is 120,\n q 1',
        file: 'dut.sv',
        line: 6,
      }),
    )
    expect([simulation.cycle, simulation.get('q')]).toEqual([6, 120])
    simulation.set('d', 50)
    expect(() => simulation.step()).toThrow(
      expect.objectContaining({ line: 7, remedy: expect.stringMatching(/assumes/) }),
    )
  })

  it('are collected where that is asked for, covers counted', async () => {
    const { simulation } = await start(text, { assertions: 'collect' })
    simulation.set('rst_n', 1)
    for (const d of [7, 7, 130, 9, 10, 9, 11, 60, 61]) {
      simulation.set('d', d)
      simulation.step()
    }
    simulation.settle()
    expect(simulation.violations.map(({ name, cycle, line }) => [name, cycle, line])).toEqual([
      ['small', 3, 6],
      ['after_nine', 7, 11],
      ['line10', 9, 10],
    ])
    expect(simulation.violations[1]!.message).toBe('no ten')
    expect(simulation.covers.map(({ check, count }) => [check.kind, check.line, count])).toEqual([
      ['cover', 8, 2],
    ])
  })

  it('are silent while the asynchronous reset of their block is active', async () => {
    const { simulation } = await start(text, { assertions: 'collect' })
    simulation.set('d', 200)
    simulation.step(3)
    simulation.set('rst_n', 1)
    simulation.settle()
    simulation.set('rst_n', 0)
    simulation.settle()
    expect(simulation.violations).toEqual([])
  })

  it('without a clock are looked at when the design is at rest, not in between', async () => {
    const { simulation } = await start(`
      module dut(input clk, input [3:0] a, output [3:0] sum);
        reg [3:0] p, q;
        always @(posedge clk) begin p <= a; q <= a; end
        assign sum = p + q;
        even: assert property (sum[0] == 0);
        always_comb bound: assert (a < 12) else $error("a is %0d", a);
      endmodule`)
    simulation.set('a', 5)
    simulation.step(10)
    simulation.set('a', 13)
    // reading is no looking
    expect(simulation.get('sum')).toBe(10)
    expect(() => simulation.settle()).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^assert bound failed .*: a is 13$/) }),
    )
    expect(() => simulation.step()).toThrow(expect.objectContaining({ code: 'GG_ASSERTION' }))
  })

  it('have the path of their instance, and severity tasks count, too', async () => {
    const { simulation, printed } = await start(
      `module leaf(input clk, input [3:0] d);
        always @(posedge clk) begin
          own: assert (d != 3);
          if (d == 4) $error("four");
          if (d == 5) $warning("five %0d", d); else if (d == 6) $fatal(1, "six"); else $info;
        end
      endmodule
      module dut(input clk, input [3:0] d, output q);
        assign q = 0;
        generate genvar i; for (i = 0; i < 2; i = i + 1) begin : g leaf u_leaf(clk, d + i[3:0]); end endgenerate
      endmodule`,
      { assertions: 'collect' },
    )
    for (const d of [3, 4, 5]) {
      simulation.set('d', d)
      simulation.step()
    }
    expect(simulation.violations.map(({ name, message, cycle }) => [cycle, name, message])).toEqual([
      [1, 'g[0].u_leaf.own', ''],
      [1, 'g[1].u_leaf.line4', 'four'],
      [2, 'g[0].u_leaf.line4', 'four'],
      [3, 'g[1].u_leaf.line5', 'six'],
    ])
    expect(printed.filter((line) => line !== 'Info: \n')).toEqual(['Warning: five 5\n', 'Warning: five 5\n'])
    expect(simulation.finished).toBe(true)
  })
})
