import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conformBatch } from '../../../bench/conformance/batches.ts'
import { type RandomModule, randomModule } from '../../../bench/conformance/random-module.ts'
import { randomSource } from '../../../bench/conformance/random-source.ts'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { allInputs, haveIcarus, haveVerilator, runIcarus, type Stimulus } from './native.ts'

const everything = { clocks: true, asynchronousResets: true, latches: true, small: true }

/** Random inputs, with enough zeros and ones to meet the corner cases; clocks move when all else is at rest. */
function stimulusFor(module: RandomModule, seed: number, cycles: number): Stimulus {
  const random = randomSource(seed)
  let now: Record<string, bigint> = Object.fromEntries(allInputs(module).map(({ name }) => [name, 0n]))
  return Array.from({ length: 2 * cycles }, (_, moment) => {
    now = { ...now }
    if (moment % 2 === 1) {
      for (const clock of module.clocks) if (clock === 'clk' || random() < 0.6) now[clock]! ^= 1n
      return now
    }
    for (const { name, width } of module.inputs) {
      const often = name === 'arst_n' ? 0.9 : 0.1
      const ones = /rst/.test(name) ? often : [0, 1, 0.5, 0.5, 0.5, 0.5][Math.floor(random() * 6)]!
      let value = 0n
      for (let i = 0; i < width; i++) if (random() < ones) value |= 1n << BigInt(i)
      now[name] = value
    }
    return now
  })
}

async function traceOf(module: RandomModule, stimulus: Stimulus, gateThreshold: number): Promise<string[]> {
  const options = { files: { 'm.sv': module.text }, top: module.name, cache: false as const, gateThreshold }
  const simulation = new Simulation(await compileVerilog('m.sv', options))
  const hex = ({ name, width }: { name: string; width: number }) =>
    simulation
      .get(name)
      .toString(16)
      .padStart(Math.ceil(width / 4), '0')
  return stimulus.map((moment) => {
    for (const [name, value] of Object.entries(moment)) simulation.set(name, value)
    simulation.settle()
    return module.outputs.map(hex).join(' ')
  })
}

describe('random modules', () => {
  const seeds = Array.from({ length: 224 }, (_, i) => 20261122 + i)
  const some = seeds
    .slice(0, 16)
    .map((seed, i) => randomModule(seed, `random${i}`, everything))
    // with unknown values even the start of a clock is a falling edge
    .filter(({ text }) => !/negedge (clk|slow)/.test(text))
  const cycles = 60

  it.skipIf(!haveIcarus())(
    `${some.length} give the same traces as Icarus Verilog (skipped where iverilog is not installed)`,
    async () => {
      const stimuli = some.map((module, i) => stimulusFor(module, seeds[i]! + 1, cycles))
      const expected = runIcarus(some, stimuli)
      let compared = 0
      for (const [i, module] of some.entries()) {
        // where Icarus knows the value of everything
        const known = expected[i]!.findIndex((line) => line.includes('x'))
        const length = known < 0 ? expected[i]!.length : known
        const actual = await traceOf(module, stimuli[i]!, 14)
        expect(actual.slice(0, length), `seed ${seeds[i]}\n${module.text}`).toEqual(
          expected[i]!.slice(0, length),
        )
        compared += length
      }
      expect(compared).toBeGreaterThan(some.length * cycles * 1.9)
    },
  )

  it('gating changes nothing: all conditions, and none', async () => {
    for (const [i, module] of some.slice(0, 4).entries()) {
      const stimulus = stimulusFor(module, i, cycles)
      const eager = await traceOf(module, stimulus, Number.POSITIVE_INFINITY)
      expect(await traceOf(module, stimulus, 0), `seed ${seeds[i]}`).toEqual(eager)
    }
  })

  describe.skipIf(!haveVerilator())('against Verilator (skipped where it is not installed)', () => {
    const cache = join('.cache', 'gemgate', 'sim')

    // the time of both compilers grows faster than the batch
    it.for([0, 25, 50, 75, 100, 125, 150, 175])(
      '25 modules agree on every output after every event, from %i',
      async (from) => {
        const modules = seeds
          .slice(24 + from, 49 + from)
          .map((seed, i) => randomModule(seed, `m${i}`, everything))
        const result = await conformBatch(modules, { cycles: 100, seed: from + 1, cache })
        expect(result.findings).toEqual([])
        expect(result.agreed).toBe(modules.length)
        expect(result.active).toBeGreaterThan(result.compared / 3)
      },
    )
  })
})
