import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeNpy, encodeNpy, writeNpy } from '../../src/frame/index.ts'
import { frameOf, noiseFrame, outcome, samePixels, scratch } from './make.ts'

const path = scratch()

/** An .npy file as numpy writes it, of any sample type and order. */
function npy(
  descriptor: string,
  shape: readonly number[],
  samples: Uint8Array,
  fortran = false,
  version = 1,
) {
  const text = `{'descr': '${descriptor}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`
  const head = Buffer.alloc(version === 1 ? 10 : 12)
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  if (version === 1) head.writeUInt16LE(text.length, 8)
  else head.writeUInt32LE(text.length, 8)
  return new Uint8Array(Buffer.concat([head, Buffer.from(text), samples]))
}

type Put = (b: Buffer, v: number, at: number) => void
const types: Readonly<Record<string, [bytes: number, put: Put]>> = {
  '|u1': [1, (b, v, at) => b.writeUInt8(v, at)],
  '<u2': [2, (b, v, at) => b.writeUInt16LE(v, at)],
  '>u2': [2, (b, v, at) => b.writeUInt16BE(v, at)],
  '<i2': [2, (b, v, at) => b.writeInt16LE(v, at)],
  '>i2': [2, (b, v, at) => b.writeInt16BE(v, at)],
  '<i4': [4, (b, v, at) => b.writeInt32LE(v, at)],
  '>i4': [4, (b, v, at) => b.writeInt32BE(v, at)],
  '<u4': [4, (b, v, at) => b.writeUInt32LE(v, at)],
  '<i8': [8, (b, v, at) => b.writeBigInt64LE(BigInt(v), at)],
  '>u8': [8, (b, v, at) => b.writeBigUInt64BE(BigInt(v), at)],
  '<f4': [4, (b, v, at) => b.writeFloatLE(v, at)],
  '>f4': [4, (b, v, at) => b.writeFloatBE(v, at)],
  '<f8': [8, (b, v, at) => b.writeDoubleLE(v, at)],
  '>f8': [8, (b, v, at) => b.writeDoubleBE(v, at)],
}

function samplesOf(descriptor: string, values: ArrayLike<number>): Buffer {
  const [bytes, put] = types[descriptor]!
  const buffer = Buffer.alloc(values.length * bytes)
  for (let i = 0; i < values.length; i++) put(buffer, values[i]!, i * bytes)
  return buffer
}

