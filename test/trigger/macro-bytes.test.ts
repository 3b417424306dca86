import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { decodeMacroPixels, encodeMacroPixels, macroPixelBytes } from '../../src/trigger/macro-bytes.ts'

const value = fc.oneof(fc.integer({ min: -131072, max: 131071 }), fc.constantFrom(-131072, -1, 0, 1, 131071))
const macroPixels = fc.array(fc.tuple(value, value), { maxLength: 50 }).map((list) => ({
  content: Int32Array.from(list, ([c]) => c),
  search: Int32Array.from(list, ([, s]) => s),
}))

describe('bytes of macro-pixels', () => {
  it('hold content and search of 18 bits each', () => {
    fc.assert(
      fc.property(macroPixels, (frame) => {
        const bytes = encodeMacroPixels(frame)
        expect(bytes).toHaveLength(macroPixelBytes * frame.content.length)
        expect(decodeMacroPixels(bytes)).toEqual(frame)
      }),
      { seed: 1 },
    )
  })

  it('are the little-endian number {0, search, content}', () => {
    fc.assert(
      fc.property(value, value, (c, s) => {
        const bytes = encodeMacroPixels({ content: Int32Array.of(c), search: Int32Array.of(s) })
        const number = BigInt.asUintN(18, BigInt(c)) | (BigInt.asUintN(18, BigInt(s)) << 18n)
        expect(Buffer.from(bytes).readUIntLE(0, 5)).toBe(Number(number))
      }),
      { seed: 2 },
    )
  })

  it('ignore the upper four bits, and are refused in part', () => {
    const frame = { content: Int32Array.of(-5, 7), search: Int32Array.of(131071, -131072) }
    const bytes = encodeMacroPixels(frame)
    for (const at of [4, 9]) bytes[at]! |= 0xf0
    expect(decodeMacroPixels(bytes)).toEqual(frame)
    expect(() => decodeMacroPixels(bytes.subarray(1))).toThrow(GemgateError)
  })
})
