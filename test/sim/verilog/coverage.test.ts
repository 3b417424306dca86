import { describe, expect, it } from 'vitest'
import { compileVerilog } from '../../../sim/verilog/compile.ts'
import { takeCoverage } from '../../../sim/verilog/coverage/collector.ts'
import { Coverage, type FileCoverage } from '../../../sim/verilog/coverage/coverage-data.ts'
import { istanbulCoverage } from '../../../sim/verilog/coverage/istanbul.ts'
import { lcov } from '../../../sim/verilog/coverage/lcov.ts'
import { coverageSummary } from '../../../sim/verilog/coverage/summary.ts'
import { dutOf, simulate } from '../../../sim/verilog/dut.ts'
import { Simulation } from '../../../sim/verilog/simulation.ts'
import { record } from '../../../sim/verilog/waveform/recording.ts'
import { waveform } from '../../../sim/verilog/waveform/waveform.ts'
import { Random } from '../../../src/core/random.ts'

/** Statements, branches and signals by line, in the order of the source. */
function byLine({ statements, branches, signals }: FileCoverage) {
  const rows = <T extends { range: { start: { line: number; column: number } } }, V>(
    all: Iterable<T>,
    value: (item: T) => V,
  ) =>
    [...all]
      .sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column)
      .map((item) => [item.range.start.line, value(item)] as const)
  return {
    statements: rows(statements.values(), ({ count }) => count),
    branches: rows(branches.values(), ({ arms }) => arms.map(({ count }) => count)),
    signals: rows(
      signals.values(),
      ({ name, rose, fell }) => `${name} ${rose.toString(2)} ${fell.toString(2)}`,
    ),
  }
}

const onlyFile = (coverage: Coverage) => [...coverage.files.values()][0]!

const styles = `module styles (
    input wire clk, input wire rst_n, input wire [2:0] s, input wire [7:0] d,
    output logic [7:0] q, output logic [7:0] r
);
  function automatic [7:0] pick(input [7:0] a, input c);
    if (c) pick = a;
    else pick = ~a;
  endfunction
  always_ff @(posedge clk or negedge rst_n)
    if (!rst_n) q <= 0;
    else if (d[7]) begin
      q <= pick(d, s[0]);
    end
  always_comb begin
    r = 0;
    case (s)
      0: r = d[0] ? (d[1] ? 8'd3 : 8'd4) : 8'd5;
      1, 2: begin
        r[0] = 1;
      end
      default: ;
    endcase
    casez (d)
      8'b1???????: r[7] = 1;
      8'b01??????: r[6] = 1;
    endcase
    for (int i = 0; i < 2; i++)
      if (s[i]) r[i + 2] = 1;
    unique if (d == 1) r[5] = 1;
    else if (d == 2) r[5] = 0;
  end
  always @(negedge clk) begin : falling
    if (s == 3'd7) t <= !t;
  end
  logic t = 0;
endmodule
`

