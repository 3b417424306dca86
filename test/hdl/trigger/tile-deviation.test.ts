import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import type { TileSettings } from '../../../src/trigger/settings.ts'
import { tileMasks, tileStatistics } from '../../../src/trigger/tile-trigger.ts'
import { pick, randomTiles } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'
import { writeTable } from './write-table.ts'

async function tileDeviation(): Promise<Dut> {
  const dut = await simulate('hdl/trigger/tile_deviation.sv')
  await dut.applyReset()
  return dut
}

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

/** Sends pixels; the unit takes one in every clock with s_valid, which may be high only while s_ready is. */
function send(dut: Dut, values: Uint16Array, pause = 0, random = new Random(1)): void {
  const [valid, value, ready] = [dut.port('s_valid'), dut.port('s_value'), dut.port('s_ready')]
  for (let sent = 0; sent < values.length; ) {
    const offers = ready.read() === 1 && random.uniform() >= pause
    valid.write(Number(offers))
    value.write(offers ? values[sent++]! : random.integer(4096))
    dut.run(1)
  }
  valid.write(0)
}

/** Sends a frame, waits until it is judged, and reads the masks of its rows of tiles. */
async function masks(dut: Dut, picture: Picture, pause = 0, random = new Random(1)): Promise<number[]> {
  const { width, height, values, tiles } = picture
  writeTable(dut, 'threshold', tiles.variance)
  await startFrame(dut, {
    cfg_enable: 1,
    cfg_width: width,
    cfg_height: height,
    cfg_size: tiles.size,
    cfg_margin: tiles.margin,
  })
  send(dut, values, pause, random)
  await dut.until('done', 2000)
  return Array.from({ length: Number(dut.out.rows) }, (_, row) => {
    dut.in.mask_row = row
    return Number(dut.out.mask)
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
  it('sets the bit of the tile whose pixels scatter by more than its threshold', async () => {
    const dut = await tileDeviation()
    const [width, height] = [64, 16]
    // columns 36 to 43 are in tile 2 alone: the others reach 4 pixels into it
    const values = Uint16Array.from({ length: width * height }, (_, i) =>
      i % width >= 36 && i % width < 44 ? 100 + 8 * (i % 2) : 100,
    )
    const tiles = (variance: number) => ({ size: 16, margin: 4, variance: new Uint32Array(4).fill(variance) })
    expect(await masks(dut, { width, height, values, tiles: tiles(0) })).toEqual([0b0100])
    expect(await masks(dut, { width, height, values, tiles: tiles(16 * 16) })).toEqual([0])
  })

  it('does nothing and holds nothing up while it is switched off', async () => {
    const dut = await tileDeviation()
    await startFrame(dut, { cfg_enable: 0 })
    dut.in.s_valid = 1
    for (let clock = 0; clock < 50; clock++) {
      await dut.clock()
      expect(dut).toOutput({ s_ready: 1, done: 1, rows: 0 })
    }
  })

  it('equals tileMasks() for random sizes and tiles, frame after frame, with gaps', async () => {
    const dut = await tileDeviation()
    const random = new Random(1)
    let set = 0
    for (let run = 0; run < 150; run++) {
      const picture = randomPicture(random, 4 + random.integer(80), 4 + random.integer(60))
      const found = await masks(dut, picture, pick(random, [0, 0, 0.4, 0.9]), random)
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
    const dut = await tileDeviation()
    const random = new Random(width)
    for (let run = 0; run < 3; run++) {
      const picture = randomPicture(random, width, height, size, margin)
      expect(await masks(dut, picture)).toEqual(expected(picture))
    }
  })

  it('starts a frame anew after one that was not finished', async () => {
    const dut = await tileDeviation()
    const random = new Random(5)
    for (let run = 0; run < 30; run++) {
      const picture = randomPicture(random, 40, 40)
      await startFrame(dut, { cfg_enable: 1 })
      send(dut, picture.values.subarray(0, 1 + random.integer(1599)))
      expect(await masks(dut, picture)).toEqual(expected(picture))
    }
  })
})
