import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { maskedSigma } from '../../../src/trigger/pedestal-words.ts'
import { residual } from '../../../src/trigger/pixel-stage.ts'
import { pick, randomWeights } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { rubbish, unsigned, writer } from '../../support/stage.ts'
import { writeTable } from './write-table.ts'

const outputs = ['m_content', 'm_search', 'm_clipped', 'm_value']

const edges = (random: Random, max: number): number =>
  pick(random, [
    0,
    1,
    max,
    max - 1,
    random.integer(max + 1),
    random.integer(max + 1),
    random.integer(max + 1),
  ])

describe('pixel_stage', () => {
  it('equals residual() for random pixels and settings, with gaps in valid and advance', async () => {
    const simulation = await simulateStage('pixel_stage')
    const random = new Random(1)
    const names = ['s_valid', 's_pixel', 's_pedestal', 'advance'] as const
    const [valid, pixel, pedestal, advance] = names.map((name) => writer(simulation, name))
    let clips = 0
    for (let run = 0; run < 300; run++) {
      const settings = {
        weights: random.integer(2) === 0 ? null : randomWeights(random),
        clipLow: edges(random, 131071),
        clipHigh: edges(random, 131071),
      }
      simulation.set('cfg_weight_enable', settings.weights === null ? 0 : 1)
      simulation.set('cfg_weight_shift', settings.weights?.shift ?? random.integer(8))
      if (settings.weights !== null) writeTable(simulation, 'weight', settings.weights.table)
      simulation.set('cfg_clip_low', settings.clipLow)
      simulation.set('cfg_clip_high', settings.clipHigh)
      const expected: number[][] = []
      const found: number[][] = []
      const pause = pick(random, [0, 100, 220])
      for (let sent = 0; found.length < 60; ) {
        const moving = random.integer(256) >= pause
        const offering = sent < 60 && random.integer(256) >= pause
        advance!(Number(moving))
        valid!(Number(offering))
        const p = edges(random, 65535)
        const near = Math.max(0, Math.min(0xfffff, 16 * p + random.integer(8000) - 4000))
        const sigma = edges(random, 4095)
        const mean = pick(random, [near, edges(random, 0xfffff)])
        const word = sigma * 2 ** 20 + mean
        pixel!(offering ? p : rubbish(simulation, 's_pixel', random))
        pedestal!(offering ? word : rubbish(simulation, 's_pedestal', random))
        // The next stage takes what it sees in the clocks in which the pipeline moves.
        if (moving && simulation.get('m_valid') === 1)
          found.push(outputs.map((name) => Number(simulation.get(name))))
        simulation.step()
        if (!moving || !offering) continue
        sent++
        const { content, search } = residual(p, word, settings)
        const masked = word >>> 20 === maskedSigma
        const clipped = Number(!masked && 16 * p - mean > settings.clipHigh)
        clips += clipped
        const shown = Math.min(4095, masked ? mean >> 4 : p)
        expected.push([unsigned(content, 18), unsigned(search, 18), clipped, shown])
      }
      expect(found, `run ${run}`).toEqual(expected)
      advance!(1)
      valid!(0)
      simulation.step(3)
      expect(simulation.get('m_valid'), 'nothing is left over').toBe(0)
    }
    expect(clips).toBeGreaterThan(1000)
  })
})
