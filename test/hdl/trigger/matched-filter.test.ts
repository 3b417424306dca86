import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { matchedFilter } from '../../../src/trigger/matched-filter.ts'
import { type Pace, paces } from '../../support/paces.ts'
import { pick } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'

async function filterUnit(columnBits = 10): Promise<Dut> {
  const dut = await simulate('hdl/trigger/matched_filter.sv', { parameters: { COLUMN_BITS: columnBits } })
  await dut.applyReset()
  return dut
}

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
    m_macro: content,
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
  return dut.stream({ source: 's', items, sink: 'm', count: content.length, stall, seed })
}

function randomPicture(random: Random, columns: number, rows: number): Picture {
  const draw = (): Int32Array => {
    const span = pick(random, [1 << 18, 1 << 18, 2000])
    return Int32Array.from({ length: columns * rows }, () => random.integer(span) - span / 2)
  }
  return { columns, rows, content: draw(), search: draw() }
}

describe('matched_filter', () => {
  it('spreads a single macro-pixel over its neighbours, and marks the ends of rows and of the image', async () => {
    const dut = await filterUnit()
    const [columns, rows] = [5, 5]
    const content = Int32Array.from({ length: 25 }, (_, i) => i)
    const search = new Int32Array(25)
    search[12] = 1
    const found = await filter(dut, { columns, rows, content, search })
    expect(found.columns.m_macro).toEqual(content)
    // [1 4 6 4 1] in either direction
    expect([...found.columns.m_filtered!]).toEqual([
      ...[1, 4, 6, 4, 1],
      ...[4, 16, 24, 16, 4],
      ...[6, 24, 36, 24, 6],
      ...[4, 16, 24, 16, 4],
      ...[1, 4, 6, 4, 1],
    ])
    expect([...found.columns.m_last_column!].flatMap((last, i) => (last === 1 ? [i] : []))).toEqual([
      4, 9, 14, 19, 24,
    ])
    expect([...found.columns.m_last!].indexOf(1)).toBe(24)
  })

  it('equals matchedFilter() from 1 x 1 on, image after image, at every pace', async () => {
    const dut = await filterUnit()
    const random = new Random(1)
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer(pick(random, [4, 20]))
      const rows = 1 + random.integer(pick(random, [4, 20]))
      const picture = randomPicture(random, columns, rows)
      const found = await filter(dut, picture, paces[run % paces.length]!, run)
      expect(found, `${columns}x${rows}`).toGive(expected(picture))
    }
  })

  it.each([
    [1024, 3],
    [1, 1024],
  ])('equals matchedFilter() for %i x %i macro-pixels', async (columns, rows) => {
    const picture = randomPicture(new Random(2), columns, rows)
    expect(await filter(await filterUnit(), picture)).toGive(expected(picture))
  })

  it('fills its line memories to the last place', async () => {
    const dut = await filterUnit(3)
    const random = new Random(3)
    for (const [columns, rows] of [
      [8, 8],
      [7, 8],
      [8, 1],
      [8, 5],
    ] as const) {
      const picture = randomPicture(random, columns, rows)
      expect(await filter(dut, picture, paces[3]!)).toGive(expected(picture))
    }
  })
})