describe('counts', () => {
  it('every way through every style of branch, as a model of the source does', async () => {
    const dut = await simulate('styles.sv', { files: { 'styles.sv': styles }, coverage: true })
    const random = new Random(7)
    const expected = new Map<number, number[][]>()
    const count = (line: number, arms: number, taken: number, which = 0) => {
      const rows = expected.get(line) ?? []
      expected.set(line, rows)
      rows[which] ??= new Array<number>(arms).fill(0)
      rows[which][taken]!++
    }
    for (let cycle = 0; cycle < 200; cycle++) {
      const s = random.uint32() & 7
      const d = random.uint32() & (cycle % 2 ? 3 : 255)
      const rst = cycle % 9 === 0 ? 0 : 1
      Object.assign(dut.in, { s, d, rst_n: rst })
      await dut.clock()
      count(10, 2, rst ? 1 : 0)
      if (rst) count(11, 2, d >> 7 ? 0 : 1)
      if (rst && d >> 7) count(6, 2, s & 1 ? 0 : 1)
      count(16, 3, s === 0 ? 0 : s < 3 ? 1 : 2)
      if (s === 0) count(17, 2, d & 1 ? 0 : 1)
      if (s === 0) count(17, 2, d & 2 ? 0 : 1, 1)
      count(23, 3, d >> 7 ? 0 : d >> 6 ? 1 : 2)
      for (const bit of [1, 2]) count(28, 2, s & bit ? 0 : 1)
      count(29, 2, d === 1 ? 0 : 1)
      if (d !== 1) count(30, 2, d === 2 ? 0 : 1)
      count(33, 2, s === 7 ? 0 : 1)
    }
    await dut.falling()
    dut.close()
    const { branches, statements } = byLine(onlyFile(takeCoverage()))
    const flat = [...expected]
      .sort(([a], [b]) => a - b)
      .flatMap(([line, rows]) => rows.map((row) => [line, row]))
    expect(branches).toEqual(flat)
    const of = (line: number, arm: number) => expected.get(line)![0]![arm]
    expect(statements).toEqual([
      [6, of(6, 0)],
      [7, of(6, 1)],
      [10, of(10, 0)],
      [12, of(11, 0)],
      [15, 200],
      [17, of(16, 0)],
      [19, of(16, 1)],
      [24, of(23, 0)],
      [25, of(23, 1)],
      [28, of(28, 0)],
      [29, of(29, 0)],
      [30, of(30, 0)],
      [33, of(33, 0)],
    ])
  })

  it('which bits of ports and registers rose and fell, each on its clock', async () => {
    const text = `module toggles (input wire fast, input wire slow, input wire [3:0] a, output logic [3:0] q, output logic one);
  logic [3:0] copy;
  always_ff @(posedge fast) copy <= a;
  always_ff @(negedge slow) q <= copy;
  always_ff @(posedge slow) one <= 1;
endmodule
`
    const options = { files: { 'toggles.sv': text }, coverage: true }
    const simulation = new Simulation(await compileVerilog('toggles.sv', options))
    const level = (clock: string, value: number) => {
      simulation.set(clock, value)
      simulation.settle()
    }
    for (const a of [3, 5, 3]) {
      simulation.set('a', a)
      for (const value of [1, 0]) level('fast', value)
    }
    for (const value of [1, 0, 1, 0, 1, 0]) level('slow', value)
    for (const value of [1, 0]) level('fast', value)
    expect(byLine(onlyFile(takeCoverage())).signals).toEqual([
      [1, 'a 111 110'],
      [1, 'q 11 0'],
      [1, 'one 1 0'],
      [2, 'copy 111 110'],
    ])
  })

  it('a design without a clock whenever its outputs are looked at', async () => {
    const text = `module choose (input wire s, input wire [1:0] a, output logic [1:0] y);
  always_comb
    if (s) y = a;
    else y = a == 3 ? 0 : 1;
endmodule
`
    const dut = await simulate('choose.sv', { files: { 'choose.sv': text }, coverage: true })
    for (const [s, a] of [
      [0, 1],
      [0, 2],
      [1, 0],
    ]) {
      Object.assign(dut.in, { s, a })
      dut.settle()
    }
    expect(byLine(onlyFile(takeCoverage()))).toEqual({
      statements: [
        [3, 1],
        [4, 2],
      ],
      branches: [
        [3, [1, 2]],
        [4, [0, 2]],
      ],
      signals: [
        [1, 's 1 0'],
        [1, 'a 11 11'],
        [1, 'y 1 1'],
      ],
    })
    const another = dutOf(new Simulation(dut.simulation.design))
    record(another)
    for (const a of [2, 1]) {
      Object.assign(another.in, { s: 1, a })
      expect(another.out['y']).toBe(a)
    }
    // what draws a waveform does everything again, and counts nothing
    expect(waveform(another)).toContain('choose')
    const { branches } = byLine(onlyFile(takeCoverage()))
    expect(branches[0]).toEqual([3, [2, 0]])
  })
})

it('knows assertions, however Yosys must be told of them', async () => {
  const text = `module checked (input wire clk, input wire a, input wire b, output logic [1:0] q);
  always_ff @(posedge clk) begin
    if (a) assert (b) else $error("b is %d", b); else if (b) q <= q + 1;
    first: assert (a || b || 1) else begin if (a) $display("no"); end
  end
  assert property (@(posedge clk) disable iff (b) a |=> 1);
endmodule
`
  const dut = await simulate('checked.sv', { files: { 'checked.sv': text }, coverage: true })
  for (const [a, b] of [
    [1, 1],
    [0, 1],
    [0, 1],
    [0, 0],
  ]) {
    Object.assign(dut.in, { a, b })
    await dut.clock()
  }
  const { branches, statements } = byLine(onlyFile(takeCoverage()))
  expect(branches.slice(0, 2)).toEqual([
    [3, [1, 3]],
    [3, [2, 1]],
  ])
  expect(statements.filter(([line]) => line !== 4)).toEqual([
    [3, 1],
    [3, 2],
  ])
})

