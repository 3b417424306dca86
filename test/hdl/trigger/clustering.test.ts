import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { Clustering } from '../../../src/trigger/clustering.ts'
import { packRecord } from '../../support/clusters.ts'
import { type ClusterImage, randomImage, shapeImages } from '../../support/images.ts'
import { simulateStage } from '../../support/simulations.ts'
import { type Item, paces, pulse, runStage, type StagePauses, unsigned } from '../../support/stage.ts'

const source = {
  valid: 's_valid',
  ready: 's_ready',
  data: ['s_macro', 's_filtered', 's_last_column', 's_last'],
}
const sink = { valid: 'm_valid', ready: 'm_ready', data: ['m_record'] }

interface Outcome {
  readonly records: bigint[]
  readonly active: number
  readonly kept: number
  readonly rejected: number
  readonly droppedRuns: number
}

function expected(image: ClusterImage, labelBits?: number): Outcome {
  const records: bigint[] = []
  const { macro, filtered, columns, rows, settings } = image
  const emit = (cluster: Parameters<typeof packRecord>[0]): number => records.push(packRecord(cluster))
  const counts = new Clustering(labelBits).process(macro, filtered, columns, rows, settings, emit)
  return { records, ...counts }
}

function cluster(simulation: Simulation, image: ClusterImage, pauses: StagePauses, random: Random): Outcome {
  const { macro, filtered, columns, settings } = image
  simulation.set('cfg_threshold_low', settings.thresholdLow)
  simulation.set('cfg_threshold_high', settings.thresholdHigh)
  simulation.set('cfg_link', settings.link)
  simulation.set('cfg_minimum_pixels', settings.minimumPixels)
  pulse(simulation, 'start')
  const last = macro.length - 1
  const items = Array.from(macro, (m, i): Item => {
    const end = Number(i % columns === columns - 1)
    return [unsigned(m, 18), unsigned(filtered[i]!, 26), end, Number(i === last)]
  })
  const finished = (): boolean => simulation.get('done') === 1
  const outputs = runStage(simulation, { source, sink, items, pauses, random, finished })
  const count = (name: string): number => Number(simulation.get(name))
  return {
    records: outputs.map(([record]) => BigInt(record!)),
    active: count('active'),
    kept: count('kept'),
    rejected: count('rejected'),
    droppedRuns: count('dropped_runs'),
  }
}

function randomImages(seed: number, count: number, side: number): ClusterImage[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () =>
    randomImage(random, 1 + random.integer(side), 1 + random.integer(side), 0.05 + 0.9 * random.uniform()),
  )
}

describe('clustering.sv', () => {
  it('equals Clustering, order included, for every hand-made shape at every pace', async () => {
    const simulation = await simulateStage('clustering')
    const random = new Random(1)
    for (const image of [1, 2, 3, 4].flatMap(shapeImages))
      for (const pauses of paces)
        expect(cluster(simulation, image, pauses, random), image.name).toEqual(expected(image))
  })

  it('equals Clustering at densities of 5 to 95 %, image after image', async () => {
    const simulation = await simulateStage('clustering')
    const random = new Random(2)
    let records = 0
    randomImages(3, 120, 28).forEach((image, i) => {
      const found = cluster(simulation, image, paces[i % paces.length]!, random)
      expect(found, image.name).toEqual(expected(image))
      records += found.records.length
    })
    expect(records).toBeGreaterThan(300)
  })

  it('links across gaps of every size, at densities at which the reach decides', async () => {
    const simulation = await simulateStage('clustering')
    const random = new Random(11)
    const sizes = new Set<string>()
    for (let run = 0; run < 120; run++) {
      const [columns, rows] = [1 + random.integer(40), 1 + random.integer(24)]
      const image = randomImage(random, columns, rows, 0.01 + 0.15 * random.uniform())
      for (const link of [1, 2, 3, 4]) {
        const linked = { ...image, settings: { ...image.settings, link, minimumPixels: 1 } }
        const found = cluster(simulation, linked, paces[run % paces.length]!, random)
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
    const simulation = await simulateStage('clustering', { LABEL_BITS: labelBits })
    const random = new Random(4)
    let dropped = 0
    for (const image of [1, 2, 3].flatMap(shapeImages))
      expect(cluster(simulation, image, paces[0]!, random), image.name).toEqual(expected(image, labelBits))
    randomImages(5 + labelBits, 50, side).forEach((image, i) => {
      const found = cluster(simulation, image, paces[i % paces.length]!, random)
      expect(found, image.name).toEqual(expected(image, labelBits))
      dropped += found.droppedRuns
    })
    expect(dropped).toBeGreaterThan(20)
  })

  it('holds 512 runs in a row of 1024 and 256 open clusters', async () => {
    const simulation = await simulateStage('clustering')
    const settings = { thresholdLow: 1, thresholdHigh: 1, link: 1, minimumPixels: 1 }
    for (const period of [2, 4]) {
      const macro = Int32Array.from({ length: 3072 }, (_, i) =>
        i < 2048 && i % period === 0 ? 1 + (i & 7) : 0,
      )
      macro.fill(9, 2048)
      const image = { name: `${period}`, columns: 1024, rows: 3, macro, filtered: macro, settings }
      const outcome = expected(image)
      expect(outcome.droppedRuns).toBe(period === 2 ? 512 : 0)
      expect(cluster(simulation, image, paces[0]!, new Random(6))).toEqual(outcome)
    }
  })

  it('holds the largest moments that there are, column 1023 and row 1023 included', async () => {
    const simulation = await simulateStage('clustering')
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
      expect(cluster(simulation, image, paces[0]!, new Random(7))).toEqual(expected(image))
    }
  })

  it('fills both halves of its list of runs in a build for narrow images', async () => {
    const simulation = await simulateStage('clustering', { COLUMN_BITS: 4, LABEL_BITS: 4 })
    const random = new Random(8)
    for (let run = 0; run < 40; run++) {
      const image = randomImage(random, 16, 1 + random.integer(16), 0.3 + 0.4 * random.uniform())
      if (run % 2 === 0)
        image.filtered.forEach((_, i) => {
          const active = (i + Math.floor(i / 16)) % 2 === 0
          image.filtered[i] = active ? image.settings.thresholdHigh : 0
        })
      expect(cluster(simulation, image, paces[3]!, random), image.name).toEqual(expected(image, 4))
    }
  })

  it('starts a frame anew after one that was not finished', async () => {
    const simulation = await simulateStage('clustering', { LABEL_BITS: 3 })
    const random = new Random(9)
    const valid = (value: number): void => simulation.set('s_valid', value)
    for (const image of randomImages(10, 25, 16)) {
      pulse(simulation, 'start')
      valid(1)
      simulation.set('s_filtered', 33554431)
      simulation.set('m_ready', 1)
      simulation.step(1 + random.integer(120))
      valid(0)
      expect(cluster(simulation, image, paces[3]!, random), image.name).toEqual(expected(image, 3))
    }
  })
})
