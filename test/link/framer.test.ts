import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { decodeFrame, encodeFrame } from '../../src/link/frame.ts'
import { encodeFor, FrameDecoder, type Framing } from '../../src/link/framer.ts'
import type { LinkFrame } from '../../src/link/protocol.ts'

interface Vectors {
  readonly frames: readonly {
    readonly name: string
    readonly kind: number
    readonly flags: number
    readonly seq: number
    readonly aux: number
    readonly payload: string
    readonly frame: string
    readonly bytes: string
    readonly record: string
  }[]
  readonly streams: readonly {
    readonly name: string
    readonly framing: Framing
    readonly data: string
    readonly crcErrors: number
    readonly framingErrors: number
    readonly frames: number
  }[]
}
const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as Vectors
const limit = 500

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function decode(framing: Framing, chunks: readonly Uint8Array[], maximum = limit) {
  const frames: LinkFrame[] = []
  const decoder = new FrameDecoder(framing, maximum, (frame) => frames.push(frame))
  for (const chunk of chunks) decoder.push(chunk)
  const { crcErrors, framingErrors } = decoder.counters
  return { frames, crcErrors, framingErrors, decoder }
}

const frameArbitrary: fc.Arbitrary<LinkFrame> = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  flags: fc.constantFrom(0, 0x10, 0x20, 0x30, 0x40),
  seq: fc.integer({ min: 0, max: 65535 }),
  aux: fc.integer({ min: 0, max: 65535 }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.array(fc.constantFrom(0x7e, 0x7d, 0x5e, 0), { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ minLength: limit - 1, maxLength: limit }),
  ),
})
const framings: readonly Framing[] = ['bytes', 'records']

function cut(bytes: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.integer(random.integer(3) === 0 ? 3 : 200)
    chunks.push(bytes.slice(at, end))
    at = end
  }
  return chunks
}

describe('golden bytes', () => {
  it.each(vectors.frames)('$name', ({ payload, frame, bytes, record, ...header }) => {
    const value: LinkFrame = {
      kind: header.kind,
      flags: header.flags,
      seq: header.seq,
      aux: header.aux,
      payload: bytesOf(payload),
    }
    expect(hex(encodeFrame(value))).toBe(frame)
    expect(hex(encodeFor('bytes', value))).toBe(bytes)
    expect(hex(encodeFor('records', value))).toBe(record)
    expect(decodeFrame(bytesOf(frame))).toEqual(value)
    expect(decode('bytes', [bytesOf(bytes)]).frames).toEqual([value])
    expect(decode('records', [bytesOf(record)]).frames).toEqual([value])
  })

  it.each(vectors.streams)('$framing: $name', ({ framing, data, crcErrors, framingErrors, frames }) => {
    const bytes = bytesOf(data)
    for (const chunks of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      const found = decode(framing, chunks)
      expect(found).toMatchObject({ crcErrors, framingErrors })
      expect(found.frames).toHaveLength(frames)
    }
  })
})

describe.each(framings)('frames as %s', (framing) => {
  it('come back whatever the cut, with idle line between', () => {
    fc.assert(
      fc.property(fc.array(frameArbitrary, { maxLength: 8 }), fc.integer(), (frames, seed) => {
        const random = new Random(seed)
        const idle = (): Uint8Array =>
          framing === 'bytes'
            ? new Uint8Array(random.integer(3)).fill(0x7e)
            : new Uint8Array(8 * random.integer(3))
        const bytes = Buffer.concat(frames.flatMap((frame) => [idle(), encodeFor(framing, frame)]))
        const found = decode(framing, cut(bytes, random))
        expect(found.frames).toEqual(frames)
        expect(found.decoder.errors).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  it('come back when they are split at any one point', () => {
    const frames = vectors.frames.slice(0, 6).map(({ payload, ...header }) => ({
      kind: header.kind,
      flags: header.flags,
      seq: header.seq,
      aux: header.aux,
      payload: bytesOf(payload),
    }))
    const bytes = Buffer.concat(frames.map((frame) => encodeFor(framing, frame)))
    for (let at = 0; at <= bytes.length; at++) {
      const found = decode(framing, [bytes.subarray(0, at), bytes.subarray(at)])
      expect(found.frames).toEqual(frames)
    }
  })

  it('never come out wrong from damaged bytes, and the next clean frames are found', () => {
    fc.assert(
      fc.property(
        fc.array(frameArbitrary, { minLength: 1, maxLength: 6 }),
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        (frames, seed, damages) => {
          const random = new Random(seed)
          let bytes: Uint8Array = Buffer.concat(frames.map((frame) => encodeFor(framing, frame)))
          for (let n = 0; n < damages; n++) bytes = damage(bytes, random, framing)
          const sent = new Set(frames.map((frame) => hex(encodeFrame(frame))))
          const clean = frames[0]!
          const tail = framing === 'bytes' ? [Uint8Array.of(0x7e)] : [new Uint8Array(8192)]
          const found = decode(framing, [...cut(bytes, random), ...tail, encodeFor(framing, clean)])
          for (const frame of found.frames) expect(sent).toContain(hex(encodeFrame(frame)))
          expect(found.frames.at(-1)).toEqual(clean)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('hold no more than one frame of any soup of bytes', () => {
    const random = new Random(5)
    const decoder = new FrameDecoder(framing, limit, () => {})
    const soup = new Uint8Array(65536)
    const before = process.memoryUsage().arrayBuffers
    for (let n = 0; n < 50; n++) {
      for (let i = 0; i < soup.length; i++) soup[i] = n % 2 === 0 ? random.integer(256) : 0x55
      decoder.push(soup)
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22)
    expect(decoder.counters.frames).toBe(0)
    expect(decoder.errors).toBeGreaterThan(0)
  })

  it('may become longer by an answer in the same chunk', () => {
    const large: LinkFrame = {
      kind: 0xc0,
      flags: 0x30,
      seq: 0,
      aux: 0,
      payload: new Uint8Array(4000).fill(9),
    }
    const small: LinkFrame = { ...large, payload: Uint8Array.of(1) }
    const frames: LinkFrame[] = []
    const decoder = new FrameDecoder(framing, limit, (frame) => {
      frames.push(frame)
      decoder.resize(4000)
    })
    decoder.push(Buffer.concat([encodeFor(framing, small), encodeFor(framing, large)]))
    expect(frames).toEqual([small, large])
  })
})

/** Flips, drops, doubles or inserts; whole words where frames are padded records. */
function damage(bytes: Uint8Array, random: Random, framing: Framing): Uint8Array {
  const unit = framing === 'bytes' ? 1 : 8
  const at = unit * random.integer(Math.floor(bytes.length / unit) + 1)
  const size = unit * (1 + random.integer(4))
  switch (random.integer(4)) {
    case 0: {
      const copy = bytes.slice()
      const place = random.integer(Math.max(1, bytes.length))
      if (place < copy.length) copy[place]! ^= 1 << random.integer(8)
      return copy
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at + size), bytes.subarray(at)])
    default:
      return Buffer.concat([
        bytes.subarray(0, at),
        Uint8Array.from({ length: size }, () => random.integer(256)),
        bytes.subarray(at),
      ])
  }
}
