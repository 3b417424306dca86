import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { matchedFilter } from '../../../src/trigger/matched-filter.ts'
import { pick } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned } from '../../support/stage.ts'

const source = { valid: 's_valid', ready: 's_ready', data: ['s_macro'] }
const sink = {
  valid: 'm_valid',
  ready: 'm_ready',
  data: ['m_macro', 'm_filtered', 'm_last_column', 'm_last'],
}

function expected(macro: Int32Array, columns: number, rows: number): number[][] {
  const filtered = new Int32Array(macro.length)
  matchedFilter(macro, columns, rows, filtered, new Int32Array(macro.length))
  return Array.from(macro, (m, i) => [
    unsigned(m, 18),
    unsigned(filtered[i]!, 26),
    Number(i % columns === columns - 1),
    Number(i === macro.length - 1),
  ])
}

function filter(
  simulation: Simulation,
  macro: Int32Array,
  columns: number,
  pauses: StagePauses,
  random: Random,
): Item[] {
  simulation.set('cfg_columns', columns)
  simulation.set('cfg_rows', macro.length / columns)
  pulse(simulation, 'start')
  const items = Array.from(macro, (m) => [m])
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= macro.length
  return runStage(simulation, { source, sink, items, pauses, random, finished })
}

const randomMacro = (random: Random, length: number): Int32Array => {
  const span = pick(random, [1 << 18, 1 << 18, 2000])
  return Int32Array.from({ length }, () => random.integer(span) - span / 2)
}

describe('matched_filter', () => {
  it('equals matchedFilter() from 1 x 1 on, image after image, at every pace', async () => {
    const simulation = await simulateStage('matched_filter')
    const random = new Random(1)
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer(pick(random, [4, 20]))
      const rows = 1 + random.integer(pick(random, [4, 20]))
      const macro = randomMacro(random, columns * rows)
      const found = filter(simulation, macro, columns, paces[run % paces.length]!, random)
      expect(found, `${columns}x${rows}`).toEqual(expected(macro, columns, rows))
    }
  })

  it.each([
    [1024, 3],
    [1, 1024],
  ])('equals matchedFilter() for %i x %i macro-pixels', async (columns, rows) => {
    const simulation = await simulateStage('matched_filter')
    const random = new Random(2)
    const macro = randomMacro(random, columns * rows)
    expect(filter(simulation, macro, columns, paces[0]!, random)).toEqual(expected(macro, columns, rows))
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
      const macro = randomMacro(random, columns * rows)
      expect(filter(simulation, macro, columns, paces[3]!, random)).toEqual(expected(macro, columns, rows))
    }
  })
})
