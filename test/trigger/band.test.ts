import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { settingsForRows } from '../../src/trigger/band.ts'
import { Preprocessor } from '../../src/trigger/preprocessor.ts'
import { randomShot } from '../support/shots.ts'

describe('settingsForRows', () => {
  it('gives rows of a frame what the whole frame gives, apart from the filter reach at the cut', () => {
    const random = new Random(5)
    let compared = 0
    for (let run = 0; run < 60; run++) {
      const shot = randomShot(random, 0, { columns: 24, rows: 48, exact: true })
      const { settings, pixels, words } = shot
      const rowsLog2 = settings.gains?.rowsLog2 ?? 3
      const first = 1 << rowsLog2
      if (first > 32) continue
      const macroRows = 48 - first
      const { width, binning } = settings
      const whole = new Preprocessor().process(pixels, words, settings)
      const from = first * binning * width
      const band = new Preprocessor().process(
        pixels.subarray(from),
        words.subarray(from),
        settingsForRows(settings, first, macroRows),
      )
      const reach = 2 * 24
      expect(band.content).toEqual(whole.content.subarray(24 * first))
      expect(band.filtered.subarray(reach)).toEqual(whole.filtered.subarray(24 * first + reach))
      compared++
    }
    expect(compared).toBeGreaterThan(30)
  })

  it('refuses a band that cuts through a region', () => {
    const gains = { columnsLog2: 3, rowsLog2: 3, gain: new Uint16Array(3 * 6).fill(4096) }
    const { settings } = randomShot(new Random(1), 0, { columns: 24, rows: 48, exact: true, binning: 4 })
    expect(() => settingsForRows({ ...settings, gains }, 4, 16)).toThrow(
      expect.objectContaining({ code: 'GG_SETTINGS' }),
    )
    expect(settingsForRows({ ...settings, gains }, 8, 16).gains!.gain).toHaveLength(6)
  })
})
