import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { simulateStage } from '../../support/simulations.ts'
import { runStage } from '../../support/stage.ts'

const source = { valid: 's_tvalid', ready: 's_tready', data: ['s_tdata'] }
const sink = { valid: 'm_tvalid', ready: 'm_tready', data: ['m_tdata'] }

describe('skid_buffer', () => {
  it.each([1, 8, 48])('loses, doubles and reorders nothing at a width of %i', async (width) => {
    const simulation = await simulateStage('skid_buffer', { WIDTH: width })
    const random = new Random(width)
    for (let run = 0; run < 60; run++) {
      const items = Array.from({ length: 200 }, (_, i) =>
        width > 32 ? [BigInt(random.integer(2 ** 48))] : [width === 1 ? random.integer(2) : i & 255],
      )
      const pauses = { source: random.integer(250), sink: random.integer(250) }
      const finished = (outputs: readonly unknown[]): boolean => outputs.length >= items.length
      expect(runStage(simulation, { source, sink, items, pauses, random, finished })).toEqual(items)
    }
  })

  it('has registered outputs and passes one word per clock, one clock late', async () => {
    const simulation = await simulateStage('skid_buffer')
    for (const port of ['s_tready', 'm_tvalid', 'm_tdata']) expect(simulation.isRegistered(port)).toBe(true)
    simulation.set('s_tvalid', 1)
    simulation.set('m_tready', 1)
    for (let i = 0; i < 50; i++) {
      simulation.set('s_tdata', i)
      expect(simulation.get('s_tready')).toBe(1)
      simulation.step()
      expect([simulation.get('m_tvalid'), simulation.get('m_tdata')]).toEqual([1, i])
    }
  })
})
