import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { EventPacketWriter, recordWords } from '../../../src/trigger/event-packet.ts'
import { regionBlocks } from '../../../src/trigger/region-blocks.ts'
import { type ClusterImage, randomImage } from '../../support/images.ts'
import { simulateStage } from '../../support/simulations.ts'
import { pulse, rubbish, unsigned, writer } from '../../support/stage.ts'

/** The records of the image, as they stand in a packet. */
function expected({ filtered, columns, rows, settings }: ClusterImage): number[] {
  const writer = new EventPacketWriter()
  writer.header(0, 0, { width: columns, height: rows, binning: 1, thresholdLow: 1, thresholdHigh: 1 })
  writer.blocks(regionBlocks(filtered, columns, rows, settings))
  const packet = writer.trailer({ kept: 0, rejected: 0, droppedRuns: 0, active: 0, clippedPixels: 0 })
  return [...new Uint32Array(packet.buffer)].slice(recordWords.header, -recordWords.trailer)
}

function records(simulation: Simulation, image: ClusterImage, pause: number, random: Random): number[] {
  const { filtered, columns, settings } = image
  simulation.set('cfg_threshold_low', settings.thresholdLow)
  simulation.set('cfg_threshold_high', settings.thresholdHigh)
  simulation.set('m_ready', 0)
  pulse(simulation, 'start')
  const names = ['s_valid', 's_filtered', 's_last_column', 's_last']
  const [valid, value, lastColumn, last] = names.map((name) => writer(simulation, name)) as ReturnType<
    typeof writer
  >[]
  for (let i = 0; i < filtered.length; ) {
    const offering = random.integer(256) >= pause
    valid!(Number(offering))
    value!(offering ? unsigned(filtered[i]!, 26) : rubbish(simulation, 's_filtered', random))
    lastColumn!(offering ? Number(i % columns === columns - 1) : random.integer(2))
    last!(offering ? Number(i === filtered.length - 1) : random.integer(2))
    simulation.settle()
    if (simulation.get('m_valid') === 1) throw new Error('a record before the end of the frame')
    simulation.step()
    if (offering) i++
  }
  valid!(0)
  const words: number[] = []
  for (;;) {
    const ready = random.integer(256) >= pause
    simulation.set('m_ready', Number(ready))
    simulation.settle()
    if (simulation.get('m_valid') === 0) break
    if (ready) words.push(Number(simulation.get('m_word')))
    simulation.step()
  }
  simulation.step(3)
  expect(simulation.get('m_valid')).toBe(0)
  return words
}

describe('region_blocks', () => {
  it('gives the records of regionBlocks(), image after image, with gaps', async () => {
    const simulation = await simulateStage('region_blocks')
    const random = new Random(1)
    let count = 0
    for (let run = 0; run < 150; run++) {
      const columns = 1 + random.integer([6, 40, 300][run % 3]!)
      const image = randomImage(random, columns, 1 + random.integer(24), 0.2 * random.uniform() ** 2)
      const found = records(simulation, image, [0, 0, 100, 200][run % 4]!, random)
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
    const simulation = await simulateStage('region_blocks')
    const random = new Random(2)
    for (const density of [0, 0.004, 1]) {
      const image = randomImage(random, columns, rows, density)
      expect(records(simulation, image, 0, random), image.name).toEqual(expected(image))
    }
  })

  it('works in a build for narrow images, and after a frame that was not finished', async () => {
    const simulation = await simulateStage('region_blocks', { COLUMN_BITS: 3 })
    const random = new Random(3)
    for (let run = 0; run < 30; run++) {
      const image = randomImage(random, 8, 8, 0.3)
      pulse(simulation, 'start')
      simulation.set('s_valid', 1)
      simulation.set('s_filtered', 33554431)
      simulation.set('s_last', Number(run % 2 === 0))
      simulation.step(1 + random.integer(20))
      simulation.set('s_valid', 0)
      expect(records(simulation, image, 0, random), image.name).toEqual(expected(image))
    }
  })
})
