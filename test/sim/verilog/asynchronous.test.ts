import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation, type VerilogOptions } from '../../../sim/verilog/index.ts'
import { type EventCase, icarusEvents, ownEvents, randomEvents } from './icarus-events.ts'
import { haveIcarus } from './native.ts'

const cases: EventCase[] = [
  {
    name: 'resets',
    text: `module dut(input clk, input rst_n, input clear, input en, input [7:0] d,
        output reg [7:0] p = 1, output reg [7:0] q = 2, output reg [69:0] r = 3, output reg [7:0] s = 4);
      always @(posedge clk or negedge rst_n) if (!rst_n) p <= 8'h5a; else p <= d;
      always @(posedge clk or posedge clear) if (clear) q <= 8'hff; else if (en) q <= p + d;
      always @(negedge clk or negedge rst_n) if (!rst_n) r <= 70'h2_1234_5678_9abc_def0; else r <= {r[60:0], d};
      always @(posedge clk) if (en) s <= p ^ q;
    endmodule`,
    clocks: ['clk', 'rst_n', 'clear'],
    data: { en: 1, d: 8 },
    outputs: { p: 8, q: 8, r: 70, s: 8 },
  },
  {
    name: 'one_clock',
    text: `module dut(input clk, input rst, input [7:0] d, output reg [7:0] p = 0, output reg [7:0] q = 0, output [7:0] y);
      always @(posedge clk or posedge rst) if (rst) p <= 8'h33; else p <= d;
      always @(posedge clk) q <= p;
      assign y = p + q;
    endmodule`,
    clocks: ['clk', 'rst'],
    data: { d: 8 },
    outputs: { p: 8, q: 8, y: 8 },
  },
  {
    name: 'synchronizer',
    text: `module dut(input clk, input rst_n, input [3:0] d, output reg [3:0] n = 0, output reg [3:0] m = 0);
      reg [1:0] sync = 0;
      always @(posedge clk or negedge rst_n) if (!rst_n) sync <= 0; else sync <= {sync[0], 1'b1};
      always @(posedge clk or negedge sync[1]) if (!sync[1]) n <= 0; else n <= n + d;
      always @(posedge clk) m <= n;
    endmodule`,
    clocks: ['clk', 'rst_n'],
    data: { d: 4 },
    outputs: { n: 4, m: 4 },
  },
  {
    name: 'self_reset',
    text: `module dut(input clk, input [3:0] d, output reg [3:0] n = 0, output reg [3:0] laps = 0);
      wire full = n >= 11;
      always @(posedge clk or posedge full) if (full) n <= 0; else n <= n + d[1:0];
      always @(negedge full) laps <= laps + 1;
    endmodule`,
    clocks: ['clk'],
    data: { d: 4 },
    outputs: { n: 4, laps: 4 },
  },
  {
    name: 'load',
    text: `module dut(input clk, input load, input en, input [7:0] d, input [7:0] v, output reg [7:0] q = 0);
      always @(posedge clk or posedge load) if (load) q <= v; else if (en) q <= q + d;
    endmodule`,
    clocks: ['clk', 'load'],
    data: { en: 1, d: 8, v: 8 },
    outputs: { q: 8 },
  },
  {
    name: 'load_only',
    text: `module dut(input clk, input load, input [7:0] v, output reg [7:0] q = 0);
      always @(posedge clk or posedge load) if (load) q <= v;
    endmodule`,
    clocks: ['clk', 'load'],
    data: { v: 8 },
    outputs: { q: 8 },
  },
  {
    name: 'set_and_clear',
    text: `module dut(input clk, input set, input clear, input [7:0] d, output reg [7:0] q = 0);
      wire s = set & ~clear;
      always @(posedge clk or posedge clear or posedge s) if (clear) q <= 8'h0f; else if (s) q <= 8'hf1; else q <= d;
    endmodule`,
    clocks: ['clk', 'clear'],
    data: { d: 8, set: 1 },
    outputs: { q: 8 },
  },
  {
    name: 'latches',
    text: `module dut(input g, input h, input clear, input [7:0] d, output reg [7:0] p, output reg [7:0] q, output reg [7:0] r);
      initial begin p = 0; q = 0; r = 0; end
      always @* if (g) p = d;
      always @* if (!g) q = p + 1;
      always @* if (clear) r = 8'haa; else if (h) r = q ^ d;
    endmodule`,
    clocks: ['g', 'h', 'clear'],
    data: { d: 8 },
    outputs: { p: 8, q: 8, r: 8 },
    single: true,
  },
  {
    name: 'latch_flip_flop',
    text: `module dut(input clk, input [7:0] d, output reg [7:0] slave = 0, output reg [7:0] count = 0);
      reg [7:0] master = 0, next = 0;
      always_latch if (!clk) master = d;
      always_latch if (clk) slave = master;
      always_latch if (!clk) next = count + 3;
      always_latch if (clk) count = next;
    endmodule`,
    clocks: ['clk'],
    data: { d: 8 },
    outputs: { slave: 8, count: 8 },
  },
]

async function start(text: string, options: Omit<VerilogOptions, 'engine'> = {}): Promise<Simulation> {
  return new Simulation(
    await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text }, ...options }),
  )
}

const values = (simulation: Simulation, ...names: string[]) => names.map((name) => simulation.get(name))

