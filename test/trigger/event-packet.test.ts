import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { decodeEventPacket, EventPacketWriter, endMark, recordWords } from '../../src/trigger/event-packet.ts'
import type { BlockRow } from '../../src/trigger/region-blocks.ts'
import { randomBlockRows } from '../support/blocks.ts'
import { momentsOf, randomCells } from '../support/clusters.ts'
import { pick } from '../support/shots.ts'

/** A packet with everything in it, and what went in. */
function randomPacket(random: Random, clusterCount = random.integer(6)) {
  const header = {
    frame: random.uint32(),
    timeTag: random.integer(2) === 0 ? random.integer(2 ** 53) : 1.7e15 + random.integer(1e9),
    width: 4 * (1 + random.integer(1024)),
    height: 4 * (1 + random.integer(1024)),
    binning: pick(random, [1, 2, 4]),
    thresholdLow: 1 + random.integer(33554431),
    thresholdHigh: 1 + random.integer(33554431),
  }
  const writer = new EventPacketWriter()
  writer.header(header.frame, header.timeTag, header)
  const clusters = Array.from({ length: clusterCount }, (_, i) => {
    const moments = momentsOf(randomCells(random), random.integer(33554432))
    if (random.integer(2) === 0) moments.sum = -random.integer(2 ** 37)
    const features = Int8Array.from({ length: 9 }, () => random.uint32())
    const span = pick(random, [1, 2, 65536])
    const scores = Int16Array.from({ length: 3 }, () => random.integer(span) - span / 2)
    writer.cluster(i, moments, features, scores)
    return { ...moments, features, scores, winner: scores.indexOf(Math.max(...scores)) }
  })
  const blocks = randomBlockRows(random, header.width / header.binning, header.height / header.binning)
  writer.blocks(blocks)
  const tileMasks = Uint32Array.from({ length: random.integer(4) }, () => random.uint32())
  writer.tiles(tileMasks)
  const droppedRuns = random.integer(2) * random.uint32()
  const counts = {
    rejected: random.uint32(),
    droppedRuns,
    active: random.uint32(),
    clippedPixels: random.uint32(),
  }
  const packet = writer.trailer({ ...counts, kept: clusterCount })
  const flags = droppedRuns > 0 ? 1 : 0
  return { packet, record: { ...header, clusters, blocks, tileMasks, ...counts, flags, packet } }
}

/** 'decoded', or the offset of the one error that decoding may throw. */
function outcome(bytes: Uint8Array): 'decoded' | number {
  try {
    decodeEventPacket(bytes)
    return 'decoded'
  } catch (error) {
    expect(error).toBeInstanceOf(GemgateError)
    const { code, offset, remedy } = error as GemgateError
    expect(code).toBe('GG_EVENT_FORMAT')
    expect(remedy).not.toBe('')
    expect(offset).toBeGreaterThanOrEqual(0)
    expect(offset).toBeLessThanOrEqual(bytes.length)
    return offset!
  }
}

const packets = fc.nat().map((seed) => randomPacket(new Random(seed)).packet)

describe('event packet', () => {
  it('decodes to what was written', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { packet, record } = randomPacket(new Random(seed))
        expect(decodeEventPacket(packet)).toEqual(record)
      }),
      { seed: 1, numRuns: 150 },
    )
  })

  it('decodes from any byte offset of a larger buffer', () => {
    const { packet, record } = randomPacket(new Random(5))
    for (let shift = 0; shift < 5; shift++) {
      const shifted = new Uint8Array(packet.length + 9).fill(255)
      shifted.set(packet, shift)
      const view = shifted.subarray(shift, shift + packet.length)
      expect(decodeEventPacket(view)).toEqual({ ...record, packet: view })
    }
  })

  it('has the words of its specification', () => {
    const writer = new EventPacketWriter()
    const settings = { width: 2304, height: 576, binning: 4, thresholdLow: 7, thresholdHigh: 9 }
    writer.header(3, 2 ** 32 + 5, settings)
    const moments = { ...momentsOf([{ x: 1, y: 2, adu: 300 }]), sum: -2 }
    writer.cluster(0, moments, Int8Array.of(1, -1, 3, 4, 5, 6, 7, 8, -9), Int16Array.of(-5, 6, 6))
    writer.blocks([{ row: 35, words: Uint32Array.of(1, 2, 3, 4, 0xffff) }])
    writer.tiles(Uint32Array.of(0x80000001))
    const bytes = writer.trailer({ kept: 1, rejected: 2, droppedRuns: 3, active: 4, clippedPixels: 5 })
    expect([...new Uint32Array(bytes.buffer)]).toEqual([
      ...[0x01080000, 3, 5, 1, 2304 + 576 * 65536, 4, 7, 9],
      ...[0x02190000, 0x20001, 0x20001, 1, 0xfffffffe, 0xffffffff, 1000, 300],
      ...[300, 0, 300, 0, 600, 0, 300, 0, 600, 0, 1200, 0],
      ...[0x0403ff01, 0x08070605, 0xf7, 0x6fffb, 0x10006],
      ...[0x05060023, 1, 2, 3, 4, 0xffff],
      ...[0x03020000, 0x80000001],
      ...[0x04080000, 1, 2, 3, 4, 5, 1, endMark],
    ])
  })

  it('grows beyond any number of clusters, and the writer can be used again', () => {
    const { packet, record } = randomPacket(new Random(9), 700)
    expect(decodeEventPacket(packet)).toEqual(record)
    const writer = new EventPacketWriter()
    const write = (): Uint8Array => {
      writer.header(1, 2, { width: 4, height: 4, binning: 4, thresholdLow: 1, thresholdHigh: 1 })
      return writer.trailer({ kept: 0, rejected: 0, droppedRuns: 0, active: 0, clippedPixels: 0 })
    }
    const first = write()
    const copy = Uint8Array.from(first)
    expect(write()).toEqual(copy)
    expect(first, 'a packet belongs to who got it').toEqual(copy)
    expect(first.buffer).not.toBe(write().buffer)
  })
})

