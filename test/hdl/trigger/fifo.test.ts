import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'

const design = await compileVerilog('hdl/trigger/fifo.sv', {
  top: 'fifo',
  parameters: { WIDTH: 16, DEPTH_BITS: 3 },
})

/** Runs words through at random paces; returns what came out and the most that was inside. */
function run(random: Random, words: number, offer: number, take: number): { out: number[]; most: number } {
  const sim = new Simulation(design)
  sim.set('rst', 1)
  sim.step()
  sim.set('rst', 0)
  const out: number[] = []
  let most = 0
  let sent = 0
  for (let clock = 0; out.length < words && clock < 100 * words + 100; clock++) {
    const valid = sent < words && random.uniform() < offer
    const ready = random.uniform() < take
    sim.set('s_valid', valid ? 1 : 0)
    sim.set('s_data', valid ? sent : random.integer(65536))
    sim.set('m_ready', ready ? 1 : 0)
    if (sim.get('m_valid') === 1 && ready) out.push(Number(sim.get('m_data')))
    if (valid && sim.get('s_ready') === 1) sent++
    most = Math.max(most, sent - out.length)
    sim.step()
  }
  return { out, most }
}

describe('fifo', () => {
  it('loses, doubles and reorders nothing at any pace', () => {
    const random = new Random(5)
    for (const [offer, take] of [
      [1, 1],
      [1, 0.2],
      [0.2, 1],
      [0.5, 0.5],
      [0.9, 0.8],
    ] as const)
      expect(run(random, 400, offer, take).out).toEqual(Array.from({ length: 400 }, (_, i) => i))
  })

  it('holds its depth and one word at the output, and no more', () => {
    expect(run(new Random(6), 100, 1, 0.02).most).toBe(9)
  })

  it('takes and gives one word per clock', () => {
    const sim = new Simulation(design)
    sim.set('rst', 1)
    sim.step()
    sim.set('rst', 0)
    sim.set('s_valid', 1)
    sim.set('m_ready', 1)
    let given = 0
    for (let clock = 0; clock < 50; clock++) {
      expect(sim.get('s_ready')).toBe(1)
      given += Number(sim.get('m_valid'))
      sim.step()
    }
    expect(given).toBe(48)
  })
})
