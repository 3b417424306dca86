import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { haveIcarus, runIcarus, type Stimulus } from './native.ts'
import { type RandomModule, randomModule, randomSource } from './random-module.ts'

const count = 60
const cycles = 60

/** Random inputs, with enough zeros and ones to meet the corner cases. */
function stimulusFor(module: RandomModule, seed: number): Stimulus {
  const random = randomSource(seed)
  return Array.from({ length: cycles }, () =>
    Object.fromEntries(
      module.inputs.map(({ name, width }) => {
        const ones = name === 'rst' ? 0.1 : [0, 1, 0.5, 0.5, 0.5, 0.5][Math.floor(random() * 6)]!
        let value = 0n
        for (let i = 0; i < width; i++) if (random() < ones) value |= 1n << BigInt(i)
        return [name, value]
      }),
    ),
  )
}

async function traceOf(module: RandomModule, stimulus: Stimulus, gateThreshold: number): Promise<string[]> {
  const options = { files: { 'm.sv': module.text }, top: module.name, cache: false as const, gateThreshold }
  const simulation = new Simulation(await compileVerilog('m.sv', options))
  const show = () =>
    module.outputs
      .map(({ name, width }) =>
        simulation
          .get(name)
          .toString(16)
          .padStart(Math.ceil(width / 4), '0'),
      )
      .join(' ')
  return stimulus.flatMap((cycle) => {
    for (const [name, value] of Object.entries(cycle)) simulation.set(name, value)
    const before = show()
    simulation.step()
    return [before, show()]
  })
}

describe('random modules', () => {
  const seeds = fc.sample(fc.integer({ min: 0 }), { seed: 20261122, numRuns: count })
  const modules = seeds.map((seed, i) => randomModule(seed, `random${i}`))
  const stimuli = modules.map((module, i) => stimulusFor(module, seeds[i]! + 1))

  it.skipIf(!haveIcarus())(
    `${count} modules give the same traces as Icarus Verilog (skipped where iverilog is not installed)`,
    async () => {
      const expected = runIcarus(modules, stimuli)
      let compared = 0
      for (const [i, module] of modules.entries()) {
        // where Icarus knows the value of everything
        const known = expected[i]!.findIndex((line) => line.includes('x'))
        const length = known < 0 ? expected[i]!.length : known
        const actual = await traceOf(module, stimuli[i]!, 14)
        expect(actual.slice(0, length), `seed ${seeds[i]}\n${module.text}`).toEqual(
          expected[i]!.slice(0, length),
        )
        compared += length
      }
      expect(compared).toBeGreaterThan(count * cycles * 1.9)
    },
  )

  it('gating changes nothing: all conditions, and none', async () => {
    for (const [i, module] of modules.slice(0, 15).entries()) {
      const eager = await traceOf(module, stimuli[i]!, Number.POSITIVE_INFINITY)
      expect(await traceOf(module, stimuli[i]!, 0), `seed ${seeds[i]}`).toEqual(eager)
    }
  })
})
