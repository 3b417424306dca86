import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { removeCommonMode } from '../../../src/trigger/common-mode.ts'
import type { CommonModeLimits } from '../../../src/trigger/settings.ts'
import { type Pace, paces } from '../../support/paces.ts'
import { pick, randomLimits } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'

async function commonMode(columnBits = 10): Promise<Dut> {
  const sources = ['hdl/trigger/common_mode.sv', 'hdl/trigger/row_mean.sv']
  const dut = await simulate(sources, { parameters: { COLUMN_BITS: columnBits } })
  await dut.applyReset()
  return dut
}

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly content: Int32Array
  readonly search: Int32Array
  readonly limits: CommonModeLimits | null
}

function expected({ columns, rows, content, search, limits }: Picture): Record<string, Int32Array> {
  const [m_content, m_search] = [content.slice(), search.slice()]
  if (limits !== null) {
    removeCommonMode(m_content, columns, rows, limits.content)
    removeCommonMode(m_search, columns, rows, limits.search)
  }
  return { m_content, m_search }
}

/** Sends a frame; without limits the unit is switched off, and whatever the limits are must not matter. */
async function level(dut: Dut, { columns, content, search, limits }: Picture, stall?: Pace, seed = 1) {
  await startFrame(dut, {
    cfg_columns: columns,
    cfg_enable: Number(limits !== null),
    cfg_content_limit: limits?.content ?? seed,
    cfg_search_limit: limits?.search ?? 131071 - seed,
  })
  const items = { s_content: content, s_search: search }
  return dut.stream({ source: 's', items, sink: 'm', count: content.length, seed, ...(stall && { stall }) })
}

/** Rows with an offset each, some macro-pixels far off, some rows without any within the limits. */
function randomPicture(random: Random, columns: number, rows: number): Picture {
  const limits = random.integer(5) === 0 ? null : randomLimits(random)
  const draw = (limit: number): Int32Array => {
    const spans = Array.from({ length: rows }, () => pick(random, [1, 2 * limit, 3 * limit, 1 << 18]))
    const offsets = Array.from({ length: rows }, () => random.integer(2 * limit + 1) - limit)
    return Int32Array.from({ length: columns * rows }, (_, i) => {
      const row = Math.floor(i / columns)
      const value = offsets[row]! + random.integer(spans[row]!) - Math.floor(spans[row]! / 2)
      return Math.min(131071, Math.max(-131072, value))
    })
  }
  return { columns, rows, limits, content: draw(limits?.content ?? 9), search: draw(limits?.search ?? 9) }
}

describe('common_mode', () => {
  it('subtracts the mean of a row from it, 23 clocks after its last macro-pixel', async () => {
    const dut = await commonMode()
    const content = Int32Array.of(8, 12, 10, 10)
    const search = Int32Array.of(-3, -5, -4, 900)
    const picture = { columns: 4, rows: 1, content, search, limits: { content: 100, search: 100 } }
    const { columns, times } = await level(dut, picture)
    // 900 is beyond its limit: it is a signal, and no part of the mean
    expect(columns).toEqual({ m_content: Int32Array.of(-2, 2, 0, 0), m_search: Int32Array.of(1, -1, 0, 904) })
    expect(times[0]).toBe(3 + 23)
  })

  it('equals removeCommonMode() from 1 x 1 on, image after image, at every pace', async () => {
    const dut = await commonMode()
    const random = new Random(1)
    for (let run = 0; run < 200; run++) {
      const columns = 1 + random.integer(pick(random, [3, 30, 90]))
      const picture = randomPicture(random, columns, 1 + random.integer(pick(random, [4, 12])))
      const found = await level(dut, picture, paces[run % paces.length]!, run)
      expect(found, `${columns}x${picture.rows}`).toGive(expected(picture))
    }
  })

  it('equals removeCommonMode() for the longest rows and the largest sums', async () => {
    const dut = await commonMode()
    const random = new Random(2)
    const limits = { content: 131071, search: 131071 }
    const length = 4096
    for (const [first, second] of [
      [131071, -131072],
      [-131071, 131071],
      [131070, -131071],
    ] as const) {
      const content = new Int32Array(length).fill(first)
      const search = new Int32Array(length).fill(second)
      for (let i = 0; i < 2048; i++) content[2 * i + (i >> 9)] = random.integer(1 << 18) - (1 << 17)
      const picture = { columns: 1024, rows: 4, limits, content, search }
      expect(await level(dut, picture)).toGive(expected(picture))
    }
  })

  it('fills its buffer to the last place', async () => {
    const dut = await commonMode(3)
    const random = new Random(3)
    for (let run = 0; run < 40; run++) {
      const picture = randomPicture(random, 8 - (run % 2), 1 + random.integer(9))
      const found = await level(dut, picture, paces[run % paces.length]!, run)
      expect(found).toGive(expected(picture))
    }
  })

  it('loses at most two clocks in a row', async () => {
    const dut = await commonMode()
    const [columns, rows] = [64, 20]
    const content = new Int32Array(columns * rows).fill(5)
    const picture = { columns, rows, content, search: content, limits: { content: 100, search: 100 } }
    const { sources } = await level(dut, picture)
    expect(sources[0]!.times.at(-1)).toBeLessThan(content.length + 2 * rows)
  })

  it('starts a frame anew after one that was not finished', async () => {
    const dut = await commonMode()
    const random = new Random(4)
    for (let run = 0; run < 30; run++) {
      const picture = randomPicture(random, 12, 6)
      await startFrame(dut)
      Object.assign(dut.in, { s_valid: 1, m_ready: random.integer(2) })
      await dut.clock(1 + random.integer(90))
      dut.in.s_valid = 0
      const found = await level(dut, picture, paces[run % paces.length]!, run)
      expect(found).toGive(expected(picture))
    }
  })
})
