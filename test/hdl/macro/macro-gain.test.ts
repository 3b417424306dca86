import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { applyGains } from '../../../src/trigger/region-gain.ts'
import { cellCount, type RegionGains } from '../../../src/trigger/settings.ts'
import { type Pace, paces } from '../../support/paces.ts'
import { pick, randomGains } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'
import { simulateMacro } from './simulate-macro.ts'

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly filtered: Int32Array
  readonly gains: RegionGains | null
}

function expected({ columns, rows, filtered, gains }: Picture): Int32Array {
  const result = filtered.slice()
  if (gains !== null) applyGains(result, columns, rows, gains)
  return result
}

/** Without gains the unit is switched off, and the sizes of regions must not matter. */
async function writeSettings(dut: Dut, gains: RegionGains | null, other = 0): Promise<void> {
  Object.assign(dut.in, {
    cfg_enable: Number(gains !== null),
    cfg_columns: gains?.columnsLog2 ?? other % 16,
    cfg_rows: gains?.rowsLog2 ?? other % 13,
  })
  if (gains === null) return
  dut.in.gain_rewind = 1
  await dut.clock()
  dut.in.gain_rewind = 0
  dut.stream({ source: { valid: 'gain_write', data: 'gain' }, items: gains.gain, drain: 0 })
}

async function multiply(dut: Dut, picture: Picture, stall: Pace = paces[0]!, seed = 1) {
  const { gains, columns, filtered } = picture
  await writeSettings(dut, gains, seed)
  await startFrame(dut)
  const lastColumn = Uint8Array.from(filtered, (_, i) => Number(i % columns === columns - 1))
  const items = { s_filtered: filtered, s_last_column: lastColumn }
  return dut.stream({ source: 's', items, sink: 'm', count: filtered.length, stall, seed }).data
}

function randomPicture(random: Random, columns: number, rows: number, cells = 1024): Picture {
  const span = pick(random, [1 << 26, 1 << 26, 100_000])
  const filtered = Int32Array.from({ length: columns * rows }, () => random.integer(span) - span / 2)
  const drawn = randomGains(random, columns, rows)
  const fits = cellCount(columns, drawn.columnsLog2) * cellCount(rows, drawn.rowsLog2) <= cells
  return { columns, rows, filtered, gains: fits && random.integer(6) > 0 ? drawn : null }
}

describe('macro_gain', () => {
  it('holds a macro-pixel for 28 clocks, and multiplies it by the gain of its region, where 4096 is 1', async () => {
    const dut = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const gains = { columnsLog2: 1, rowsLog2: 0, gain: Uint16Array.of(4096, 2048) }
    await writeSettings(dut, gains)
    await startFrame(dut)
    const items = { s_filtered: [100, 101, -100, -102], s_last_column: [0, 0, 0, 1] }
    const { data, times, sources } = dut.stream({ source: 's', items, sink: 'm', count: 4 })
    expect(data).toEqual(Int32Array.of(100, 101, -50, -51))
    expect(times).toEqual(Uint32Array.of(27, 55, 83, 111))
    expect(sources[0]!.times).toEqual(times)
  })

  it('equals applyGains() for regions of every size, image after image, at every pace', async () => {
    const dut = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const random = new Random(1)
    for (let run = 0; run < 100; run++) {
      const columns = 1 + random.integer(pick(random, [4, 40]))
      const picture = randomPicture(random, columns, 1 + random.integer(pick(random, [4, 20])))
      const found = await multiply(dut, picture, paces[run % paces.length]!, run)
      expect(found, `${columns}x${picture.rows}`).toEqual(expected(picture))
    }
  })

  it.each([
    [576, 2],
    [1, 576],
    [16, 16],
  ])('equals applyGains() for %i x %i macro-pixels', async (columns, rows) => {
    const dut = await simulateMacro('macro_gain', { MACRO_SIDE: 576, GAIN_BITS: 8 })
    const random = new Random(2)
    for (let run = 0; run < 3; run++) {
      const picture = randomPicture(random, columns, rows, 256)
      expect(await multiply(dut, picture)).toEqual(expected(picture))
    }
  })

  it('equals applyGains() with a table of two gains, the smallest', async () => {
    const dut = await simulateMacro('macro_gain', { MACRO_SIDE: 16, GAIN_BITS: 1 })
    const random = new Random(4)
    let gains = 0
    for (let run = 0; run < 20; run++) {
      const picture = randomPicture(random, 1 + random.integer(4), 1 + random.integer(4), 2)
      if (picture.gains !== null) gains++
      expect(await multiply(dut, picture)).toEqual(expected(picture))
    }
    expect(gains).toBeGreaterThan(3)
  })

  it('is exact at the ends of its range', async () => {
    const dut = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const ends = [-33554432, -33554431, -4097, -4096, -1, 0, 1, 4095, 4096, 33554430, 33554431]
    const factors = [0, 1, 2047, 4095, 4096, 4097, 8192, 65535]
    const gain = Uint16Array.from(
      { length: ends.length * factors.length },
      (_, i) => factors[Math.floor(i / ends.length)]!,
    )
    const filtered = Int32Array.from(gain, (_, i) => ends[i % ends.length]!)
    const gains = { columnsLog2: 0, rowsLog2: 0, gain }
    const picture = { columns: ends.length, rows: factors.length, filtered, gains }
    expect(await multiply(dut, picture)).toEqual(expected(picture))
  })

  it('starts a frame anew after one that was not finished', async () => {
    const dut = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const random = new Random(3)
    for (let run = 0; run < 20; run++) {
      const picture = randomPicture(random, 12, 6)
      await startFrame(dut)
      Object.assign(dut.in, { s_valid: 1, m_ready: random.integer(2) })
      await dut.clock(1 + random.integer(900))
      dut.in.s_valid = 0
      expect(await multiply(dut, picture, paces[run % paces.length]!, run)).toEqual(expected(picture))
    }
  })
})
