import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { maskedSigma } from '../../../src/trigger/pedestal-words.ts'
import { residual } from '../../../src/trigger/pixel-stage.ts'
import { pick } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { rubbish, unsigned, writer } from '../../support/stage.ts'

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
    for (let run = 0; run < 400; run++) {
      const settings = {
        zeroSuppression: random.integer(2) === 0 ? null : edges(random, 255),
        clipLow: edges(random, 131071),
        clipHigh: edges(random, 131071),
      }
      simulation.set('cfg_zero_suppress', settings.zeroSuppression === null ? 0 : 1)
      simulation.set('cfg_nsigma', settings.zeroSuppression ?? random.integer(256))
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
        const limit = 16 * p - Math.floor(((settings.zeroSuppression ?? 0) * sigma) / 16)
        const mean = pick(random, [near, Math.max(0, limit), edges(random, 0xfffff)])
        const word = sigma * 2 ** 20 + mean
        pixel!(offering ? p : rubbish(simulation, 's_pixel', random))
        pedestal!(offering ? word : rubbish(simulation, 's_pedestal', random))
        // The next stage takes what it sees in the clocks in which the pipeline moves.
        if (moving && simulation.get('m_valid') === 1)
          found.push(['m_residual', 'm_clipped', 'm_value'].map((name) => Number(simulation.get(name))))
        simulation.step()
        if (!moving || !offering) continue
        sent++
        const value = residual(p, word, settings)
        const masked = word >>> 20 === maskedSigma
        const raw = residual(p, word, { ...settings, clipLow: 2 ** 30, clipHigh: 2 ** 30 })
        const clipped = Number(raw > settings.clipHigh)
        clips += clipped
        expected.push([unsigned(value, 18), clipped, Math.min(4095, masked ? mean >> 4 : p)])
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
