import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { applyGains } from '../../../src/trigger/region-gain.ts'
import { cellCount, type RegionGains } from '../../../src/trigger/settings.ts'
import { pick, randomGains } from '../../support/shots.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned, writer } from '../../support/stage.ts'
import { simulateMacro } from './simulate-macro.ts'

const source = { valid: 's_valid', ready: 's_ready', data: ['s_filtered', 's_last_column'] }
const sink = { valid: 'm_valid', ready: 'm_ready', data: ['m_filtered'] }

interface Picture {
  readonly columns: number
  readonly rows: number
  readonly filtered: Int32Array
  readonly gains: RegionGains | null
}

function expected({ columns, rows, filtered, gains }: Picture): Item[] {
  const result = filtered.slice()
  if (gains !== null) applyGains(result, columns, rows, gains)
  return Array.from(result, (value) => [unsigned(value, 26)])
}

function multiply(simulation: Simulation, picture: Picture, pauses: StagePauses, random: Random): Item[] {
  const { gains, columns, filtered } = picture
  simulation.set('cfg_enable', gains === null ? 0 : 1)
  simulation.set('cfg_columns', gains?.columnsLog2 ?? random.integer(16))
  simulation.set('cfg_rows', gains?.rowsLog2 ?? random.integer(16))
  if (gains !== null) {
    pulse(simulation, 'gain_rewind')
    const gain = writer(simulation, 'gain')
    simulation.set('gain_write', 1)
    for (const value of gains.gain) {
      gain(value)
      simulation.step()
    }
    simulation.set('gain_write', 0)
  }
  pulse(simulation, 'start')
  const items = Array.from(filtered, (value, i) => [value, Number(i % columns === columns - 1)])
  const finished = (outputs: readonly Item[]): boolean => outputs.length >= filtered.length
  return runStage(simulation, { source, sink, items, pauses, random, finished })
}

function randomPicture(random: Random, columns: number, rows: number, cells = 1024): Picture {
  const span = pick(random, [1 << 26, 1 << 26, 100_000])
  const filtered = Int32Array.from({ length: columns * rows }, () => random.integer(span) - span / 2)
  const drawn = randomGains(random, columns, rows)
  const fits = cellCount(columns, drawn.columnsLog2) * cellCount(rows, drawn.rowsLog2) <= cells
  return { columns, rows, filtered, gains: fits && random.integer(6) > 0 ? drawn : null }
}

describe('macro_gain', () => {
  it('equals applyGains() for regions of every size, image after image, at every pace', async () => {
    const simulation = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const random = new Random(1)
    for (let run = 0; run < 100; run++) {
      const columns = 1 + random.integer(pick(random, [4, 40]))
      const picture = randomPicture(random, columns, 1 + random.integer(pick(random, [4, 20])))
      const found = multiply(simulation, picture, paces[run % paces.length]!, random)
      expect(found, `${columns}x${picture.rows}`).toEqual(expected(picture))
    }
  })

  it.each([
    [576, 2],
    [1, 576],
    [16, 16],
  ])('equals applyGains() for %i x %i macro-pixels', async (columns, rows) => {
    const simulation = await simulateMacro('macro_gain', { MACRO_SIDE: 576, GAIN_BITS: 8 })
    const random = new Random(2)
    for (let run = 0; run < 3; run++) {
      const picture = randomPicture(random, columns, rows, 256)
      expect(multiply(simulation, picture, paces[0]!, random)).toEqual(expected(picture))
    }
  })

  it('equals applyGains() with a table of two gains, the smallest', async () => {
    const simulation = await simulateMacro('macro_gain', { MACRO_SIDE: 16, GAIN_BITS: 1 })
    const random = new Random(4)
    let gains = 0
    for (let run = 0; run < 20; run++) {
      const picture = randomPicture(random, 1 + random.integer(4), 1 + random.integer(4), 2)
      if (picture.gains !== null) gains++
      expect(multiply(simulation, picture, paces[0]!, random)).toEqual(expected(picture))
    }
    expect(gains).toBeGreaterThan(3)
  })

  it('is exact at the ends of its range', async () => {
    const simulation = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const ends = [-33554432, -33554431, -4097, -4096, -1, 0, 1, 4095, 4096, 33554430, 33554431]
    const factors = [0, 1, 2047, 4095, 4096, 4097, 8192, 65535]
    const gain = Uint16Array.from(
      { length: ends.length * factors.length },
      (_, i) => factors[Math.floor(i / ends.length)]!,
    )
    const filtered = Int32Array.from(gain, (_, i) => ends[i % ends.length]!)
    const gains = { columnsLog2: 0, rowsLog2: 0, gain }
    const picture = { columns: ends.length, rows: factors.length, filtered, gains }
    expect(multiply(simulation, picture, paces[0]!, new Random(1))).toEqual(expected(picture))
  })

  it('starts a frame anew after one that was not finished', async () => {
    const simulation = await simulateMacro('macro_gain', { MACRO_SIDE: 64, GAIN_BITS: 10 })
    const random = new Random(3)
    for (let run = 0; run < 20; run++) {
      const picture = randomPicture(random, 12, 6)
      pulse(simulation, 'start')
      simulation.set('s_valid', 1)
      simulation.set('m_ready', random.integer(2))
      simulation.step(1 + random.integer(900))
      simulation.set('s_valid', 0)
      expect(multiply(simulation, picture, paces[run % paces.length]!, random)).toEqual(expected(picture))
    }
  })
})
