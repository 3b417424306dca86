import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation, type VerilogOptions } from '../../../sim/verilog/index.ts'
import { type EventCase, icarusEvents, ownEvents, randomEvents } from './icarus-events.ts'
import { haveIcarus } from './native.ts'

const header = (...ports: string[]) => `module dut(${ports.join(', ')});`

const cases: EventCase[] = [
  {
    name: 'two_clocks',
    text: `${header('input a, input b, input [7:0] d', 'output reg [7:0] p = 0, output reg [7:0] q = 0, output reg [7:0] r = 0')}
      always @(posedge a) p <= d + r;
      always @(posedge b) begin q <= p; r <= q ^ d; end
    endmodule`,
    clocks: ['a', 'b'],
    data: { d: 8 },
    outputs: { p: 8, q: 8, r: 8 },
  },
  {
    name: 'both_edges',
    text: `${header('input clk, input [7:0] d', 'output reg [7:0] p = 0, output reg [7:0] q = 0', 'output [7:0] y')}
      always @(posedge clk) p <= d;
      always @(negedge clk) q <= p + 1;
      assign y = clk ? p : q;
    endmodule`,
    clocks: ['clk'],
    data: { d: 8 },
    outputs: { p: 8, q: 8, y: 8 },
  },
  {
    name: 'ripple_counter',
    text: `${header('input clk, input [7:0] d', 'output reg [3:0] n = 0', 'output reg [7:0] q = 0, output reg [7:0] r = 0')}
      always @(posedge clk) n[0] <= ~n[0];
      always @(negedge n[0]) n[1] <= ~n[1];
      always @(negedge n[1]) n[2] <= ~n[2];
      always @(negedge n[2]) begin n[3] <= ~n[3]; r <= q; end
      always @(posedge n[2]) q <= d + n;
    endmodule`,
    clocks: ['clk'],
    data: { d: 8 },
    outputs: { n: 4, q: 8, r: 8 },
  },
  {
    name: 'divided',
    text: `${header('input clk, input [7:0] d', 'output reg [7:0] count = 0, output reg [7:0] q = 0, output reg [7:0] r = 0', 'output slow')}
      reg [1:0] div = 0;
      assign slow = div[1];
      always @(posedge clk) begin div <= div + 1; count <= count + d; end
      always @(posedge slow) begin q <= count; r <= q; end
    endmodule`,
    clocks: ['clk'],
    data: { d: 8 },
    outputs: { count: 8, q: 8, r: 8, slow: 1 },
  },
  {
    name: 'gated',
    text: `${header('input clk, input en, input [7:0] d', 'output reg [7:0] p = 0, output reg [7:0] q = 0, output reg [7:0] r = 0')}
      reg latched = 0;
      always @* if (!clk) latched = en;
      wire gated = clk & latched;
      always @(posedge gated) begin p <= d; q <= p; end
      always @(posedge clk) r <= q;
    endmodule`,
    clocks: ['clk'],
    data: { en: 1, d: 8 },
    outputs: { p: 8, q: 8, r: 8 },
  },
  {
    name: 'muxed',
    text: `${header('input a, input b, input s, input [99:0] d', 'output reg [99:0] p = 0, output reg [99:0] q = 0')}
      wire c = s ? a : ~b;
      always @(posedge c) p <= d ^ q;
      always @(negedge c) q <= p;
    endmodule`,
    clocks: ['a', 'b', 's'],
    single: true,
    data: { d: 100 },
    outputs: { p: 100, q: 100 },
  },
  {
    name: 'memory_of_two_clocks',
    text: `${header('input wa, input wb, input [2:0] i, input [2:0] j, input [11:0] d, input [1:0] m', 'output [11:0] x', 'output reg [11:0] y = 0')}
      reg [11:0] mem [0:7];
      integer k;
      initial for (k = 0; k < 8; k = k + 1) mem[k] = k * 77;
      always @(posedge wa) if (m[0]) mem[i] <= d;
      always @(negedge wb) begin if (m[1]) mem[j][5:0] <= d[11:6]; y <= mem[i]; end
      assign x = mem[j];
    endmodule`,
    clocks: ['wa', 'wb'],
    data: { i: 3, j: 3, d: 12, m: 2 },
    outputs: { x: 12, y: 12 },
  },
  {
    name: 'bits_of_a_vector',
    text: `${header('input c0, input c1, input [7:0] d', 'output reg [7:0] p = 0, output reg [7:0] q = 0')}
      wire [1:0] c = {c1, c0};
      always @(posedge c[0]) p <= d;
      always @(posedge c[1]) q <= p;
    endmodule`,
    clocks: ['c0', 'c1'],
    data: { d: 8 },
    outputs: { p: 8, q: 8 },
  },
]

async function start(text: string, options: Omit<VerilogOptions, 'engine'> = {}): Promise<Simulation> {
  return new Simulation(
    await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text }, ...options }),
  )
}