describe('asynchronous controls and latches', () => {
  it.skipIf(!haveIcarus())(
    'all kinds give the same values as Icarus (skipped without iverilog)',
    async () => {
      const settling = 40
      const events = cases.map((of, i) => randomEvents(of, 200, 33 + i))
      const expected = icarusEvents(cases, events)
      for (const [i, of] of cases.entries()) {
        const actual = await ownEvents(of, events[i]!)
        // before the first edges of the controls the two may differ: Icarus has edges from x, or none
        expect(actual.slice(settling), of.name).toEqual(expected[i]!.slice(settling))
      }
    },
  )

  it('a reset works without a clock, at power-on too, and goes before the edge', async () => {
    const simulation = await start(`
      module dut(input clk, input rst_n, input [3:0] d, output reg [3:0] q, output reg [3:0] r);
        always @(posedge clk or negedge rst_n) if (!rst_n) q <= 9; else q <= d;
        always @(posedge clk) r <= q;
      endmodule`)
    expect(values(simulation, 'q', 'r')).toEqual([9, 0])
    simulation.set('rst_n', 1)
    simulation.set('d', 4)
    simulation.step()
    expect(values(simulation, 'q', 'r')).toEqual([4, 9])
    simulation.set('rst_n', 0)
    // the reset comes before the edge: r sees it
    simulation.step()
    expect(values(simulation, 'q', 'r')).toEqual([9, 9])
    simulation.reset()
    simulation.set('rst_n', 1)
    expect(values(simulation, 'q', 'r')).toEqual([0, 0])
  })

  it('of a reset and a clock edge at the same time others see the value before both', async () => {
    const simulation = await start(`
      module dut(input clk, input rst, input [3:0] d, output reg [3:0] q, output reg [3:0] r);
        always @(posedge clk or posedge rst) if (rst) q <= 9; else q <= d;
        always @(posedge clk) r <= q;
      endmodule`)
    simulation.set('d', 4)
    simulation.step()
    simulation.set('rst', 1)
    simulation.set('clk', 1)
    simulation.settle()
    expect(values(simulation, 'q', 'r')).toEqual([9, 4])
  })

  it('outputs that change without a clock are not called registered', async () => {
    const simulation = await start(`
      module dut(input clk, input rst, input d, output reg q, output reg r, output reg l);
        always @(posedge clk or posedge rst) if (rst) q <= 0; else q <= d;
        always @(posedge clk) r <= d;
        always @* if (rst) l = d;
      endmodule`)
    expect(['q', 'r', 'l'].map((name) => simulation.isRegistered(name))).toEqual([false, true, false])
  })

  it('a reset loop that never rests is reported', async () => {
    const simulation = await start(`
      module dut(input clk, input on, output reg q);
        wire r = on & q;
        wire s = on & ~q;
        always @(posedge clk or posedge r or posedge s) if (r) q <= 0; else if (s) q <= 1; else q <= ~q;
      endmodule`)
    simulation.set('on', 1)
    for (const action of [() => simulation.settle(), () => simulation.step()])
      expect(action).toThrow(
        expect.objectContaining({ code: 'GG_UNSETTLED', message: 'dut does not come to rest: q' }),
      )
  })
})

describe('combinational loops', () => {
  const latch = `
    module dut(input s, input r, output q, output n);
      assign q = ~(r | n);
      assign n = ~(s | q);
    endmodule`

  it('are refused with their names, or settle when that is asked for', async () => {
    await expect(start(latch)).rejects.toMatchObject({
      code: 'GG_VERILOG_LOOP',
      message: expect.stringMatching(/q.*n|n.*q/),
    })
    const simulation = await start(latch, { loops: 'settle' })
    const outputs = (s: number, r: number) => {
      simulation.set('s', s)
      simulation.set('r', r)
      return values(simulation, 'q', 'n')
    }
    expect(outputs(1, 0)).toEqual([1, 0])
    expect(outputs(0, 0)).toEqual([1, 0])
    expect(outputs(0, 1)).toEqual([0, 1])
    expect(outputs(0, 0)).toEqual([0, 1])
  })

  it('that oscillate are reported', async () => {
    const simulation = await start('module dut(input on, output ring); assign ring = on & ~ring; endmodule', {
      loops: 'settle',
    })
    expect(simulation.get('ring')).toBe(0)
    simulation.set('on', 1)
    expect(() => simulation.settle()).toThrow(
      expect.objectContaining({ code: 'GG_UNSETTLED', message: expect.stringMatching(/rest: ring/) }),
    )
    simulation.set('on', 0)
    expect(simulation.get('ring')).toBe(0)
  })

  it('feed registers like any other logic', async () => {
    const simulation = await start(
      `module dut(input clk, input [7:0] a, input s, output reg [7:0] q);
        wire [7:0] x, y;
        assign x = s ? a : y;
        assign y = x & 8'h7f;
        always @(posedge clk) q <= y + 1;
      endmodule`,
      { loops: 'settle' },
    )
    simulation.set('a', 7)
    simulation.set('s', 1)
    simulation.step()
    expect(simulation.get('q')).toBe(8)
    simulation.set('a', 9)
    simulation.set('s', 0)
    simulation.step()
    expect(simulation.get('q')).toBe(8)
  })
})
