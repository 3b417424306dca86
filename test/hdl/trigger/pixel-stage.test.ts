import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { maskedSigma } from '../../../src/trigger/pedestal-words.ts'
import { residual } from '../../../src/trigger/pixel-stage.ts'
import { pick, randomWeights } from '../../support/shots.ts'
import { writeTable } from './write-table.ts'

async function pixelStage(): Promise<Dut> {
  const dut = await simulate('hdl/trigger/pixel_stage.sv')
  await dut.applyReset()
  return dut
}

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
  it('subtracts the pedestal of a pixel and clips what is left, two clocks later', async () => {
    const dut = await pixelStage()
    Object.assign(dut.in, { cfg_clip_low: 320, cfg_clip_high: 4000, advance: 1, s_valid: 1 })
    Object.assign(dut.in, { s_pixel: 110, s_pedestal: 16 * 100 + 3 })
    await dut.clock()
    Object.assign(dut.in, { s_pixel: 900, s_pedestal: 16 * 100 })
    await dut.clock()
    expect(dut).toOutput({ m_valid: 1, m_content: 157, m_clipped: 0, m_value: 110 })
    dut.in.s_valid = 0
    await dut.clock()
    expect(dut).toOutput({ m_valid: 1, m_content: 4000, m_clipped: 1, m_value: 900 })
    await dut.clock()
    expect(dut).toOutput({ m_valid: 0 })
  })

  it('stands still while advance is low', async () => {
    const dut = await pixelStage()
    Object.assign(dut.in, { cfg_clip_high: 4000, advance: 1, s_valid: 1, s_pixel: 7 })
    await dut.clock(2)
    Object.assign(dut.in, { advance: 0, s_pixel: 8 })
    await dut.clock(5)
    expect(dut).toOutput({ m_valid: 1, m_content: 16 * 7 })
    dut.in.advance = 1
    await dut.clock(2)
    expect(dut).toOutput({ m_valid: 1, m_content: 16 * 8 })
  })

  it('equals residual() for random pixels and settings, with gaps in valid and advance', async () => {
    const dut = await pixelStage()
    const random = new Random(1)
    let clips = 0
    for (let run = 0; run < 300; run++) {
      const settings = {
        weights: random.integer(2) === 0 ? null : randomWeights(random),
        clipLow: edges(random, 131071),
        clipHigh: edges(random, 131071),
      }
      if (settings.weights !== null) writeTable(dut, 'weight', settings.weights.table)
      Object.assign(dut.in, {
        cfg_weight_enable: Number(settings.weights !== null),
        cfg_weight_shift: settings.weights?.shift ?? random.integer(8),
        cfg_clip_low: settings.clipLow,
        cfg_clip_high: settings.clipHigh,
      })
      const pause = pick(random, [0, 0.4, 0.86])
      const expected: object[] = []
      const found: object[] = []
      for (let sent = 0; found.length < 60; ) {
        const moving = random.uniform() >= pause
        const offering = sent < 60 && random.uniform() >= pause
        const pixel = edges(random, 65535)
        const near = Math.max(0, Math.min(0xfffff, 16 * pixel + random.integer(8000) - 4000))
        const mean = pick(random, [near, edges(random, 0xfffff)])
        const word = edges(random, 4095) * 2 ** 20 + mean
        Object.assign(dut.in, { advance: Number(moving), s_valid: Number(offering) })
        Object.assign(
          dut.in,
          offering
            ? { s_pixel: pixel, s_pedestal: word }
            : { s_pixel: random.integer(65536), s_pedestal: random.uint32() },
        )
        // The next stage takes what it sees in the clocks in which the pipeline moves.
        if (moving && dut.out.m_valid === 1) {
          const { m_content, m_search, m_clipped, m_value } = dut.out
          found.push({ m_content, m_search, m_clipped, m_value })
        }
        dut.run(1)
        if (!moving || !offering) continue
        sent++
        const { content, search } = residual(pixel, word, settings)
        const masked = word >>> 20 === maskedSigma
        const clipped = Number(!masked && 16 * pixel - mean > settings.clipHigh)
        clips += clipped
        const value = Math.min(4095, masked ? mean >> 4 : pixel)
        // + 0: there is no -0 in hardware
        expected.push({ m_content: content + 0, m_search: search + 0, m_clipped: clipped, m_value: value })
      }
      expect(found, `run ${run}`).toEqual(expected)
      Object.assign(dut.in, { advance: 1, s_valid: 0 })
      await dut.clock(3)
      expect(dut.out.m_valid, 'nothing is left over').toBe(0)
    }
    expect(clips).toBeGreaterThan(1000)
  })
})