describe('clocks', () => {
  it.skipIf(!haveIcarus())(
    'all kinds give the same values as Icarus (skipped without iverilog)',
    async () => {
      const events = cases.map((of, i) => randomEvents(of, 200, 71 + i))
      const expected = icarusEvents(cases, events)
      for (const [i, of] of cases.entries()) {
        expect(await ownEvents(of, events[i]!), of.name).toEqual(expected[i])
        const ungated = { ...of, options: { gateThreshold: Number.POSITIVE_INFINITY } }
        expect(await ownEvents(ungated, events[i]!), `${of.name} ungated`).toEqual(expected[i])
      }
    },
  )

  it('a register on a divided clock sees what changed with the edge that made it, one on a gated clock does not', async () => {
    const simulation = await start(`
      module dut(input clk, output reg [7:0] n, output reg [7:0] divided, output reg [7:0] gated);
        reg half;
        initial begin n = 0; divided = 0; gated = 0; half = 0; end
        wire always_on = clk & 1'b1 & ~n[7];
        always @(posedge clk) begin n <= n + 1; half <= ~half; end
        always @(posedge half) divided <= n;
        always @(posedge always_on) gated <= n;
      endmodule`)
    const seen = Array.from({ length: 4 }, () => {
      simulation.step()
      return ['n', 'divided', 'gated'].map((name) => simulation.get(name))
    })
    expect(seen).toEqual([
      [1, 1, 0],
      [2, 1, 1],
      [3, 3, 2],
      [4, 3, 3],
    ])
  })

  it('step makes a whole cycle: the falling edge, too', async () => {
    const simulation = await start(`
      module dut(input clk, input d, output reg p, output reg q);
        always @(posedge clk) p <= d;
        always @(negedge clk) q <= p;
      endmodule`)
    simulation.set('d', 1)
    simulation.step()
    expect([simulation.get('p'), simulation.get('q'), simulation.get('clk')]).toEqual([1, 1, 0])
  })

  it('the main clock is clk, or the only one, or the one that is named', async () => {
    const two = `module dut(input ca, input cb, output reg [3:0] a, output reg [3:0] b);
        always @(posedge ca) a <= a + 1;
        always @(posedge cb) b <= b + 1;
      endmodule`
    const only = await start(
      'module dut(input tick, output reg [3:0] q); always @(negedge tick) q <= q + 1; endmodule',
    )
    only.step(3)
    expect([only.design.clock, only.get('q'), only.cycle]).toEqual(['tick', 3, 3])
    const named = await start(two, { clock: 'cb' })
    named.step(5)
    expect([named.get('a'), named.get('b')]).toEqual([0, 5])
    const open = await start(two)
    expect(open.design.clock).toBe('')
    expect([...open.ports.values()].filter(({ clock }) => clock).map(({ name }) => name)).toEqual([
      'ca',
      'cb',
    ])
    for (const step of [() => open.step(), () => open.stepFunction()])
      expect(step).toThrow(
        expect.objectContaining({ code: 'GG_USAGE', message: expect.stringMatching(/ca, cb/) }),
      )
    open.set('ca', 1)
    open.settle()
    open.settle()
    expect([open.get('a'), open.get('b')]).toEqual([1, 0])
    await expect(start(two, { clock: 'cc' })).rejects.toMatchObject({ code: 'GG_USAGE' })
  })

  it('edges of the main clock made by hand count as cycles, and pending ones come before a step', async () => {
    const simulation = await start(
      'module dut(input clk, output reg [3:0] q); always @(posedge clk) q <= q + 1; endmodule',
    )
    for (const level of [1, 0, 1]) {
      simulation.set('clk', level)
      simulation.settle()
    }
    expect([simulation.get('q'), simulation.cycle]).toEqual([2, 2])
    simulation.step()
    expect([simulation.get('q'), simulation.cycle, simulation.get('clk')]).toEqual([3, 3, 0])
    simulation.set('clk', 1)
    simulation.step()
    expect([simulation.get('q'), simulation.cycle]).toEqual([5, 5])
  })

  it('a constant clock never ticks', async () => {
    const simulation = await start(`
      module dut(input clk, output reg [3:0] p, output reg [3:0] q);
        parameter [7:0] none = 0;
        always @(posedge none[3]) p <= p + 1;
        always @(posedge clk) q <= q + 1;
      endmodule`)
    simulation.step(3)
    expect([simulation.get('p'), simulation.get('q')]).toEqual([0, 3])
  })

  it('at power-on no clock has an edge, whatever its level', async () => {
    const simulation = await start(`
      module dut(input clk, output reg [3:0] p, output reg [3:0] q);
        wire inverted = ~clk;
        always @(posedge inverted) p <= p + 1;
        always @(negedge clk) q <= q + 1;
      endmodule`)
    simulation.settle()
    expect([simulation.get('p'), simulation.get('q')]).toEqual([0, 0])
    simulation.step(2)
    expect([simulation.get('p'), simulation.get('q')]).toEqual([2, 2])
  })

  it('clocks that make each other tick for ever are reported with their names', async () => {
    const simulation = await start(`
      module dut(input clk, input on, output reg a, output reg b);
        wire ring = on & ~a;
        always @(posedge clk) b <= on;
        always @(posedge ring or negedge on) if (!on) a <= 0; else a <= 1;
        wire back = a & on;
        reg c;
        always @(posedge back) c <= ~c;
      endmodule`)
    simulation.set('on', 1)
    simulation.step()
    expect(simulation.get('a')).toBe(1)
    const restless = await start(`
      module dut(input clk, input on, output reg a);
        wire tick = on & ~(a ^ clk);
        wire tock = on & (a ^ clk);
        always @(posedge tick or posedge tock) if (tock) a <= 1'b0; else a <= 1'b1;
        initial a = 1;
      endmodule`)
    restless.set('on', 1)
    expect(() => {
      restless.settle()
      restless.set('clk', 1)
      restless.settle()
    }).toThrow(expect.objectContaining({ code: 'GG_UNSETTLED', message: expect.stringMatching(/rest: .*a/) }))
  })
})
