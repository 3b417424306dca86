import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { type TriggerSettings, tileCount, validateSettings } from '../../src/trigger/settings.ts'
import { randomShot } from '../support/shots.ts'

const tiles = { size: 192, margin: 30, variance: new Uint32Array(144) }
const good: TriggerSettings = {
  width: 2304,
  height: 2304,
  binning: 4,
  clipLow: 0,
  clipHigh: 131071,
  weights: null,
  commonMode: null,
  gains: null,
  link: 1,
  thresholdLow: 1,
  thresholdHigh: 33554431,
  minimumPixels: 1,
  tiles,
}

function refusal(settings: TriggerSettings): string | undefined {
  try {
    validateSettings(settings)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(GemgateError)
    expect((error as GemgateError).code).toBe('GG_SETTINGS')
    expect((error as GemgateError).remedy).not.toBe('')
    return (error as GemgateError).message
  }
}

const numeric = [
  ['clipLow', 0, 131071],
  ['clipHigh', 0, 131071],
  ['thresholdLow', 1, 33554431],
  ['thresholdHigh', 1, 33554431],
  ['link', 1, 4],
  ['minimumPixels', 1, 65535],
] as const

describe('validateSettings', () => {
  it.each(numeric)('takes %s from %i to %i and nothing else', (name, low, high) => {
    for (const value of [low, low + 1, high - 1, high])
      expect(refusal({ ...good, [name]: value })).toBeUndefined()
    for (const value of [low - 1, high + 1, low + 0.5, Number.NaN, Infinity, -Infinity])
      expect(refusal({ ...good, [name]: value }), `${name} ${value}`).toContain(name)
  })

  it.each([
    [1, 1024],
    [2, 2048],
    [4, 4096],
  ] as const)('takes sides from 4 that are multiples of the binning %i, up to %i', (binning, high) => {
    const base = { ...good, binning, tiles: null }
    for (const side of [4, 8, high]) {
      expect(refusal({ ...base, width: side, height: 4 })).toBeUndefined()
      expect(refusal({ ...base, width: 4, height: side })).toBeUndefined()
    }
    for (const side of [0, 3, high + 1, high + binning, 4.5, Number.NaN]) {
      expect(refusal({ ...base, width: side, height: 8 })).toContain('width')
      expect(refusal({ ...base, width: 8, height: side })).toContain('height')
    }
    if (binning > 1) {
      expect(refusal({ ...base, width: 9, height: 8 })).toContain('9x8')
      expect(refusal({ ...base, width: 8, height: 8 + binning / 2 })).toContain('multiple')
    }
  })

  it('takes binnings 1, 2 and 4 only', () => {
    for (const binning of [0, 3, 8, -1, Number.NaN, 2.5])
      expect(refusal({ ...good, tiles: null, binning: binning as 1 })).toContain('binning')
  })

  it('takes tiles that the logic can hold', () => {
    expect(refusal(good)).toBeUndefined()
    expect(refusal({ ...good, tiles: null })).toBeUndefined()
    const sized = (size: number, margin: number, width: number, height: number): TriggerSettings => {
      const variance = new Uint32Array(tileCount(width, size) * tileCount(height, size))
      return { ...good, width, height, tiles: { size, margin, variance } }
    }
    for (const [size, margin] of [
      [16, 4],
      [256, 64],
      [136, 64],
    ] as const)
      expect(refusal(sized(size, margin, 512, 512))).toBeUndefined()
    for (const size of [15, 257, 20.5, Number.NaN])
      expect(refusal(sized(size, 4, 64, 64))).toContain('tiles.size')
    for (const margin of [3, 65, 4.5, Number.NaN])
      expect(refusal(sized(192, margin, 64, 64))).toContain('tiles.margin')
    expect(refusal(sized(135, 64, 512, 512))).toContain('135 pixels')
    expect(refusal(sized(16, 4, 512, 16))).toBeUndefined()
    expect(refusal(sized(16, 4, 516, 16))).toContain('33x1 tiles')
    expect(refusal(sized(16, 4, 16, 516))).toContain('1x33 tiles')
    expect(refusal({ ...good, tiles: { ...tiles, variance: new Uint32Array(143) } })).toContain('143')
    const high = new Uint32Array(144)
    high[17] = 16777216
    expect(refusal({ ...good, tiles: { ...tiles, variance: high } })).toContain('tiles.variance[17]')
    high[17] = 16777215
    expect(refusal({ ...good, tiles: { ...tiles, variance: high } })).toBeUndefined()
  })

  it('takes no high threshold below the low one', () => {
    expect(refusal({ ...good, thresholdLow: 100, thresholdHigh: 100 })).toBeUndefined()
    expect(refusal({ ...good, thresholdLow: 100, thresholdHigh: 99 })).toContain('thresholdHigh')
  })

  it('takes tables that the logic can hold', () => {
    const table = new Int16Array(256)
    const weights = (shift: number, values: Int16Array): TriggerSettings => ({
      ...good,
      weights: { shift, table: values },
    })
    expect(refusal(weights(7, table.fill(2047)))).toBeUndefined()
    expect(refusal(weights(0, table.fill(-2048)))).toBeUndefined()
    expect(refusal(weights(8, table))).toContain('weights.shift')
    expect(refusal(weights(0, new Int16Array(255)))).toContain('255')
    table[3] = 2048
    expect(refusal(weights(0, table))).toContain('weights.table[3]')
    for (const content of [0, 131072, 1.5])
      expect(refusal({ ...good, commonMode: { content, search: 1 } })).toContain('commonMode.content')
    expect(refusal({ ...good, commonMode: { content: 1, search: 0 } })).toContain('commonMode.search')
    const gains = (columnsLog2: number, rowsLog2: number, cells: number): TriggerSettings => ({
      ...good,
      gains: { columnsLog2, rowsLog2, gain: new Uint16Array(cells) },
    })
    expect(refusal(gains(6, 3, 9 * 72))).toBeUndefined()
    expect(refusal(gains(10, 10, 1))).toBeUndefined()
    expect(refusal(gains(6, 3, 9 * 72 + 1))).toContain('gains.gain')
    expect(refusal(gains(11, 3, 1))).toContain('gains.columnsLog2')
    expect(refusal(gains(4, 4, 36 * 36))).toContain('1296 regions')
  })

  it('takes every setting that the other tests draw', () => {
    const random = new Random(1)
    for (let i = 0; i < 500; i++)
      expect(refusal(randomShot(random, i, { columns: 20, rows: 20 }).settings)).toBeUndefined()
  })
})
