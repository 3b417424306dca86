import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { matchedFilter } from '../../../src/trigger/matched-filter.ts'
import { pick } from '../../support/shots.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned } from '../../support/stage.ts'
import { simulateMacro } from './simulate-macro.ts'

const source = { valid: 's_valid', ready: 's_ready', data: ['s_content', 's_search'] }
const sink = {
  valid: 'm_valid',
  ready: 'm_ready',
  data: ['m_content', 'm_filtered', 'm_last_column', 'm_last'],
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

function begin(simulation: Simulation, { columns, rows }: Picture): void {
  simulation.set('cfg_columns', columns)
  simulation.set('cfg_rows', rows)
  pulse(simulation, 'start')
}

function filter(simulation: Simulation, picture: Picture, pauses: StagePauses, random: Random): Item[] {
  const { content, search } = picture
  begin(simulation, picture)
  // The rows that clear the memory, without which a wide frame would look stuck.
  simulation.step(4 * (10 * picture.columns + 5))
  const items = Array.from(content, (c, i) => [c, search[i]!])
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= items.length
  return runStage(simulation, { source, sink, items, pauses, random, finished })
}

function randomPicture(random: Random, columns: number, rows: number): Picture {
  const draw = (): Int32Array => {
    const span = pick(random, [1 << 18, 1 << 18, 2, 2000])
    return Int32Array.from({ length: columns * rows }, () => random.integer(span) - span / 2)
  }
  return { columns, rows, content: draw(), search: draw() }
}

describe('macro_filter', () => {
  it.each([64, 20])(
    'equals matchedFilter() from 1 x 1 on, image after image, at every pace (side %i)',
    async (side) => {
      const simulation = await simulateMacro('macro_filter', { MACRO_SIDE: side })
      const random = new Random(side)
      for (let run = 0; run < 60; run++) {
        const columns = 1 + random.integer(pick(random, [4, 20]))
        const rows = 1 + random.integer(pick(random, [4, 20]))
        const picture = randomPicture(random, columns, rows)
        const found = filter(simulation, picture, paces[run % paces.length]!, random)
        expect(found, `${columns}x${rows}`).toEqual(expected(picture))
      }
    },
  )

  it.each([
    [576, 2],
    [2, 576],
    [1, 1],
    [576, 7],
  ])('equals matchedFilter() for %i x %i macro-pixels', async (columns, rows) => {
    const simulation = await simulateMacro('macro_filter', { MACRO_SIDE: 576 })
    const random = new Random(2)
    for (let run = 0; run < 2; run++) {
      const picture = randomPicture(random, columns, rows)
      expect(filter(simulation, picture, paces[0]!, random)).toEqual(expected(picture))
    }
  })

  it.each([1024, 1000])('holds %i columns in memories of that size', async (side) => {
    const simulation = await simulateMacro('macro_filter', { MACRO_SIDE: side })
    const picture = randomPicture(new Random(side), side, 3)
    expect(filter(simulation, picture, paces[0]!, new Random(1))).toEqual(expected(picture))
  })

  it('starts a frame anew after one that was cut off, whatever the memory holds', async () => {
    const simulation = await simulateMacro('macro_filter', { MACRO_SIDE: 64 })
    const random = new Random(3)
    for (let run = 0; run < 40; run++) {
      begin(simulation, randomPicture(random, 1 + random.integer(64), 1 + random.integer(20)))
      simulation.set('s_valid', 1)
      simulation.set('m_ready', random.integer(2))
      simulation.set('s_search', random.uint32() & 0x3ffff)
      simulation.step(1 + random.integer(8000))
      simulation.set('s_valid', 0)
      if (run % 2 === 0) pulse(simulation, 'rst')
      const picture = randomPicture(random, 1 + random.integer(64), 1 + random.integer(5))
      expect(filter(simulation, picture, paces[run % paces.length]!, random)).toEqual(expected(picture))
    }
  })

  it('takes 10 clocks per macro-pixel', async () => {
    const simulation = await simulateMacro('macro_filter', { MACRO_SIDE: 64 })
    begin(simulation, randomPicture(new Random(4), 64, 64))
    simulation.set('s_valid', 1)
    simulation.set('m_ready', 1)
    let clocks = 0
    for (let last = false; !last; clocks++) {
      simulation.settle()
      last = simulation.get('m_valid') === 1 && simulation.get('m_last') === 1
      simulation.step()
    }
    expect(clocks).toBe(70 * (64 * 10 + 5))
  })
})
