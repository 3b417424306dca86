import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeNpyArray, encodeNpyArray, encodeNpyNumbers } from '../../src/frame/npy-array.ts'
import { formatNpyHeader } from '../../src/frame/npy-header.ts'

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })

test('float32 arrays of every shape survive', () => {
  fc.assert(
    fc.property(shapes, fc.infiniteStream(fc.float()), (shape, floats) => {
      const count = shape.reduce((product, size) => product * size, 1)
      const data = Float32Array.from({ length: count }, () => floats.next().value!)
      const decoded = decodeNpyArray(encodeNpyArray(shape, data), 'a.npy')
      expect(decoded.shape).toEqual(shape)
      expect(Float32Array.from(decoded.data)).toEqual(data)
    }),
    { seed: 1 },
  )
})

test('every array that can be written keeps its type and numbers', () => {
  const kinds = [Uint8Array, Int8Array, Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array]
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.uint8Array({ minLength: 2, maxLength: 80 }), (Kind, bytes) => {
      const values = new Kind(bytes.length)
      for (const [i, byte] of bytes.entries()) values[i] = 3 * (byte - 100)
      const written = encodeNpyNumbers([values.length], values)
      expect([...decodeNpyArray(written, 'a.npy').data]).toEqual([...values])
      // A part of a larger buffer is written as that part.
      expect(encodeNpyNumbers([values.length - 1], values.subarray(1)).at(-1)).toBe(written.at(-1))
    }),
    { seed: 2, examples: [[Int8Array, Uint8Array.of(0, 100, 255)]] },
  )
})

test.each([
  ['|i1', [0xff, 0x80], [-1, -128]],
  ['|u1', [0xff, 0x80], [255, 128]],
  ['<i2', [0xfe, 0xff, 1, 0], [-2, 1]],
  ['>u2', [1, 2, 0, 3], [258, 3]],
  ['<i8', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 5, 0, 0, 0, 0, 0, 0, 0], [-1, 5]],
  ['>f8', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], [1.5, -2]],
])('%s', (type, raw, expected) => {
  const header = formatNpyHeader(type, [2])
  const bytes = new Uint8Array(header.length + raw.length)
  bytes.set(header)
  bytes.set(raw, header.length)
  expect(Array.from(decodeNpyArray(bytes, 'a.npy').data)).toEqual(expected)
})

test('a size that does not fit, and an integer that a double does not hold, are refused', () => {
  const whole = encodeNpyArray([3], [1, 2, 3])
  const longer = new Uint8Array(whole.length + 1)
  longer.set(whole)
  expect(() => decodeNpyArray(whole.subarray(0, -1), 'a.npy')).toThrow(
    expect.objectContaining({ code: 'GG_FILE_TRUNCATED' }),
  )
  expect(() => decodeNpyArray(longer, 'a.npy')).toThrow(expect.objectContaining({ code: 'GG_FILE_CORRUPT' }))
  const header = formatNpyHeader('<u8', [1])
  const huge = new Uint8Array(header.length + 8).fill(255)
  huge.set(header)
  expect(() => decodeNpyArray(huge, 'a.npy')).toThrow(expect.objectContaining({ code: 'GG_FILE_SHAPE' }))
})
