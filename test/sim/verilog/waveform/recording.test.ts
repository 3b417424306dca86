import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { randomModule } from '../../../../bench/conformance/random-module.ts'
import { compileVerilog, Simulation } from '../../../../sim/verilog/index.ts'
import { record } from '../../../../sim/verilog/waveform/recording.ts'
import { replay } from '../../../../sim/verilog/waveform/replay.ts'
import { waveform, writeVcd } from '../../../../sim/verilog/waveform/waveform.ts'
import { readVcd, valueAt } from './read-vcd.ts'
import { exercise } from './stimulus.ts'

const folder = mkdtempSync(join(tmpdir(), 'gemgate-waves-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const counter = `module counter(input clk, input [7:0] by, output reg [31:0] total, output [31:0] next);
  initial total = 0;
  assign next = total + by;
  always @(posedge clk) total <= next;
endmodule`

const compile = (text: string, top: string) =>
  compileVerilog('m.sv', { files: { 'm.sv': text }, top, clock: 'clk', cache: false })

const counterDesign = compile(counter, 'counter')

async function startCounter(): Promise<Simulation> {
  return new Simulation(await counterDesign)
}

describe('a recording', () => {
  const seeds = fc.sample(fc.integer({ min: 0 }), { seed: 20261123, numRuns: 3 })

  const features = { clocks: true, asynchronousResets: true, latches: true }

  it('gives the same outputs again, at every cycle, on the traced variant, and in the VCD file', async () => {
    let seen = 0
    for (const [i, seed] of seeds.entries()) {
      const module = randomModule(seed, `random${i}`, i % 2 === 0 ? {} : features)
      const design = await compile(module.text, module.name)
      const simulation = new Simulation(design)
      const recording = record(simulation)
      const outputs = (of: Simulation) => module.outputs.map(({ name }) => of.get(name)).join()
      const live: [number, string][] = []
      exercise(simulation, seed, 80, () => {
        simulation.settle()
        live.push([simulation.cycle, outputs(simulation)])
      })
      for (const variant of [design, await design.traced()]) {
        const again = new Set<string>()
        const end = replay(recording, variant, 0, (other) => (cycle) => {
          again.add(`${cycle}: ${outputs(other)}`)
        })
        for (const [cycle, values] of live) expect(again, `seed ${seed}`).toContain(`${cycle}: ${values}`)
        expect(outputs(end)).toBe(outputs(simulation))
      }
      const path = join(folder, `${module.name}.vcd`)
      await writeVcd(simulation, path)
      const { signals } = readVcd(readFileSync(path, 'utf8'))
      for (const { name } of module.outputs)
        expect(valueAt(signals.get(`${module.name}.${name}`)!, Number.MAX_SAFE_INTEGER)).toBe(
          BigInt(simulation.get(name)),
        )
      seen += live.length
    }
    expect(seen).toBeGreaterThan(100)
  })

  it('is one entry for many cycles with the same inputs', async () => {
    const simulation = await startCounter()
    const recording = record(simulation)
    simulation.set('by', 3)
    for (let i = 0; i < 1000; i++) simulation.step(1000)
    simulation.settle()
    simulation.settle()
    const [part, ...others] = recording.parts
    expect(others).toEqual([])
    // input: two words, run: one, settle: one
    expect(part!.log.bytes).toBe(16)
  })

  it('replays only the window that is asked for, after many cycles at once', async () => {
    const simulation = await startCounter()
    const recording = record(simulation)
    simulation.set('by', 3)
    simulation.step(5_000_000)
    simulation.set('by', 1)
    simulation.step(10)
    const cycles: [number, unknown][] = []
    replay(recording, simulation.design, 4_999_999, (other) => (cycle) => {
      cycles.push([cycle, other.get('total')])
    })
    expect(cycles.length).toBe(12)
    expect(cycles[0]).toEqual([4_999_999, 3 * 4_999_999])
    expect(cycles.at(-1)).toEqual([5_000_010, 15_000_010])
  })

  it('starts afresh with a reset', async () => {
    const simulation = await startCounter()
    const recording = record(simulation)
    simulation.set('by', 200)
    simulation.step(7)
    simulation.reset()
    simulation.set('by', 2)
    simulation.step(3)
    const totals: unknown[] = []
    replay(recording, simulation.design, 0, (other) => () => {
      totals.push(other.get('total'))
    })
    expect(totals).toEqual([0, 2, 4, 6])
  })

  it('forgets its oldest part when it outgrows its limit, and still knows the latest cycles', async () => {
    const simulation = await startCounter()
    const recording = record(simulation, { limit: 4096 })
    for (let i = 0; i < 5000; i++) {
      simulation.set('by', i % 251)
      simulation.step()
    }
    const bytes = recording.parts.reduce((sum, { log }) => sum + log.bytes, 0)
    expect(bytes).toBeLessThanOrEqual(4096 + 16)
    expect(waveform(simulation)).toContain('cycles 4990 to 5000')
    const path = join(folder, 'late.vcd')
    const summary = await writeVcd(simulation, path)
    expect(summary).toMatchObject({ complete: false, lastCycle: 5000 })
    expect(summary.firstCycle).toBeGreaterThan(4000)
    const text = readFileSync(path, 'utf8')
    expect(text).toContain('only ports and registers are here')
    const total = readVcd(text).signals.get('counter.total')!
    let sum = 0n
    for (let i = 0; i < 5000; i++) {
      if (i >= summary.firstCycle) expect(valueAt(total, 10 * i + 9)).toBe(sum)
      sum += BigInt(i % 251)
    }
  })

  it('may start late, and then has no start', async () => {
    const simulation = await startCounter()
    simulation.set('by', 5)
    simulation.step(100)
    record(simulation)
    simulation.step(3)
    expect(waveform(simulation)).toMatch(/cycles 100 to 103/)
    const { firstCycle, complete } = await writeVcd(simulation, join(folder, 'start.vcd'))
    expect([firstCycle, complete]).toEqual([100, false])
  })

  it('says so when it does not lead to the present state', async () => {
    const simulation = await startCounter()
    expect(() => waveform(simulation)).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
    record(simulation)
    simulation.set('by', 5)
    simulation.step(2)
    simulation.stepFunction()
    expect(() => waveform(simulation)).toThrow(expect.objectContaining({ code: 'GG_REPLAY' }))
    await expect(writeVcd(simulation, join(folder, 'wrong.vcd'))).rejects.toMatchObject({
      code: 'GG_REPLAY',
    })
  })

  it('leads to where the design did not come to rest', async () => {
    const ring = `module ring(input clk, input run, output reg [3:0] q, output y);
      initial q = 0;
      assign y = run & q[3] & ~y;
      always @(posedge clk) q <= q + 1;
    endmodule`
    const files = { 'm.sv': ring }
    const design = await compileVerilog('m.sv', { files, top: 'ring', cache: false, loops: 'settle' })
    const simulation = new Simulation(design)
    record(simulation)
    simulation.step(5)
    simulation.set('run', 1)
    simulation.step(2)
    expect(() => {
      for (;;) {
        simulation.step()
        simulation.settle()
      }
    }).toThrow(expect.objectContaining({ code: 'GG_UNSETTLED' }))
    expect(waveform(simulation)).toMatch(/^ {2}q .*│6─│7─│8/m)
    expect(waveform(simulation)).toMatch(/^ {2}run .*▁▔/m)
  })

  it('is still there after the simulation was closed', async () => {
    const simulation = await startCounter()
    record(simulation)
    simulation.set('by', 7)
    simulation.step(2)
    simulation.close()
    expect(waveform(simulation)).toContain('│e')
  })

  it('names the file that cannot be written', async () => {
    const simulation = await startCounter()
    record(simulation)
    const path = join(folder, 'folder.vcd', 'x')
    await writeVcd(simulation, join(folder, 'folder.vcd'))
    await expect(writeVcd(simulation, path)).rejects.toMatchObject({ code: 'GG_OUTPUT', file: path })
  })
})
