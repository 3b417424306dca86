import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { matchedFilter } from '../../../src/trigger/matched-filter.ts'
import { pick } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned } from '../../support/stage.ts'

const source = { valid: 's_valid', ready: 's_ready', data: ['s_content', 's_search'] }
const sink = {
  valid: 'm_valid',
  ready: 'm_ready',
  data: ['m_macro', 'm_filtered', 'm_last_column', 'm_last'],
}

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly content: Int32Array
  readonly search: Int32Array
}

function expected({ columns, rows, content, search }: Picture): number[][] {
  const filtered = new Int32Array(search.length)
  matchedFilter(search, columns, rows, filtered, new Int32Array(search.length))
  return Array.from(content, (c, i) => [
    unsigned(c, 18),
    unsigned(filtered[i]!, 26),
    Number(i % columns === columns - 1),
    Number(i === content.length - 1),
  ])
}

function filter(simulation: Simulation, picture: Picture, pauses: StagePauses, random: Random): Item[] {
  const { columns, rows, content, search } = picture
  simulation.set('cfg_columns', columns)
  simulation.set('cfg_rows', rows)
  pulse(simulation, 'start')
  const items = Array.from(content, (c, i) => [c, search[i]!])
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= items.length
  return runStage(simulation, { source, sink, items, pauses, random, finished })
}

function randomPicture(random: Random, columns: number, rows: number): Picture {
  const draw = (): Int32Array => {
    const span = pick(random, [1 << 18, 1 << 18, 2000])
    return Int32Array.from({ length: columns * rows }, () => random.integer(span) - span / 2)
  }
  return { columns, rows, content: draw(), search: draw() }
}

describe('matched_filter', () => {
  it('equals matchedFilter() from 1 x 1 on, image after image, at every pace', async () => {
    const simulation = await simulateStage('matched_filter')
    const random = new Random(1)
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer(pick(random, [4, 20]))
      const rows = 1 + random.integer(pick(random, [4, 20]))
      const picture = randomPicture(random, columns, rows)
      const found = filter(simulation, picture, paces[run % paces.length]!, random)
      expect(found, `${columns}x${rows}`).toEqual(expected(picture))
    }
  })

  it.each([
    [1024, 3],
    [1, 1024],
  ])('equals matchedFilter() for %i x %i macro-pixels', async (columns, rows) => {
    const simulation = await simulateStage('matched_filter')
    const random = new Random(2)
    const picture = randomPicture(random, columns, rows)
    expect(filter(simulation, picture, paces[0]!, random)).toEqual(expected(picture))
  })

  it('fills its line memories to the last place', async () => {
    const simulation = await simulateStage('matched_filter', { COLUMN_BITS: 3 })
    const random = new Random(3)
    for (const [columns, rows] of [
      [8, 8],
      [7, 8],
      [8, 1],
      [8, 5],
    ] as const) {
      const picture = randomPicture(random, columns, rows)
      expect(filter(simulation, picture, paces[3]!, random)).toEqual(expected(picture))
    }
  })
})
