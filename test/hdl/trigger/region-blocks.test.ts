import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { EventPacketWriter, recordWords } from '../../../src/trigger/event-packet.ts'
import { regionBlocks } from '../../../src/trigger/region-blocks.ts'
import { type ClusterImage, randomImage } from '../../support/images.ts'
import { startFrame } from '../../support/start-frame.ts'

async function regionBlocksUnit(columnBits = 10): Promise<Dut> {
  const dut = await simulate('hdl/trigger/region_blocks.sv', { parameters: { COLUMN_BITS: columnBits } })
  await dut.applyReset()
  return dut
}

/** The records of the image, as they stand in a packet. */
function expected({ filtered, columns, rows, settings }: ClusterImage): number[] {
  const writer = new EventPacketWriter()
  writer.header(0, 0, { width: columns, height: rows, binning: 1, thresholdLow: 1, thresholdHigh: 1 })
  writer.blocks(regionBlocks(filtered, columns, rows, settings))
  const packet = writer.trailer({ kept: 0, rejected: 0, droppedRuns: 0, active: 0, clippedPixels: 0 })
  return [...new Uint32Array(packet.buffer)].slice(recordWords.header, -recordWords.trailer)
}

/** Sends an image, of which nothing may come out before it ends, and takes the words of its records. */
async function records(dut: Dut, image: ClusterImage, stall: number, random: Random): Promise<number[]> {
  const { filtered, columns, settings } = image
  await startFrame(dut, {
    cfg_threshold_low: settings.thresholdLow,
    cfg_threshold_high: settings.thresholdHigh,
  })
  const seed = random.uint32()
  const items = {
    s_filtered: filtered,
    s_last_column: Uint8Array.from(filtered, (_, i) => Number(i % columns === columns - 1)),
    s_last: Uint8Array.from(filtered, (_, i) => Number(i === filtered.length - 1)),
  }
  const { times, sources, data } = dut.stream({ source: 's', items, sink: 'm', stall, seed, drain: 5 })
  expect(times.every((time) => time > sources[0]!.times.at(-1)!)).toBe(true)
  return Array.from(data, Number)
}

describe('region_blocks', () => {
  it('after the frame gives a record for each row of blocks that has something bright in it', async () => {
    const dut = await regionBlocksUnit()
    const filtered = new Int32Array(12 * 8)
    filtered[5 * 12 + 9] = 100
    const settings = { thresholdLow: 50, thresholdHigh: 100, link: 1, minimumPixels: 1 }
    const image = { name: 'spot', columns: 12, rows: 8, macro: filtered, filtered, settings }
    // a header of kind 5, 2 words, for row 1; and the third of its blocks
    expect(await records(dut, image, 0, new Random(1))).toEqual([0x05020001, 0b100])
  })

  it('gives the records of regionBlocks(), image after image, with gaps', async () => {
    const dut = await regionBlocksUnit()
    const random = new Random(1)
    let count = 0
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer([6, 40, 300][run % 3]!)
      const image = randomImage(random, columns, 1 + random.integer(24), 0.2 * random.uniform() ** 2)
      const found = await records(dut, image, [0, 0, 0.4, 0.8][run % 4]!, random)
      expect(found, image.name).toEqual(expected(image))
      count += found.length
    }
    expect(count).toBeGreaterThan(500)
  })

  it.each([
    [1024, 9],
    [1, 1024],
    [128, 8],
    [129, 8],
    [256, 9],
  ])('gives the records of %i x %i macro-pixels', async (columns, rows) => {
    const dut = await regionBlocksUnit()
    const random = new Random(2)
    for (const density of [0, 0.004, 1]) {
      const image = randomImage(random, columns, rows, density)
      expect(await records(dut, image, 0, random), image.name).toEqual(expected(image))
    }
  })

  it('works in a build for narrow images, and after a frame that was not finished', async () => {
    const dut = await regionBlocksUnit(3)
    const random = new Random(3)
    for (let run = 0; run < 30; run++) {
      const image = randomImage(random, 8, 8, 0.3)
      await startFrame(dut)
      Object.assign(dut.in, { s_valid: 1, s_filtered: 33554431, s_last: Number(run % 2 === 0) })
      await dut.clock(1 + random.integer(20))
      dut.in.s_valid = 0
      expect(await records(dut, image, 0, random), image.name).toEqual(expected(image))
    }
  })
})
