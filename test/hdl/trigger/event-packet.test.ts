import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { EventPacketWriter } from '../../../src/trigger/event-packet.ts'
import { randomBlockRows } from '../../support/blocks.ts'
import { extremeClusters, momentsOf, packFeatures, packRecord, randomCells } from '../../support/clusters.ts'
import { pick } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { pulse, rubbish, writer } from '../../support/stage.ts'

/** One random frame's worth of inputs, and the words that the writer makes of it. */
function randomFrame(random: Random) {
  const binning = pick(random, [1, 2, 4])
  const header = {
    cfg_width: 4 + random.integer(4093),
    cfg_height: 4 + random.integer(4093),
    cfg_binning: binning,
    cfg_threshold_low: 1 + random.integer(33554431),
    cfg_threshold_high: 1 + random.integer(33554431),
    frame_number: random.uint32(),
  }
  const timeTag = random.integer(2 ** 53)
  const clusters = Array.from({ length: random.integer(6) }, () => ({
    moments:
      random.integer(3) === 0
        ? pick(random, extremes)
        : momentsOf(randomCells(random), random.integer(2 ** 25)),
    features: Int8Array.from({ length: 9 }, () => random.uint32()),
    // Few different scores, for ties; then the whole range.
    scores: Int16Array.from({ length: 3 }, () => pick(random, [0, 1, -1, -32768, 32767, random.uint32()])),
  }))
  const masks = Uint32Array.from({ length: pick(random, [0, 1, 7, 32]) }, () => random.uint32())
  const counts = {
    kept: random.uint32(),
    rejected: random.uint32(),
    dropped_runs: random.integer(2) * random.uint32(),
    active: random.uint32(),
    clipped_pixels: random.uint32(),
  }
  const writer = new EventPacketWriter()
  writer.header(header.frame_number, timeTag, {
    width: header.cfg_width,
    height: header.cfg_height,
    binning,
    thresholdLow: header.cfg_threshold_low,
    thresholdHigh: header.cfg_threshold_high,
  })
  clusters.forEach((c, i) => {
    writer.cluster(i, c.moments, c.features, c.scores)
  })
  const blocks = random.integer(3) === 0 ? [] : randomBlockRows(random, 1 + random.integer(1024), 100)
  writer.blocks(blocks)
  writer.tiles(masks)
  const bytes = writer.trailer({
    ...counts,
    droppedRuns: counts.dropped_runs,
    clippedPixels: counts.clipped_pixels,
  })
  return {
    inputs: { ...header, ...counts, time_tag: BigInt(timeTag), tile_rows: masks.length },
    clusters,
    masks,
    blockWords: blocks.flatMap(({ row, words }) => [0x05000000 + 65536 * (1 + words.length) + row, ...words]),
    bytes,
  }
}

const extremes = extremeClusters()

function packet(
  simulation: Simulation,
  frame: ReturnType<typeof randomFrame>,
  pause: number,
  random: Random,
): Uint8Array {
  for (const [name, value] of Object.entries(frame.inputs)) simulation.set(name, value)
  pulse(simulation, 'start')
  const record = writer(simulation, 'record')
  const features = writer(simulation, 'features')
  const scores = writer(simulation, 'scores')
  const words: number[] = []
  let next = 0
  let scored = 0
  let offering = false
  let scoring = false
  let block = 0
  for (let clocks = 0; ; clocks++) {
    if (clocks > 100_000) throw new Error(`stuck after ${words.length} words`)
    const cluster = frame.clusters[next]
    if (!offering && cluster !== undefined && random.integer(256) >= pause) offering = true
    simulation.set('cluster_valid', Number(offering))
    record(offering ? packRecord(cluster!.moments) : rubbish(simulation, 'record', random))
    features(offering ? packFeatures(cluster!.features) : rubbish(simulation, 'features', random))
    // The scores of a cluster come at any time after its features.
    if (!scoring && scored < next && random.integer(256) >= pause) scoring = true
    simulation.set('scores_valid', Number(scoring))
    scores(scoring ? packScores(frame.clusters[scored]!.scores) : rubbish(simulation, 'scores', random))
    simulation.set('finish', Number(cluster === undefined))
    simulation.set('blocks_valid', Number(block < frame.blockWords.length))
    simulation.set('blocks_word', frame.blockWords[block] ?? random.uint32())
    simulation.set('tile_mask', frame.masks[Number(simulation.get('tile_row'))] ?? random.uint32())
    const ready = random.integer(256) >= pause
    simulation.set('m_axis_tready', Number(ready))
    const taken = offering && simulation.get('cluster_ready') === 1
    const scoresTaken = scoring && simulation.get('scores_ready') === 1
    const blockTaken = simulation.get('blocks_ready') === 1
    const word = ready && simulation.get('m_axis_tvalid') === 1
    if (word) words.push(Number(simulation.get('m_axis_tdata')))
    const last = word && simulation.get('m_axis_tlast') === 1
    simulation.step()
    if (taken) {
      next++
      offering = false
    }
    if (blockTaken) block++
    if (scoresTaken) {
      scored++
      scoring = false
    }
    if (last) break
  }
  simulation.step(2)
  expect([simulation.get('idle'), simulation.get('m_axis_tvalid')]).toEqual([1, 0])
  return new Uint8Array(Uint32Array.from(words).buffer)
}

const packScores = (scores: Int16Array): bigint =>
  scores.reduceRight((word, score) => (word << 16n) | BigInt(score & 0xffff), 0n)

describe('event_packet', () => {
  it.each([0, 100, 220])('writes the words of EventPacketWriter, paused %i of 256', async (pause) => {
    const simulation = await simulateStage('event_packet')
    const random = new Random(1 + pause)
    for (let run = 0; run < 80; run++) {
      const frame = randomFrame(random)
      expect(packet(simulation, frame, pause, random), `run ${run}`).toEqual(frame.bytes)
    }
  })
})
