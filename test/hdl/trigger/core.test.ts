import { beforeAll, describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { registerAddress } from '../../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../../src/board/settings-registers.ts'
import { Random } from '../../../src/core/random.ts'
import { decodeEventPacket } from '../../../src/trigger/event-packet.ts'
import { pedestalWord } from '../../../src/trigger/pedestal-words.ts'
import { cellCount } from '../../../src/trigger/settings.ts'
import { shippedClassifier } from '../../support/classifier.ts'
import { CoreDriver } from '../../support/core-driver.ts'
import { expectedPackets, firstDifference, tally } from '../../support/packets.ts'
import { pick, randomGains, randomShot, randomWeights, type Shot } from '../../support/shots.ts'
import { simulateCore } from '../../support/simulations.ts'

const classify = shippedClassifier()
const slow = [
  { input: 0, output: 0, seed: 1 },
  { input: 80, output: 100, seed: 2 },
  { input: 200, output: 0, seed: 3 },
  { input: 0, output: 250, seed: 4 },
]

let dut: Dut
beforeAll(async () => {
  dut = await simulateCore()
})

function randomShots(seed: number, count: number, columns: number, rows: number): Shot[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, i) => randomShot(random, i, { columns, rows }))
}

/** Frames that may follow each other without a pause: tables and tile settings stay, everything else changes. */
function streamShots(seed: number, count: number, tiles: boolean): Shot[] {
  const random = new Random(seed)
  const { settings: first } = randomShot(random, 0, { columns: 80, rows: 48, binning: 1, exact: true, tiles })
  const weights = randomWeights(random)
  const gains = randomGains(random, 80, 48)
  return Array.from({ length: count }, (_, frame) => {
    // The first frame is the largest, so that its gains are all that there are.
    const binning = frame === 0 ? 1 : pick(random, [1, 2, 4] as const)
    const [columns, rows] = [80 / binning, 48 / binning]
    const exact = tiles || frame === 0
    const shot = randomShot(random, frame, { columns, rows, binning, tiles: false, exact })
    const { width, height } = shot.settings
    const cells = cellCount(width / binning, gains.columnsLog2) * cellCount(height / binning, gains.rowsLog2)
    const tables = {
      tiles: first.tiles,
      weights: frame === 0 || random.integer(2) === 0 ? weights : null,
      gains: frame === 0 || random.integer(2) === 0 ? { ...gains, gain: gains.gain.slice(0, cells) } : null,
    }
    return { ...shot, settings: { ...shot.settings, ...tables } }
  })
}

describe('gemgate_core', () => {
  it('takes settings, and pixels with their pedestals, and gives an event packet', async () => {
    const shots = randomShots(30, 1, 40, 24)
    const [{ settings, pixels, words, frame, timeTag }] = shots as [Shot]
    await dut.applyReset()
    for (const [name, value] of [...settingsRegisters(settings), ...frameRegisters(frame, timeTag)]) {
      Object.assign(dut.in, { reg_write: 1, reg_address: registerAddress.get(name)!, reg_write_data: value })
      await dut.clock()
    }
    dut.in.reg_write = 0
    await dut.clock()
    const [packet] = expectedPackets(shots, classify)
    const { columns } = dut.stream({
      source: 's_axis',
      items: Array.from(pixels, (pixel, i) => BigInt(pixel) | (BigInt(words[i]!) << 16n)),
      sink: 'm_axis',
      count: packet!.length / 4,
      stall: 0.2,
    })
    expect(new Uint8Array((columns.m_axis_tdata as Uint32Array).buffer)).toEqual(packet)
    expect([...columns.m_axis_tlast!].indexOf(1)).toBe(packet!.length / 4 - 1)
  })
})

