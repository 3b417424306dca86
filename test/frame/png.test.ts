import { writeFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { decode, encode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import {
  autoContrast,
  decodePng,
  drawBox,
  encodeGreyPng,
  encodePng16,
  encodeRgbPng,
  toRgb,
} from '../../src/frame/index.ts'
import { noiseFrame, outcome, samePixels, scratch } from './make.ts'

const path = scratch()

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8 + body.length)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc32(body), 4 + body.length)
  return frame
}

interface RawPng {
  readonly width: number
  readonly height: number
  readonly depth?: number
  readonly colour?: number
  readonly interlace?: number
  readonly lines: Uint8Array
  readonly extra?: Buffer
}

/** A PNG around raw scanlines (filter byte first), filtered by the caller. */
function rawPng({ width, height, depth = 8, colour = 0, interlace = 0, lines, extra }: RawPng) {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([depth, colour, 0, 0, interlace], 8)
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', head),
      extra ?? Buffer.alloc(0),
      chunk('IDAT', deflateSync(lines)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  )
}

describe('png', () => {
  it('undoes all filters as an independent decoder does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(8, 16),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        (width, height, depth, bytes) => {
          const line = 1 + (width * depth) / 8
          const lines = Uint8Array.from({ length: line * height }, () => bytes.next().value as number)
          for (let y = 0; y < height; y++) lines[y * line] = lines[y * line]! % 5
          const png = rawPng({ width, height, depth, lines })
          const frame = decodePng(png, 'x')
          expect(frame.bitDepth).toBe(depth)
          expect([...frame.pixels]).toEqual([...decode(png).data])
        },
      ),
    )
  })

  it('round-trips 16-bit frames', async () => {
    const frame = noiseFrame(33, 21, 5, 20_000, 30_000)
    expect(samePixels(decodePng(new Uint8Array(encodePng16(frame)), 'x'), frame)).toBe(true)
    writeFileSync(path('a.png'), encodePng16(frame))
    expect(samePixels((await outcome(path('a.png'))).frames[0]!, frame)).toBe(true)
  })

  it('takes RGB and RGBA of equal channels for grey and refuses the rest', () => {
    const rgb = (data: number[], channels: 2 | 3 | 4) =>
      new Uint8Array(encode({ width: 2, height: 1, channels, depth: 8, data: Uint8Array.from(data) }))
    expect([...decodePng(rgb([5, 5, 5, 9, 9, 9], 3), 'x').pixels]).toEqual([5, 9])
    expect([...decodePng(rgb([5, 5, 5, 255, 9, 9, 9, 255], 4), 'x').pixels]).toEqual([5, 9])
    expect([...decodePng(rgb([5, 255, 9, 255], 2), 'x').pixels]).toEqual([5, 9])
    for (const bad of [
      rgb([5, 5, 5, 9, 9, 8], 3),
      rgb([5, 5, 5, 255, 9, 9, 9, 254], 4),
      rgb([5, 0, 9, 255], 2),
    ])
      expect(() => decodePng(bad, 'x')).toThrow(expect.objectContaining({ code: 'GG_FILE_SHAPE' }))
  })

  const one = { width: 2, height: 2, lines: Uint8Array.of(0, 1, 2, 0, 3, 4) }
  it.each([
    ['a palette', rawPng({ ...one, colour: 3 }), 'GG_FILE_SHAPE'],
    ['single bits', rawPng({ ...one, depth: 1 }), 'GG_FILE_SHAPE'],
    ['interlacing', rawPng({ ...one, interlace: 1 }), 'GG_FILE_FORMAT'],
    ['an unknown filter', rawPng({ ...one, lines: Uint8Array.of(9, 1, 2, 0, 3, 4) }), 'GG_FILE_CORRUPT'],
    ['a missing row', rawPng({ ...one, lines: Uint8Array.of(0, 1, 2) }), 'GG_FILE_CORRUPT'],
    ['a row too much', rawPng({ ...one, height: 1 }), 'GG_FILE_CORRUPT'],
    ['a decompression bomb', rawPng({ ...one, lines: new Uint8Array(50_000_000) }), 'GG_FILE_CORRUPT'],
    ['a huge announced size', rawPng({ ...one, width: 100_000, height: 100_000 }), 'GG_FILE_LIMIT'],
    ['an unknown critical chunk', rawPng({ ...one, extra: chunk('ABCD', Buffer.of(1)) }), 'GG_FILE_FORMAT'],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => decodePng(bytes, 'x')).toThrow(expect.objectContaining({ code, file: 'x' }))
  })

  it('names the place of a wrong checksum', () => {
    const bytes = rawPng(one)
    bytes[33 + 9] = bytes[33 + 9]! ^ 1
    expect(() => decodePng(bytes, 'x')).toThrow(
      expect.objectContaining({ code: 'GG_FILE_CORRUPT', offset: 33 }),
    )
  })

  it('draws contrast and boxes for reports', () => {
    const frame = noiseFrame(20, 10)
    const grey = decode(encodeGreyPng(frame, { black: 100, white: 104 }))
    expect(
      grey.data.every(
        (v, i) => v === Math.round(Math.min(1, Math.max(0, (frame.pixels[i]! - 100) / 4)) * 255),
      ),
    ).toBe(true)
    const { black, white } = autoContrast(frame)
    expect(black).toBeGreaterThan(90)
    expect(white).toBeGreaterThan(black)
    const picture = toRgb(frame, { black, white })
    drawBox(picture, { x0: -3, y0: 2, x1: 5, y1: 30 }, [255, 0, 7])
    const rgb = decode(encodeRgbPng(picture))
    const at = (x: number, y: number) => [...rgb.data.slice(3 * (y * 20 + x), 3 * (y * 20 + x) + 3)]
    expect(at(5, 9)).toEqual([255, 0, 7])
    expect(at(0, 2)).toEqual([255, 0, 7])
    expect(at(6, 2)[0]).toBe(at(6, 2)[1])
  })
})
