import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { Clustering } from '../../../src/trigger/clustering.ts'
import { packRecord } from '../../support/clusters.ts'
import { type ClusterImage, randomImage, shapeImages } from '../../support/images.ts'
import { type Pace, paces } from '../../support/paces.ts'
import { startFrame } from '../../support/start-frame.ts'

async function clustering(parameters: Record<string, number> = {}): Promise<Dut> {
  const dut = await simulate('hdl/trigger/clustering.sv', { parameters })
  await dut.applyReset()
  return dut
}

interface Outcome {
  readonly records: bigint[]
  readonly active: number
  readonly kept: number
  readonly rejected: number
  readonly dropped_runs: number
}

function expected(image: ClusterImage, labelBits?: number): Outcome {
  const records: bigint[] = []
  const { macro, filtered, columns, rows, settings } = image
  const emit = (cluster: Parameters<typeof packRecord>[0]): number => records.push(packRecord(cluster))
  const { droppedRuns, ...counts } = new Clustering(labelBits).process(
    macro,
    filtered,
    columns,
    rows,
    settings,
    emit,
  )
  return { records, ...counts, dropped_runs: droppedRuns }
}

/** Sends an image, and takes clusters until the unit says that it is done. */
async function cluster(dut: Dut, image: ClusterImage, stall: Pace = paces[0]!, seed = 1): Promise<Outcome> {
  const { macro, filtered, columns, settings } = image
  await startFrame(dut, {
    cfg_threshold_low: settings.thresholdLow,
    cfg_threshold_high: settings.thresholdHigh,
    cfg_link: settings.link,
    cfg_minimum_pixels: settings.minimumPixels,
  })
  const items = {
    s_macro: macro,
    s_filtered: filtered,
    s_last_column: Uint8Array.from(macro, (_, i) => Number(i % columns === columns - 1)),
    s_last: Uint8Array.from(macro, (_, i) => Number(i === macro.length - 1)),
  }
  const found = dut.stream({ source: 's', items, sink: 'm', until: 'done', stall, seed })
  const { active, kept, rejected, dropped_runs } = dut.out as Record<string, number>
  return { records: Array.from(found.data, BigInt), active, kept, rejected, dropped_runs } as Outcome
}

function randomImages(seed: number, count: number, side: number): ClusterImage[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () =>
    randomImage(random, 1 + random.integer(side), 1 + random.integer(side), 0.05 + 0.9 * random.uniform()),
  )
}