describe('npy', () => {
  it('round-trips every frame', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        (w, h, seed) => {
          const frame = noiseFrame(w, h, seed, 30_000, 30_000 - 1)
          const back = decodeNpy(encodeNpy(frame), 'x')
          expect([back.width, back.height]).toEqual([w, h])
          expect(samePixels(back, frame)).toBe(true)
        },
      ),
    )
  })

  it.each(Object.keys(types))('reads %s in C and Fortran order, versions 1 to 3', (descriptor) => {
    const top = descriptor === '|u1' ? 255 : descriptor.endsWith('i2') ? 32_767 : 65_535
    const values = [0, 1, 2, 3, 97, top]
    const c = decodeNpy(npy(descriptor, [2, 3], samplesOf(descriptor, values)), 'x')
    expect([...c.pixels]).toEqual(values)
    expect(c.bitDepth).toBe(descriptor === '|u1' ? 8 : 16)
    const columns = [values[0]!, values[3]!, values[1]!, values[4]!, values[2]!, values[5]!]
    for (const version of [1, 2, 3]) {
      const f = decodeNpy(npy(descriptor, [2, 3], samplesOf(descriptor, columns), true, version), 'x')
      expect([...f.pixels]).toEqual(values)
    }
  })

  it.each(['<u2', '>u2', '<f4', '|u1'])(
    'reads %s from a Buffer inside a larger one, and leaves it alone',
    (descriptor) => {
      const bytes = npy(descriptor, [2, 2], samplesOf(descriptor, [1, 2, 3, 4]))
      for (const shift of [0, 1, 3]) {
        const around = Buffer.concat([Buffer.alloc(shift, 255), bytes, Buffer.alloc(9, 255)])
        const frame = decodeNpy(around.subarray(shift, shift + bytes.length), 'x')
        expect([...frame.pixels]).toEqual([1, 2, 3, 4])
        frame.pixels.fill(9)
        expect(Buffer.compare(around.subarray(shift, shift + bytes.length), bytes)).toBe(0)
      }
    },
  )

  it('turns large Fortran arrays around exactly', () => {
    const [w, h] = [70, 45]
    const columns = Float64Array.from({ length: w * h }, (_, k) => (k % h) * w + Math.floor(k / h))
    const frame = decodeNpy(npy('<f8', [h, w], samplesOf('<f8', columns), true), 'x')
    expect(frame.pixels.every((v, i) => v === i)).toBe(true)
  })

  it('rounds floats and refuses what is no ADU, naming the byte', () => {
    const rounded = decodeNpy(npy('<f4', [1, 4], samplesOf('<f4', [0.49, 0.5, 99.6, -0.5])), 'x')
    expect([...rounded.pixels]).toEqual([0, 1, 100, 0])
    for (const bad of [-1, -0.51, 65_535.5, 1e9, Number.NaN, Number.POSITIVE_INFINITY]) {
      const bytes = npy('<f8', [1, 3], samplesOf('<f8', [1, bad, 2]))
      expect(() => decodeNpy(bytes, 'x')).toThrow(
        expect.objectContaining({ code: 'GG_FILE_SHAPE', file: 'x', offset: bytes.length - 16 }),
      )
    }
    const scaled = npy('<f4', [1, 3], samplesOf('<f4', [0, 0.25, 1]))
    expect(() => decodeNpy(scaled, 'x')).toThrow(
      expect.objectContaining({ code: 'GG_FILE_SHAPE', file: 'x' }),
    )
    expect(() => decodeNpy(npy('<i4', [1, 1], samplesOf('<i4', [65_536])), 'x')).toThrow(/65536/)
  })

  it.each([
    ['one dimension', npy('<u2', [6], new Uint8Array(12)), 'GG_FILE_SHAPE'],
    ['no rows', npy('<u2', [0, 6], new Uint8Array(0)), 'GG_FILE_SHAPE'],
    ['complex samples', npy('<c8', [2, 2], new Uint8Array(32)), 'GG_FILE_SHAPE'],
    ['Python objects', npy('|O', [2, 2], new Uint8Array(32)), 'GG_FILE_SHAPE'],
    ['too few samples', npy('<u2', [2, 3], new Uint8Array(11)), 'GG_FILE_TRUNCATED'],
    ['too many samples', npy('<u2', [2, 3], new Uint8Array(13)), 'GG_FILE_CORRUPT'],
    ['a picture of terabytes', npy('<u2', [1_000_000, 1_000_000], new Uint8Array(8)), 'GG_FILE_LIMIT'],
    [
      'a shape beyond integers',
      npy('<u2', ['9'.repeat(16) as never, 2], new Uint8Array(8)),
      'GG_FILE_CORRUPT',
    ],
  ])('refuses %s', async (name, bytes, code) => {
    const file = path(`${name}.npy`)
    writeFileSync(file, bytes)
    const { frames, error } = await outcome(file)
    expect(frames).toEqual([])
    expect(error).toMatchObject({ code, file })
    expect(error!.remedy).not.toBe('')
  })

  it('reads a stack one picture at a time', async () => {
    writeFileSync(
      path('stack.npy'),
      npy('<u2', [3, 2, 2], samplesOf('<u2', [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])),
    )
    const { frames, error } = await outcome(path('stack.npy'))
    expect(error).toBeUndefined()
    expect(frames.map((f) => [f.number, f.pixels[3], f.source.slice(-2)])).toEqual([
      [0, 1, '#0'],
      [1, 2, '#1'],
      [2, 3, '#2'],
    ])
  })

  it('writes a file that reads back, and says when it cannot', async () => {
    const frame = frameOf(Uint16Array.of(1, 2, 3, 65_535, 0, 6), 3, 2)
    await writeNpy(path('a.npy'), frame)
    const { frames } = await outcome(path('a.npy'))
    expect(samePixels(frames[0]!, frame)).toBe(true)
    await expect(writeNpy(path('none/a.npy'), frame)).rejects.toMatchObject({ code: 'GG_OUTPUT' })
  })
})