describe('a damaged event packet', () => {
  it('cut anywhere is refused, with the offset of its end', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        for (let length = 0; length < packet.length; length++)
          expect(outcome(packet.subarray(0, length))).toBe(length)
      }),
      { seed: 2, numRuns: 10 },
    )
  })

  it('with bytes after its end is refused there', () => {
    fc.assert(
      fc.property(packets, fc.uint8Array({ minLength: 1, maxLength: 40 }), (packet, tail) => {
        const longer = new Uint8Array([...packet, ...tail])
        expect(outcome(longer)).toBe(longer.length % 4 === 0 ? packet.length : longer.length)
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  it('with flipped bits is decoded or refused with GG_EVENT_FORMAT, nothing else', () => {
    let refused = 0
    fc.assert(
      fc.property(
        packets,
        fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 6 }),
        (p, flips) => {
          const bytes = Uint8Array.from(p)
          for (const [at, bit] of flips) bytes[at % bytes.length]! ^= 1 << bit
          if (outcome(bytes) !== 'decoded') refused++
        },
      ),
      { seed: 4, numRuns: 2000 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  it('is refused where a structural word is wrong', () => {
    const { packet } = randomPacket(new Random(12), 3)
    const at = (word: number): number => 4 * word
    const first = recordWords.header
    const trailer = packet.length / 4 - recordWords.trailer
    const structure: [name: string, byte: number, refusedAt: number][] = [
      ['header type', 3, 0],
      ['header length', 2, 0],
      ['cluster type', at(first) + 3, at(first)],
      ['cluster length', at(first) + 2, at(first)],
      ['cluster index', at(first + 25), at(first + 25)],
      ['trailer type', at(trailer) + 3, at(trailer)],
      ['trailer length', at(trailer) + 2, at(trailer)],
      ['cluster count', at(trailer + 1), at(trailer + 1)],
      ['end mark', at(trailer + 7), at(trailer + 7)],
    ]
    for (const [name, byte, refusedAt] of structure) {
      const bytes = Uint8Array.from(packet)
      bytes[byte]! ^= 0x20
      expect(outcome(bytes), name).toBe(refusedAt)
    }
  })

  it('is refused where rows of blocks are not ascending, not on the frame or wider than it', () => {
    const packet = (rows: readonly BlockRow[]): Uint8Array => {
      const writer = new EventPacketWriter()
      writer.header(1, 2, { width: 540, height: 64, binning: 4, thresholdLow: 1, thresholdHigh: 1 })
      writer.blocks(rows)
      return writer.trailer({ kept: 0, rejected: 0, droppedRuns: 0, active: 0, clippedPixels: 0 })
    }
    const row = (row: number, ...words: number[]): BlockRow => ({ row, words: Uint32Array.from(words) })
    const good = [row(0, 1, 1), row(2, 0xffffffff, 3), row(3, 0, 0)]
    expect(decodeEventPacket(packet(good)).blocks).toEqual(good)
    const [first, second] = [4 * recordWords.header, 4 * (recordWords.header + 3)]
    expect(outcome(packet([row(2, 1, 1), row(2, 1, 1)]))).toBe(second)
    expect(outcome(packet([row(3, 1, 1), row(2, 1, 1)]))).toBe(second)
    expect(outcome(packet([row(4, 1, 1)])), '4 rows of 4 macro-pixels').toBe(first)
    expect(outcome(packet([row(0, 1, 4)])), '34 blocks').toBe(first + 8)
    expect(outcome(packet([row(0, 1)]))).toBe(first)
    expect(outcome(packet([row(0, 1, 1, 0)]))).toBe(first)
  })

  it('of random bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(outcome(bytes)).not.toBe('decoded')
      }),
      { seed: 5, numRuns: 1000 },
    )
  })

  it('without one of its records is refused', () => {
    const { packet } = randomPacket(new Random(1), 3)
    for (let at = 0; at < packet.length; ) {
      const end = at + 4 * packet[at + 2]!
      const type = packet[at + 3]!
      const rest = new Uint8Array([...packet.subarray(0, at), ...packet.subarray(end)])
      // Nothing tells how many rows of tiles there should be, so the last one may go unnoticed, nor which blocks.
      if (type !== 3 && type !== 5) expect(outcome(rest), `record at ${at}`).not.toBe('decoded')
      at = end
    }
  })
})
