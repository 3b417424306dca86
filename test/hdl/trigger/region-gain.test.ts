import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { applyGains } from '../../../src/trigger/region-gain.ts'
import type { RegionGains } from '../../../src/trigger/settings.ts'
import { pick, randomGains } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned } from '../../support/stage.ts'
import { writeTable } from './write-table.ts'

const names = ['macro', 'filtered', 'last_column', 'last']
const source = { valid: 's_valid', ready: 's_ready', data: names.map((name) => `s_${name}`) }
const sink = { valid: 'm_valid', ready: 'm_ready', data: names.map((name) => `m_${name}`) }

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly macro: Int32Array
  readonly filtered: Int32Array
  readonly gains: RegionGains | null
}

const items = ({ columns, macro }: Picture, filtered: Int32Array): Item[] =>
  Array.from(macro, (m, i) => [
    unsigned(m, 18),
    unsigned(filtered[i]!, 26),
    Number(i % columns === columns - 1),
    Number(i === macro.length - 1),
  ])

function expected(picture: Picture): Item[] {
  const filtered = picture.filtered.slice()
  if (picture.gains !== null) applyGains(filtered, picture.columns, picture.rows, picture.gains)
  return items(picture, filtered)
}

function multiply(simulation: Simulation, picture: Picture, pauses: StagePauses, random: Random): Item[] {
  const { gains } = picture
  simulation.set('cfg_enable', gains === null ? 0 : 1)
  simulation.set('cfg_columns', gains?.columnsLog2 ?? random.integer(16))
  simulation.set('cfg_rows', gains?.rowsLog2 ?? random.integer(16))
  if (gains !== null) writeTable(simulation, 'gain', gains.gain)
  pulse(simulation, 'start')
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= picture.macro.length
  const inputs = items(picture, picture.filtered)
  return runStage(simulation, { source, sink, items: inputs, pauses, random, finished })
}

function randomPicture(random: Random, columns: number, rows: number): Picture {
  const span = pick(random, [1 << 26, 1 << 26, 100_000])
  const draw = (most: number): Int32Array =>
    Int32Array.from({ length: columns * rows }, () => random.integer(most) - most / 2)
  const gains = random.integer(6) === 0 ? null : randomGains(random, columns, rows)
  return { columns, rows, macro: draw(1 << 18), filtered: draw(span), gains }
}

describe('region_gain', () => {
  it('equals applyGains() for regions of every size, image after image, at every pace', async () => {
    const simulation = await simulateStage('region_gain')
    const random = new Random(1)
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer(pick(random, [4, 40]))
      const picture = randomPicture(random, columns, 1 + random.integer(pick(random, [4, 20])))
      const found = multiply(simulation, picture, paces[run % paces.length]!, random)
      expect(found, `${columns}x${picture.rows}`).toEqual(expected(picture))
    }
  })

  it.each([
    [1024, 3],
    [1, 1024],
    [64, 64],
  ])('equals applyGains() for %i x %i macro-pixels', async (columns, rows) => {
    const simulation = await simulateStage('region_gain')
    const random = new Random(2)
    for (let run = 0; run < 3; run++) {
      const picture = randomPicture(random, columns, rows)
      expect(multiply(simulation, picture, paces[0]!, random)).toEqual(expected(picture))
    }
  })

  it('starts a frame anew after one that was not finished', async () => {
    const simulation = await simulateStage('region_gain')
    const random = new Random(3)
    for (let run = 0; run < 20; run++) {
      const picture = randomPicture(random, 12, 6)
      pulse(simulation, 'start')
      simulation.set('s_valid', 1)
      simulation.set('m_ready', random.integer(2))
      simulation.step(1 + random.integer(90))
      simulation.set('s_valid', 0)
      expect(multiply(simulation, picture, paces[run % paces.length]!, random)).toEqual(expected(picture))
    }
  })
})
