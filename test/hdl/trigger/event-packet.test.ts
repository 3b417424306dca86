import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { EventPacketWriter } from '../../../src/trigger/event-packet.ts'
import { randomBlockRows } from '../../support/blocks.ts'
import { extremeClusters, momentsOf, packFeatures, packRecord, randomCells } from '../../support/clusters.ts'
import { pick } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'

async function eventPacket(): Promise<Dut> {
  const dut = await simulate('hdl/trigger/event_packet.sv')
  await dut.applyReset()
  return dut
}

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

/** Offers words at a handshake NAME_valid, NAME_ready with random pauses; between them stands anything. */
async function offerAll(
  dut: Dut,
  name: string,
  words: Iterable<Readonly<Record<string, number | bigint>>>,
  pause: () => Promise<void>,
): Promise<void> {
  for (const ports of words) {
    await pause()
    Object.assign(dut.in, ports, { [`${name}_valid`]: 1 })
    do await dut.sample()
    while (dut.out[`${name}_ready`] === 0)
    await dut.rising()
    dut.in[`${name}_valid`] = 0
    for (const port of Object.keys(ports)) dut.in[port] = 1
  }
}

type Frame = ReturnType<typeof randomFrame>

/** Hands over a frame: its clusters, the scores of each at any time after it, and the words of blocks. */
async function packet(dut: Dut, frame: Frame, stall: number, random: Random): Promise<Uint8Array> {
  const { clusters, masks, blockWords, inputs } = frame
  const pause = async (): Promise<void> => {
    while (random.uniform() < stall) await dut.clock()
  }
  await startFrame(dut, { ...inputs, finish: Number(clusters.length === 0) })
  let handed = 0
  dut.fork(async () => {
    const words = clusters.map((c) => ({ record: packRecord(c.moments), features: packFeatures(c.features) }))
    for (const word of words) {
      await offerAll(dut, 'cluster', [word], pause)
      handed++
    }
    dut.in.finish = 1
  })
  dut.fork(async () => {
    for (const [i, { scores }] of clusters.entries()) {
      await dut.until(() => handed > i)
      await offerAll(dut, 'scores', [{ scores: packScores(scores) }], pause)
    }
  })
  dut.fork(() =>
    offerAll(
      dut,
      'blocks',
      blockWords.map((word) => ({ blocks_word: word })),
      async () => {},
    ),
  )
  const [row, mask] = [dut.port('tile_row'), dut.port('tile_mask')]
  const lookUp = { drive: () => mask.write(masks[Number(row.read())] ?? random.uint32()) }
  const detach = dut.process(lookUp)
  const words: number[] = []
  for (let last = false; !last; ) {
    dut.in.m_axis_tready = Number(random.uniform() >= stall)
    await dut.sample()
    if (dut.in.m_axis_tready === 1 && dut.out.m_axis_tvalid === 1) {
      words.push(Number(dut.out.m_axis_tdata))
      last = dut.out.m_axis_tlast === 1
    }
    await dut.rising()
  }
  detach()
  await dut.clock(2)
  expect(dut).toOutput({ idle: 1, m_axis_tvalid: 0 })
  return new Uint8Array(Uint32Array.from(words).buffer)
}

const packScores = (scores: Int16Array): bigint =>
  scores.reduceRight((word, score) => (word << 16n) | BigInt(score & 0xffff), 0n)

describe('event_packet', () => {
  it('begins with the header in the clock after start, and waits for clusters', async () => {
    const dut = await eventPacket()
    await startFrame(dut, {
      frame_number: 77,
      time_tag: 5n,
      cfg_width: 2304,
      cfg_height: 2304,
      cfg_binning: 4,
    })
    const { data, columns } = dut.stream({ sink: 'm_axis', count: 8 })
    expect([...data].slice(0, 6)).toEqual([0x01080000, 77, 5, 0, (2304 << 16) | 2304, 4])
    expect(columns.m_axis_tlast).toEqual(new Uint32Array(8))
    expect(dut).toOutput({ idle: 0, m_axis_tvalid: 0 })
  })

  it.each([0, 0.4, 0.86])('writes the words of EventPacketWriter, paused %d of the time', async (stall) => {
    const dut = await eventPacket()
    const random = new Random(1 + 256 * stall)
    for (let run = 0; run < 80; run++) {
      const frame = randomFrame(random)
      expect(await packet(dut, frame, stall, random), `run ${run}`).toEqual(frame.bytes)
    }
  })
})