describe('clustering.sv', () => {
  it('reports a cluster as soon as a row ends that does not go on with it', async () => {
    const dut = await clustering()
    const macro = Int32Array.of(
      ...[0, 5, 6, 0, 0, 0],
      ...[0, 0, 7, 0, 0, 9],
      ...[0, 0, 0, 0, 0, 9],
      ...[0, 0, 0, 0, 0, 0],
    )
    const settings = { thresholdLow: 1, thresholdHigh: 6, link: 1, minimumPixels: 2 }
    const image = { name: 'two', columns: 6, rows: 4, macro, filtered: macro, settings }
    const { records, ...counts } = await cluster(dut, image)
    expect(counts).toEqual({ active: 5, kept: 2, rejected: 0, dropped_runs: 0 })
    const box = (record: bigint): string => (record >> 383n).toString(2).padStart(40, '0')
    const corners = records.map((record) =>
      box(record)
        .match(/.{10}/g)!
        .map((bits) => Number.parseInt(bits, 2)),
    )
    expect(corners).toEqual([
      [1, 0, 2, 1],
      [5, 1, 5, 2],
    ])
  })

  it('equals Clustering, order included, for every hand-made shape at every pace', async () => {
    const dut = await clustering()
    for (const image of [1, 2, 3, 4].flatMap(shapeImages))
      for (const [seed, pace] of paces.entries())
        expect(await cluster(dut, image, pace, seed), image.name).toEqual(expected(image))
  })

  it('equals Clustering at densities of 5 to 95 %, image after image', async () => {
    const dut = await clustering()
    let records = 0
    for (const [i, image] of randomImages(3, 120, 28).entries()) {
      const found = await cluster(dut, image, paces[i % paces.length]!, i)
      expect(found, image.name).toEqual(expected(image))
      records += found.records.length
    }
    expect(records).toBeGreaterThan(300)
  })

  it('links across gaps of every size, at densities at which the reach decides', async () => {
    const dut = await clustering()
    const random = new Random(11)
    const sizes = new Set<string>()
    for (let run = 0; run < 120; run++) {
      const [columns, rows] = [1 + random.integer(40), 1 + random.integer(24)]
      const image = randomImage(random, columns, rows, 0.01 + 0.15 * random.uniform())
      for (const link of [1, 2, 3, 4]) {
        const linked = { ...image, settings: { ...image.settings, link, minimumPixels: 1 } }
        const found = await cluster(dut, linked, paces[run % paces.length]!, run)
        expect(found, `${image.name}, link ${link}`).toEqual(expected(linked))
        sizes.add(`${link}: ${found.records.length}`)
      }
    }
    expect(sizes.size).toBeGreaterThan(40)
  })

  it.each([
    [1, 40],
    [3, 40],
    [4, 100],
  ])('drops and counts the same runs with %i bits of label', async (labelBits, side) => {
    const dut = await clustering({ LABEL_BITS: labelBits })
    let dropped = 0
    for (const image of [1, 2, 3].flatMap(shapeImages))
      expect(await cluster(dut, image), image.name).toEqual(expected(image, labelBits))
    for (const [i, image] of randomImages(5 + labelBits, 50, side).entries()) {
      const found = await cluster(dut, image, paces[i % paces.length]!, i)
      expect(found, image.name).toEqual(expected(image, labelBits))
      dropped += found.dropped_runs
    }
    expect(dropped).toBeGreaterThan(20)
  })

  it('holds 512 runs in a row of 1024 and 256 open clusters', async () => {
    const dut = await clustering()
    const settings = { thresholdLow: 1, thresholdHigh: 1, link: 1, minimumPixels: 1 }
    for (const period of [2, 4]) {
      const macro = Int32Array.from({ length: 3072 }, (_, i) =>
        i < 2048 && i % period === 0 ? 1 + (i & 7) : 0,
      )
      macro.fill(9, 2048)
      const image = { name: `${period}`, columns: 1024, rows: 3, macro, filtered: macro, settings }
      const outcome = expected(image)
      expect(outcome.dropped_runs).toBe(period === 2 ? 512 : 0)
      expect(await cluster(dut, image)).toEqual(outcome)
    }
  })

  it('holds the largest moments that there are, column 1023 and row 1023 included', async () => {
    const dut = await clustering()
    const settings = { thresholdLow: 33554431, thresholdHigh: 33554431, link: 4, minimumPixels: 1 }
    for (const [columns, rows] of [
      [1024, 4],
      [2, 1024],
      [1024, 1024],
    ] as const) {
      const length = columns * rows
      const macro = new Int32Array(length).fill(131071)
      const filtered = new Int32Array(length).fill(33554431)
      const image = { name: `${columns}x${rows}`, columns, rows, macro, filtered, settings }
      expect(await cluster(dut, image)).toEqual(expected(image))
    }
  })

  it('fills both halves of its list of runs in a build for narrow images', async () => {
    const dut = await clustering({ COLUMN_BITS: 4, LABEL_BITS: 4 })
    const random = new Random(8)
    for (let run = 0; run < 40; run++) {
      const image = randomImage(random, 16, 1 + random.integer(16), 0.3 + 0.4 * random.uniform())
      if (run % 2 === 0)
        image.filtered.forEach((_, i) => {
          const active = (i + Math.floor(i / 16)) % 2 === 0
          image.filtered[i] = active ? image.settings.thresholdHigh : 0
        })
      expect(await cluster(dut, image, paces[3]!, run), image.name).toEqual(expected(image, 4))
    }
  })

  it('starts a frame anew after one that was not finished', async () => {
    const dut = await clustering({ LABEL_BITS: 3 })
    const random = new Random(9)
    for (const image of randomImages(10, 25, 16)) {
      await startFrame(dut)
      Object.assign(dut.in, { s_valid: 1, s_filtered: 33554431, m_ready: 1 })
      await dut.clock(1 + random.integer(120))
      dut.in.s_valid = 0
      expect(await cluster(dut, image, paces[3]!), image.name).toEqual(expected(image, 3))
    }
  })
})