const counter = `module counter (input wire clk, input wire up, output logic [1:0] q);
  always_ff @(posedge clk)
    if (up) q <= q + 1;
    else q <= q - 1;
endmodule
`
const pair = `module pair #(parameter int BOTH = 1) (input wire clk, input wire up, output wire [1:0] a, output wire [1:0] b);
  counter one (.clk, .up, .q(a));
  if (BOTH) begin : second
    counter two (.clk, .up(!up), .q(b));
  end else assign b = 0;
endmodule
`

it('adds up instances, simulations, and what ran before a reset; the plain design is as before', async () => {
  const files = { 'counter.sv': counter, 'pair.sv': pair }
  const options = { files, top: 'pair', cache: false } as const
  const sources = ['counter.sv', 'pair.sv']
  const covered = await compileVerilog(sources, { ...options, coverage: true })
  const plain = await compileVerilog(sources, options)
  expect(plain.coverage).toBeUndefined()
  expect(covered.ports.map(({ name }) => name)).toEqual(plain.ports.map(({ name }) => name))
  expect(covered.probes.map(({ name }) => name)).toEqual(plain.probes.map(({ name }) => name))
  expect(covered.statistics.registerBits).toBe(plain.statistics.registerBits)
  const [one, other] = [dutOf(new Simulation(covered)), dutOf(new Simulation(covered))]
  one.in.up = 1
  one.run(5)
  one.reset()
  other.run(2)
  other.close()
  const coverage = takeCoverage()
  expect([...coverage.files.keys()].map((path) => path.split('/').at(-1)).sort()).toEqual([
    'counter.sv',
    'pair.sv',
  ])
  const file = [...coverage.files].find(([path]) => path.endsWith('counter.sv'))![1]
  expect(byLine(file).branches).toEqual([[3, [7, 7]]])
  expect(takeCoverage().files.size).toBe(0)
})

it('is written as Istanbul and lcov take it, and merged', async () => {
  const dut = await simulate('counter.sv', { files: { 'counter.sv': counter }, coverage: true })
  dut.in.up = 1
  dut.run(4)
  const coverage = new Coverage()
  const taken = takeCoverage()
  coverage.merge(taken)
  coverage.merge(Coverage.fromJSON(JSON.parse(JSON.stringify(taken))))
  const [path] = [...coverage.files.keys()]
  const file = istanbulCoverage(coverage)[path!]!
  expect(file.b).toEqual({ 0: [8, 0] })
  expect(file.branchMap[0]!.locations[1]).toEqual({
    start: { line: 4, column: 9 },
    end: { line: 4, column: 20 },
  })
  expect(file.statementMap[0]).toEqual({ start: { line: 3, column: 12 }, end: { line: 3, column: 23 } })
  expect(file.s).toEqual({ 0: 8, 1: 0 })
  expect(Object.values(file.fnMap).map(({ name }) => name)).toEqual(['up', 'q'])
  expect(file.f).toEqual({ 0: 0, 1: 1 })
  expect(lcov(coverage).split('\n').slice(2)).toEqual([
    ...['FN:1,up', 'FN:1,q', 'FNDA:0,up', 'FNDA:1,q', 'FNF:2', 'FNH:1'],
    ...[
      'BRDA:3,0,0,8',
      'BRDA:3,0,1,0',
      'BRF:2',
      'BRH:1',
      'DA:3,8',
      'DA:4,0',
      'LF:2',
      'LH:1',
      'end_of_record',
      '',
    ],
  ])
  expect(coverageSummary(coverage)[0]).toMatchObject({
    lines: { covered: 1, total: 2 },
    branches: { covered: 1, total: 2 },
    missing: { lines: [4], branches: [3], signals: ['up'] },
  })
})
