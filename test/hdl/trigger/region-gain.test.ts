import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { applyGains } from '../../../src/trigger/region-gain.ts'
import type { RegionGains } from '../../../src/trigger/settings.ts'
import { type Pace, paces } from '../../support/paces.ts'
import { pick, randomGains } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'
import { writeTable } from './write-table.ts'

async function regionGain(): Promise<Dut> {
  const dut = await simulate('hdl/trigger/region_gain.sv')
  await dut.applyReset()
  return dut
}

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly macro: Int32Array
  readonly filtered: Int32Array
  readonly gains: RegionGains | null
}

/** The ports of a stream of macro-pixels, `s` or `m`. */
const stream = (side: 's' | 'm', { columns, macro }: Picture, filtered: Int32Array) => ({
  [`${side}_macro`]: macro,
  [`${side}_filtered`]: filtered,
  [`${side}_last_column`]: Uint32Array.from(macro, (_, i) => Number(i % columns === columns - 1)),
  [`${side}_last`]: Uint32Array.from(macro, (_, i) => Number(i === macro.length - 1)),
})

function expected(picture: Picture) {
  const filtered = picture.filtered.slice()
  if (picture.gains !== null) applyGains(filtered, picture.columns, picture.rows, picture.gains)
  return stream('m', picture, filtered)
}

/** Sends a frame; without gains the unit is switched off, and the sizes of regions must not matter. */
async function multiply(dut: Dut, picture: Picture, stall: Pace = paces[0]!, seed = 1) {
  const { gains, macro, filtered } = picture
  if (gains !== null) writeTable(dut, 'gain', gains.gain)
  await startFrame(dut, {
    cfg_enable: Number(gains !== null),
    cfg_columns: gains?.columnsLog2 ?? seed % 16,
    cfg_rows: gains?.rowsLog2 ?? seed % 13,
  })
  const items = stream('s', picture, filtered)
  return dut.stream({ source: 's', items, sink: 'm', count: macro.length, stall, seed })
}

function randomPicture(random: Random, columns: number, rows: number): Picture {
  const span = pick(random, [1 << 26, 1 << 26, 100_000])
  const draw = (most: number): Int32Array =>
    Int32Array.from({ length: columns * rows }, () => random.integer(most) - most / 2)
  const gains = random.integer(6) === 0 ? null : randomGains(random, columns, rows)
  return { columns, rows, macro: draw(1 << 18), filtered: draw(span), gains }
}

describe('region_gain', () => {
  it('multiplies each region by its gain, where 4096 is 1, three clocks later', async () => {
    const dut = await regionGain()
    const filtered = Int32Array.of(100, 100, -100, -100)
    const gains = { columnsLog2: 1, rowsLog2: 0, gain: Uint16Array.of(4096, 2048) }
    const found = await multiply(dut, { columns: 4, rows: 1, macro: filtered, filtered, gains })
    expect(found.columns.m_filtered).toEqual(Int32Array.of(100, 100, -50, -50))
    expect(found.columns.m_macro).toEqual(filtered)
    expect(found.times).toEqual(Uint32Array.of(3, 4, 5, 6))
  })

  it('equals applyGains() for regions of every size, image after image, at every pace', async () => {
    const dut = await regionGain()
    const random = new Random(1)
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer(pick(random, [4, 40]))
      const picture = randomPicture(random, columns, 1 + random.integer(pick(random, [4, 20])))
      const found = await multiply(dut, picture, paces[run % paces.length]!, run)
      expect(found, `${columns}x${picture.rows}`).toGive(expected(picture))
    }
  })

  it.each([
    [1024, 3],
    [1, 1024],
    [64, 64],
  ])('equals applyGains() for %i x %i macro-pixels', async (columns, rows) => {
    const dut = await regionGain()
    const random = new Random(2)
    for (let run = 0; run < 3; run++) {
      const picture = randomPicture(random, columns, rows)
      expect(await multiply(dut, picture)).toGive(expected(picture))
    }
  })

  it('starts a frame anew after one that was not finished', async () => {
    const dut = await regionGain()
    const random = new Random(3)
    for (let run = 0; run < 20; run++) {
      const picture = randomPicture(random, 12, 6)
      await startFrame(dut)
      Object.assign(dut.in, { s_valid: 1, m_ready: random.integer(2) })
      await dut.clock(1 + random.integer(90))
      dut.in.s_valid = 0
      const found = await multiply(dut, picture, paces[run % paces.length]!, run)
      expect(found).toGive(expected(picture))
    }
  })
})
