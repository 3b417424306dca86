import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { matchedFilter } from '../../../src/trigger/matched-filter.ts'
import { type Pace, paces } from '../../support/paces.ts'
import { pick } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'
import { simulateMacro } from './simulate-macro.ts'

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly content: Int32Array
  readonly search: Int32Array
}

function expected({ columns, rows, content, search }: Picture) {
  const filtered = new Int32Array(search.length)
  matchedFilter(search, columns, rows, filtered, new Int32Array(search.length))
  return {
    m_content: content,
    m_filtered: filtered,
    m_last_column: Uint32Array.from(content, (_, i) => Number(i % columns === columns - 1)),
    m_last: Uint32Array.from(content, (_, i) => Number(i === content.length - 1)),
  }
}

async function filter(
  dut: Dut,
  { columns, rows, content, search }: Picture,
  stall: Pace = paces[0]!,
  seed = 1,
) {
  await startFrame(dut, { cfg_columns: columns, cfg_rows: rows })
  const items = { s_content: content, s_search: search }
  // Four rows clear the memory before the first macro-pixel is taken.
  const patience = 20_000 + 4 * (10 * columns + 5)
  return dut.stream({ source: 's', items, sink: 'm', count: content.length, stall, seed, patience })
}

function randomPicture(random: Random, columns: number, rows: number): Picture {
  const draw = (): Int32Array => {
    const span = pick(random, [1 << 18, 1 << 18, 2, 2000])
    return Int32Array.from({ length: columns * rows }, () => random.integer(span) - span / 2)
  }
  return { columns, rows, content: draw(), search: draw() }
}

describe('macro_filter', () => {
  it('spreads a single macro-pixel over its neighbours, 1 4 6 4 1 in either direction', async () => {
    const dut = await simulateMacro('macro_filter', { MACRO_SIDE: 64 })
    const content = Int32Array.of(10, 11, 12, 13, 14)
    const search = Int32Array.of(0, 0, 1, 0, 0)
    expect(await filter(dut, { columns: 5, rows: 1, content, search })).toGive({
      m_content: content,
      m_filtered: Int32Array.of(6, 24, 36, 24, 6),
      m_last_column: Uint32Array.of(0, 0, 0, 0, 1),
      m_last: Uint32Array.of(0, 0, 0, 0, 1),
    })
  })

  it.each([64, 20])(
    'equals matchedFilter() from 1 x 1 on, image after image, at every pace (side %i)',
    async (side) => {
      const dut = await simulateMacro('macro_filter', { MACRO_SIDE: side })
      const random = new Random(side)
      for (let run = 0; run < 60; run++) {
        const columns = 1 + random.integer(pick(random, [4, 20]))
        const rows = 1 + random.integer(pick(random, [4, 20]))
        const picture = randomPicture(random, columns, rows)
        const found = await filter(dut, picture, paces[run % paces.length]!, run)
        expect(found, `${columns}x${rows}`).toGive(expected(picture))
      }
    },
  )

  it.each([
    [576, 2],
    [2, 576],
    [1, 1],
    [576, 7],
  ])('equals matchedFilter() for %i x %i macro-pixels', async (columns, rows) => {
    const dut = await simulateMacro('macro_filter', { MACRO_SIDE: 576 })
    const random = new Random(2)
    for (let run = 0; run < 2; run++) {
      const picture = randomPicture(random, columns, rows)
      expect(await filter(dut, picture)).toGive(expected(picture))
    }
  })

  it.each([1024, 1000])('holds %i columns in memories of that size', async (side) => {
    const dut = await simulateMacro('macro_filter', { MACRO_SIDE: side })
    const picture = randomPicture(new Random(side), side, 3)
    expect(await filter(dut, picture)).toGive(expected(picture))
  })

  it('starts a frame anew after one that was cut off, whatever the memory holds', async () => {
    const dut = await simulateMacro('macro_filter', { MACRO_SIDE: 64 })
    const random = new Random(3)
    for (let run = 0; run < 40; run++) {
      await startFrame(dut, { cfg_columns: 1 + random.integer(64), cfg_rows: 1 + random.integer(20) })
      const search = random.integer(1 << 18) - (1 << 17)
      Object.assign(dut.in, { s_valid: 1, m_ready: random.integer(2), s_search: search })
      await dut.clock(1 + random.integer(8000))
      dut.in.s_valid = 0
      if (run % 2 === 0) await dut.applyReset()
      const picture = randomPicture(random, 1 + random.integer(64), 1 + random.integer(5))
      expect(await filter(dut, picture, paces[run % paces.length]!, run)).toGive(expected(picture))
    }
  })

  it('takes 10 clocks per macro-pixel and 5 per row, and six rows more than the frame has', async () => {
    const dut = await simulateMacro('macro_filter', { MACRO_SIDE: 64 })
    const { columns, times } = await filter(dut, randomPicture(new Random(4), 64, 64))
    expect(columns.m_last!.at(-1)).toBe(1)
    expect(times.at(-1)! + 1).toBe(70 * (64 * 10 + 5))
  })
})
