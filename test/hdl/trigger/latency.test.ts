import { describe, expect, it } from 'vitest'
import { VerilogCore } from '../../../sim/board/verilog-core.ts'
import { frameRegisters, settingsRegisters } from '../../../src/board/settings-registers.ts'
import { decodeEventPacket } from '../../../src/trigger/event-packet.ts'
import { pedestalWord } from '../../../src/trigger/pedestal-words.ts'
import type { TriggerSettings } from '../../../src/trigger/settings.ts'
import { root } from '../../support/hdl-files.ts'

const width = 2304
const height = 192

/** LIME's width, every unit at work; the gains are 1. */
const settings: TriggerSettings = {
  width,
  height,
  binning: 4,
  clipLow: 1600,
  clipHigh: 80000,
  weights: { shift: 3, table: Int16Array.from({ length: 256 }, (_, entry) => (entry - 64) * 8) },
  commonMode: { content: 50, search: 50 },
  gains: { columnsLog2: 5, rowsLog2: 4, gain: new Uint16Array(18 * 3).fill(4096) },
  thresholdLow: 5000,
  thresholdHigh: 20000,
  link: 4,
  minimumPixels: 1,
  tiles: { size: 192, margin: 30, variance: new Uint32Array(12) },
}

/** A dark frame with squares of 12 x 12 bright pixels whose upper left corners are given. */
function frame(spots: readonly (readonly [number, number])[]): Uint16Array {
  const pixels = new Uint16Array(width * height).fill(100)
  for (const [x, y] of spots)
    for (let row = y; row < Math.min(height, y + 12); row++)
      pixels.fill(140, row * width + x, row * width + x + 12)
  return pixels
}

// 3 rows of 576 macro-pixels, for the last one and the two behind it to pass the filter, are most of it.
describe('from the last pixel to the last word of the packet', () => {
  it.each([
    [0, 1850],
    [1, 2200],
    [2, 2400],
  ])('with %i clusters open at the end of the frame %i clocks are enough', async (clusters, clocks) => {
    const core = await VerilogCore.load(`${root}hdl`)
    for (const [register, value] of [...settingsRegisters(settings), ...frameRegisters(0, 0)])
      core.write(register, value)
    const spots = [
      [1000, 20],
      [400, height - 8],
      [1600, height - 8],
    ] as const
    const words = new Uint32Array(width * height).fill(pedestalWord(100, 3, false))
    const { clusters: found } = decodeEventPacket(core.frame(frame(spots.slice(0, 1 + clusters)), words))
    expect(found).toHaveLength(1 + clusters)
    expect(core.clocksAfterLastPixel).toBeGreaterThan(3 * 576)
    expect(core.clocksAfterLastPixel).toBeLessThanOrEqual(clocks)
  })
})
