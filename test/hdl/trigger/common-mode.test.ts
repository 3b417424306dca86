import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { removeCommonMode } from '../../../src/trigger/common-mode.ts'
import type { CommonModeLimits } from '../../../src/trigger/settings.ts'
import { pick, randomLimits } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned } from '../../support/stage.ts'

const source = { valid: 's_valid', ready: 's_ready', data: ['s_content', 's_search'] }
const sink = { valid: 'm_valid', ready: 'm_ready', data: ['m_content', 'm_search'] }

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly content: Int32Array
  readonly search: Int32Array
  readonly limits: CommonModeLimits | null
}

function expected({ columns, rows, content, search, limits }: Picture): number[][] {
  const [flatContent, flatSearch] = [content.slice(), search.slice()]
  if (limits !== null) {
    removeCommonMode(flatContent, columns, rows, limits.content)
    removeCommonMode(flatSearch, columns, rows, limits.search)
  }
  return Array.from(flatContent, (c, i) => [unsigned(c, 18), unsigned(flatSearch[i]!, 18)])
}

function level(simulation: Simulation, picture: Picture, pauses: StagePauses, random: Random): Item[] {
  const { columns, content, search, limits } = picture
  simulation.set('cfg_columns', columns)
  simulation.set('cfg_enable', limits === null ? 0 : 1)
  simulation.set('cfg_content_limit', limits?.content ?? random.integer(131072))
  simulation.set('cfg_search_limit', limits?.search ?? random.integer(131072))
  pulse(simulation, 'start')
  const items = Array.from(content, (c, i) => [c, search[i]!])
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= items.length
  return runStage(simulation, { source, sink, items, pauses, random, finished })
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
  it('equals removeCommonMode() from 1 x 1 on, image after image, at every pace', async () => {
    const simulation = await simulateStage('common_mode')
    const random = new Random(1)
    for (let run = 0; run < 200; run++) {
      const columns = 1 + random.integer(pick(random, [3, 30, 90]))
      const picture = randomPicture(random, columns, 1 + random.integer(pick(random, [4, 12])))
      const found = level(simulation, picture, paces[run % paces.length]!, random)
      expect(found, `${columns}x${picture.rows}`).toEqual(expected(picture))
    }
  })

  it('equals removeCommonMode() for the longest rows and the largest sums', async () => {
    const simulation = await simulateStage('common_mode')
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
      expect(level(simulation, picture, paces[0]!, random)).toEqual(expected(picture))
    }
  })

  it('fills its buffer to the last place', async () => {
    const simulation = await simulateStage('common_mode', { COLUMN_BITS: 3 })
    const random = new Random(3)
    for (let run = 0; run < 40; run++) {
      const picture = randomPicture(random, 8 - (run % 2), 1 + random.integer(9))
      const found = level(simulation, picture, paces[run % paces.length]!, random)
      expect(found).toEqual(expected(picture))
    }
  })

  it('loses at most two clocks in a row', async () => {
    const simulation = await simulateStage('common_mode')
    const limits = { content: 100, search: 100 }
    const [columns, rows] = [64, 20]
    const content = new Int32Array(columns * rows).fill(5)
    simulation.set('cfg_columns', columns)
    simulation.set('cfg_enable', 1)
    simulation.set('cfg_content_limit', limits.content)
    simulation.set('cfg_search_limit', limits.search)
    pulse(simulation, 'start')
    simulation.set('s_valid', 1)
    simulation.set('m_ready', 1)
    let taken = 0
    let clocks = 0
    for (; taken < content.length; clocks++) {
      simulation.settle()
      taken += Number(simulation.get('s_ready'))
      simulation.step()
    }
    expect(clocks).toBeLessThanOrEqual(content.length + 2 * rows)
  })

  it('starts a frame anew after one that was not finished', async () => {
    const simulation = await simulateStage('common_mode')
    const random = new Random(4)
    for (let run = 0; run < 30; run++) {
      const picture = randomPicture(random, 12, 6)
      pulse(simulation, 'start')
      simulation.set('s_valid', 1)
      simulation.set('m_ready', random.integer(2))
      simulation.step(1 + random.integer(90))
      simulation.set('s_valid', 0)
      expect(level(simulation, picture, paces[run % paces.length]!, random)).toEqual(expected(picture))
    }
  })
})
