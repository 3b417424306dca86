import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import type { TileSettings } from '../../../src/trigger/settings.ts'
import { tileMasks, tileStatistics } from '../../../src/trigger/tile-trigger.ts'
import { pick, randomTiles } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { pulse, reader, rubbish, writer } from '../../support/stage.ts'
import { writeTable } from './write-table.ts'

interface Picture {
  readonly width: number
  readonly height: number
  readonly values: Uint16Array
  readonly tiles: TileSettings
}

function expected({ width, height, values, tiles }: Picture): number[] {
  const words = new Uint32Array(values.length)
  return [...tileMasks(tileStatistics(values, words, width, height, tiles), tiles.variance)]
}

function masks(simulation: Simulation, picture: Picture, pause: number, random: Random): number[] {
  simulation.set('cfg_enable', 1)
  simulation.set('cfg_width', picture.width)
  simulation.set('cfg_height', picture.height)
  simulation.set('cfg_size', picture.tiles.size)
  simulation.set('cfg_margin', picture.tiles.margin)
  writeTable(simulation, 'threshold', picture.tiles.variance)
  pulse(simulation, 'start')
  const valid = writer(simulation, 's_valid')
  const value = writer(simulation, 's_value')
  const ready = reader(simulation, 's_ready')
  const { values } = picture
  for (let sent = 0, clocks = 0; sent < values.length; clocks++) {
    if (clocks > 50 * values.length + 5000) throw new Error(`stuck after ${sent} pixels`)
    simulation.settle()
    const offering = ready() === 1 && random.integer(256) >= pause
    valid(Number(offering))
    value(offering ? values[sent]! : rubbish(simulation, 's_value', random))
    simulation.step()
    if (offering) sent++
  }
  valid(0)
  for (let clocks = 0; simulation.get('done') === 0; clocks++) {
    if (clocks > 2000) throw new Error('never done')
    simulation.step()
  }
  return Array.from({ length: Number(simulation.get('rows')) }, (_, row) => {
    simulation.set('mask_row', row)
    return Number(simulation.get('mask'))
  })
}

function randomPicture(
  random: Random,
  width: number,
  height: number,
  size?: number,
  margin?: number,
): Picture {
  const span = pick(random, [4096, 40, 1])
  const drawn = randomTiles(random, width, height, span === 4096 ? 16777216 : 3000)
  const tiles = size === undefined ? drawn : { ...drawn, size, margin: margin! }
  const count = Math.ceil(width / tiles.size) * Math.ceil(height / tiles.size)
  const variance = Uint32Array.from({ length: count }, () =>
    random.integer(span === 4096 ? 45_000_000 : 4300),
  )
  return {
    width,
    height,
    values: Uint16Array.from({ length: width * height }, () => (span === 1 ? 4095 : random.integer(span))),
    tiles: { ...tiles, variance: variance.map((v) => Math.min(v, 16777215)) },
  }
}

describe('tile_deviation', () => {
  it('equals tileMasks() for random sizes and tiles, frame after frame, with gaps', async () => {
    const simulation = await simulateStage('tile_deviation')
    const random = new Random(1)
    let set = 0
    for (let run = 0; run < 150; run++) {
      const picture = randomPicture(random, 4 + random.integer(80), 4 + random.integer(60))
      const found = masks(simulation, picture, pick(random, [0, 0, 100, 230]), random)
      const { size, margin } = picture.tiles
      expect(found, `${picture.width}x${picture.height}, ${size} + ${margin}`).toEqual(expected(picture))
      set += found.reduce((sum, mask) => sum + mask.toString(2).replaceAll('0', '').length, 0)
    }
    expect(set).toBeGreaterThan(100)
  })

  it.each([
    [512, 20, 16, 4],
    [20, 512, 16, 4],
    [512, 16, 16, 4],
    [497, 17, 16, 4],
    [4096, 4, 256, 64],
    [4, 4096, 136, 64],
    [384, 384, 256, 64],
  ])('equals tileMasks() for %i x %i pixels in tiles of %i + %i', async (width, height, size, margin) => {
    const simulation = await simulateStage('tile_deviation')
    const random = new Random(width)
    for (let run = 0; run < 3; run++) {
      const picture = randomPicture(random, width, height, size, margin)
      expect(masks(simulation, picture, 0, random)).toEqual(expected(picture))
    }
  })

  it('does nothing and holds nothing up while it is switched off', async () => {
    const simulation = await simulateStage('tile_deviation')
    simulation.set('cfg_enable', 0)
    pulse(simulation, 'start')
    simulation.set('s_valid', 1)
    for (let i = 0; i < 50; i++) {
      simulation.step()
      expect([simulation.get('s_ready'), simulation.get('done'), simulation.get('rows')]).toEqual([1, 1, 0])
    }
  })

  it('starts a frame anew after one that was not finished', async () => {
    const simulation = await simulateStage('tile_deviation')
    const random = new Random(5)
    for (let run = 0; run < 30; run++) {
      const picture = randomPicture(random, 40, 40)
      const cut = { ...picture, values: picture.values.subarray(0, 1 + random.integer(1599)) }
      simulation.set('cfg_enable', 1)
      pulse(simulation, 'start')
      const valid = writer(simulation, 's_valid')
      for (let i = 0; i < cut.values.length; i++) {
        valid(Number(simulation.get('s_ready') === 1))
        simulation.set('s_value', cut.values[i]!)
        simulation.step()
      }
      valid(0)
      expect(masks(simulation, picture, 0, random)).toEqual(expected(picture))
    }
  })
})