describe('gemgate_core gives the bytes of Datapath', () => {
  it.each(slow)('for 200 random frames with new settings each, paused $input/$output of 256', (pauses) => {
    const shots = randomShots(pauses.seed, 200, 40, 24)
    const driver = new CoreDriver(dut)
    driver.pause(pauses)
    const found = driver.process(shots)
    expect(firstDifference(shots, expectedPackets(shots, classify), found)).toBe('')
    const { cluster, blocks, tiles } = tally(found)
    expect(blocks).toBeGreaterThan(200)
    expect(cluster).toBeGreaterThan(200)
    expect(tiles).toBeGreaterThan(130)
    expect(driver.read('frames')).toBe(200)
    driver.expectSilence()
  })

  it.each([false, true])('for frames without a clock between them (tiles: %s)', (tiles) => {
    for (const pauses of slow) {
      const shots = streamShots(10 + pauses.seed, 60, tiles)
      const driver = new CoreDriver(dut)
      driver.pause(pauses)
      const found = driver.stream(shots)
      expect(firstDifference(shots, expectedPackets(shots, classify), found)).toBe('')
      expect(tally(found).cluster).toBeGreaterThan(40)
      driver.expectSilence()
    }
  })

  it.each([
    [1024, 1, 4],
    [1, 1024, 4],
    [1024, 2, 2],
    [1024, 6, 1],
    [5, 1024, 1],
    [1, 1, 4],
    [4, 4, 1],
    [2, 2, 2],
    [1023, 3, 2],
  ] as const)('for %i x %i macro-pixels at binning %i', (columns, rows, binning) => {
    const random = new Random(columns + rows)
    const shots = Array.from({ length: 4 }, (_, i) =>
      randomShot(random, i, { columns, rows, binning, exact: true }),
    )
    const found = new CoreDriver(dut).process(shots)
    expect(firstDifference(shots, expectedPackets(shots, classify), found)).toBe('')
  })

  it('for a flash of light over all 1024 x 1024 macro-pixels', () => {
    const side = 1024
    const settings = {
      width: side,
      height: side,
      binning: 1,
      weights: null,
      commonMode: null,
      gains: null,
      clipLow: 131071,
      clipHigh: 131071,
      thresholdLow: 1,
      thresholdHigh: 1,
      link: 4,
      minimumPixels: 65535,
      tiles: { size: 32, margin: 8, variance: new Uint32Array(side) },
    } as const
    const pixels = new Uint16Array(side * side).fill(65535)
    const words = new Uint32Array(side * side).fill(pedestalWord(100, 3, false))
    const shots = [{ settings, pixels, words, frame: 2 ** 32 - 1, timeTag: 2 ** 53 - 1 }]
    const found = new CoreDriver(dut).process(shots)
    expect(firstDifference(shots, expectedPackets(shots, classify), found)).toBe('')
    const event = decodeEventPacket(found[0]!)
    expect(event.clippedPixels).toBe(side * side)
    expect(event.clusters.map(({ pixels: n }) => n)).toEqual([side * side])
  })

  it('for more open clusters than there are labels, with the flag set', () => {
    const shot = dots()
    const found = new CoreDriver(dut).process([shot])
    expect(firstDifference([shot], expectedPackets([shot], classify), found)).toBe('')
    const event = decodeEventPacket(found[0]!)
    expect(event.droppedRuns).toBeGreaterThan(0)
    expect(event.flags).toBe(1)
  })

  it('after a reset in the middle of a frame or of its packet', () => {
    const shots = randomShots(7, 25, 16, 12)
    const random = new Random(8)
    const driver = new CoreDriver(dut)
    for (const shot of shots) {
      driver.configure(shot)
      driver.send(shot, undefined, 1 + random.integer(shot.pixels.length))
      dut.run(random.integer(600))
      driver.reset()
      expect([driver.read('width'), driver.read('binning'), driver.read('frames')]).toEqual([0, 4, 0])
      expect(firstDifference([shot], expectedPackets([shot], classify), driver.process([shot]))).toBe('')
    }
  })

  it('again and again for the same frame', () => {
    const [shot] = randomShots(9, 1, 30, 30)
    const shots = [shot!, shot!, shot!]
    const found = new CoreDriver(dut).process(shots)
    expect(found[1]).toEqual(found[0])
    expect(found[2]).toEqual(found[0])
  })
})

describe('a smaller build of gemgate_core', () => {
  it('with 8 labels and 64 columns gives the same bytes as long as they suffice', async () => {
    const small = await simulateCore({ LABEL_BITS: 3, COLUMN_BITS: 6 })
    const shots = randomShots(11, 150, 24, 16).filter((shot) => {
      const event = decodeEventPacket(expectedPackets([shot], classify)[0]!)
      return event.clusters.length + event.rejected < 8
    })
    expect(shots.length).toBeGreaterThan(30)
    const found = new CoreDriver(small).process(shots)
    expect(firstDifference(shots, expectedPackets(shots, classify), found)).toBe('')
  })
})

/** Bright rows of dots, each its own cluster even after the filter: more columns of them than labels. */
function dots(): Shot {
  const width = 1024
  const height = 8
  const pixels = new Uint16Array(width * height).fill(100)
  for (let x = 1; x < width; x += 3) for (let y = 0; y < height; y++) pixels[y * width + x] = 1100
  const words = new Uint32Array(width * height).fill(pedestalWord(100, 3, false))
  // In inner rows the filter gives 96 on a dot and 80 between two; the threshold is between them.
  const threshold = 1000 * 90
  const settings = {
    width,
    height,
    binning: 1,
    weights: null,
    commonMode: null,
    gains: null,
    link: 1,
    clipLow: 131071,
    clipHigh: 131071,
    thresholdLow: threshold,
    thresholdHigh: threshold,
    minimumPixels: 1,
    tiles: null,
  } as const
  return { settings, pixels, words, frame: 1, timeTag: 1 }
}
