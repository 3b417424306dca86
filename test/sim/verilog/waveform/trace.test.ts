import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { randomSource } from '../../../../bench/conformance/random-source.ts'
import { compileVerilog, Simulation } from '../../../../sim/verilog/index.ts'
import { record } from '../../../../sim/verilog/waveform/recording.ts'
import { writeVcd } from '../../../../sim/verilog/waveform/waveform.ts'
import { haveIcarus } from '../native.ts'
import { readVcd, valueAt } from './read-vcd.ts'
import { randomInputs } from './stimulus.ts'

const folder = mkdtempSync(join(tmpdir(), 'gemgate-trace-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const text = `
module unit(input clk, input [7:0] d, output reg [7:0] held);
  wire seen = d == 8'd3;
  reg [3:0] count = 5;
  initial held = 0;
  always @(posedge clk) begin held <= d; count <= count + 1; end
endmodule
module all(input clk, input [7:0] a, input [69:0] wide, output [7:0] y, output signed [3:0] low);
  wire [7:0] \\odd.name+1 = a + 8'd1;
  wire [99:0] wider = {wide, 30'd7} + 1;
  wire [2:0] fixed = 3'd5;
  wire [3:0] part;
  wire same = clk;
  assign part[1:0] = a[7:6];
  assign part[3:2] = 2'd0;
  genvar i;
  generate for (i = 0; i < 2; i = i + 1) begin : gen
    wire [7:0] x;
    wire [7:0] from;
    if (i == 0) assign from = \\odd.name+1 ; else assign from = gen[0].x;
    unit u(.clk(clk), .d(from), .held(x));
  end endgenerate
  unit pair[1:0](.clk(clk), .d({a, y}), .held());
  assign y = gen[1].x;
  assign low = y[3:0];
endmodule`

const compile = (source: string, top: string, trace = false) =>
  compileVerilog('m.sv', { files: { 'm.sv': source }, top, cache: false, trace })

describe('trace', () => {
  it('names every signal in its hierarchy, those that nothing reads too', async () => {
    const { signals } = await compile(text, 'all', true)
    const inUnit = (unit: string) => ['clk', 'd', 'held', 'seen', 'count'].map((name) => `${unit}.${name}`)
    expect(new Set(signals.map(({ name }) => name))).toEqual(
      new Set([
        ...['clk', 'a', 'wide', 'y', 'low', 'odd.name+1', 'wider', 'fixed', 'part', 'same'],
        ...['gen[0].x', 'gen[0].from', 'gen[1].x', 'gen[1].from'],
        ...['gen[0].u', 'gen[1].u', 'pair[0]', 'pair[1]'].flatMap(inUnit),
      ]),
    )
    const scopeOf = (name: string) => signals.find((signal) => signal.name === name)?.scope
    expect(scopeOf('odd.name+1')).toEqual([])
    expect(scopeOf('gen[1].u.count')).toEqual(['gen[1]', 'u'])
    expect(signals.find(({ name }) => name === 'wider')).toMatchObject({ width: 100, signed: false })
    expect(signals.find(({ name }) => name === 'low')).toMatchObject({ width: 4, signed: true })
  })

  it('changes nothing in a design without it', async () => {
    const plain = await compile(text, 'all')
    expect(plain.signals).toEqual([])
    const traced = await plain.traced()
    expect(traced.signals.length).toBeGreaterThan(30)
    expect(traced.size).toBeGreaterThan(plain.size)
    expect(await compile(text, 'all')).toMatchObject({ wasm: plain.wasm, size: plain.size })
  })

  it('shows the rest where logic that nothing reads cannot be simulated', async () => {
    const dead = `module dead(input clk, input a, output reg q);
      wire ring = ~ring ^ a;
      wire other = ~a;
      always @(posedge clk) q <= other;
    endmodule`
    const { signals } = await compile(dead, 'dead', true)
    expect(signals.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'q', 'other']))
  })

  it.skipIf(!haveIcarus())(
    'has the values that Icarus Verilog dumps (skipped where iverilog is not installed)',
    async () => {
      const cycles = 40
      const source = (name: string) =>
        readFileSync(new URL(`../../../../hdl/trigger/${name}.sv`, import.meta.url), 'utf8')
      const hdl = [['fifo'], ['row_mean'], ['cluster_features', 'log2', 'log2_table']].map((names) => ({
        name: names[0]!,
        text: names.map(source).join(''),
      }))
      const modules = [{ name: 'all', text }, ...hdl]
      let compared = 0
      for (const [i, { name, text: sources }] of modules.entries()) {
        const simulation = new Simulation(await compile(sources, name))
        const inputs = [...simulation.ports.values()].filter((p) => p.direction === 'input' && !p.clock)
        record(simulation)
        const random = randomSource(i)
        const steps: string[] = []
        for (let cycle = 0; cycle < cycles; cycle++) {
          randomInputs(simulation, random)
          const values = inputs.map((p) => `${p.name} = ${p.width}'h${simulation.get(p.name).toString(16)};`)
          // as gemgate writes it: edge k at 10 k, the inputs of the next edge behind it
          steps.push(`#1 ${values.join(' ')} #4 clk = 0; #5 clk = 1;`)
          simulation.step()
        }
        const ours = join(folder, `${name}.vcd`)
        await writeVcd(simulation, ours)
        const theirs = readVcd(icarusDump(name, sources, inputs, simulation, steps))
        const dump = readVcd(readFileSync(ours, 'utf8'))
        expect(dump.timescale).toBe('1ns')
        for (const [full, signal] of theirs.signals) {
          const own = dump.signals.get(full.replace(/^bench\.dut/, name))
          if (!full.startsWith('bench.dut.')) continue
          if (!own) expect.fail(`${full} is missing`)
          expect(own.width, full).toBe(signal.width)
          for (let cycle = 1; cycle <= cycles; cycle++) {
            const value = valueAt(signal, 10 * cycle - 1)
            // in its low phase
            if (value === undefined) continue
            expect(valueAt(own, 10 * cycle - 1), `${full} before edge ${cycle}`).toBe(value)
            compared++
          }
        }
      }
      expect(compared).toBeGreaterThan(3000)
    },
  )
})

function icarusDump(
  name: string,
  source: string,
  inputs: readonly { readonly name: string; readonly width: number }[],
  simulation: Simulation,
  steps: readonly string[],
): string {
  const file = join(folder, `icarus-${name}.vcd`)
  const ports = [...simulation.ports.keys()].map((port) =>
    port === 'clk' || inputs.some((input) => input.name === port) ? `.${port}(${port})` : `.${port}()`,
  )
  const bench = `\`timescale 1ns/1ns
module bench;
  reg clk = 0;
  ${inputs.map((input) => `reg [${input.width - 1}:0] ${input.name} = 0;`).join('\n  ')}
  ${name} dut(${ports.join(', ')});
  initial begin
    $dumpfile("${file}");
    $dumpvars(0, bench);
    ${steps.join('\n    ')}
    #10 $finish;
  end
endmodule`
  const path = join(folder, `icarus-${name}`)
  writeFileSync(`${path}.sv`, `${source}\n${bench}`)
  execFileSync('iverilog', ['-g2012', '-s', 'bench', '-o', `${path}.vvp`, `${path}.sv`], { stdio: 'pipe' })
  execFileSync('vvp', ['-n', `${path}.vvp`])
  return readFileSync(file, 'utf8')
}
