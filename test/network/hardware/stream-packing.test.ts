import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packBeats, unpackBeats } from '../../../src/network/hardware/stream-packing.ts'

const tensors = fc
  .record({
    channels: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 4 }),
    width: fc.integer({ min: 1, max: 4 }),
    bits: fc.integer({ min: 1, max: 33 }),
    signed: fc.boolean(),
    lanes: fc.integer({ min: 1, max: 9 }),
    byPixel: fc.boolean(),
  })
  .chain((t) => {
    const count = t.channels * t.height * t.width
    const low = t.signed ? -(2 ** (t.bits - 1)) : 0
    const elements = fc.array(fc.integer({ min: low, max: low + 2 ** t.bits - 1 }), {
      minLength: count,
      maxLength: count,
    })
    return fc.record({ t: fc.constant(t), elements })
  })

test('a tensor survives its stream', () => {
  fc.assert(
    fc.property(tensors, ({ t, elements }) => {
      const shape = [t.channels, t.height, t.width]
      const format = t.byPixel
        ? { beats: t.height * t.width, lanes: t.channels, bits: t.bits, signed: t.signed }
        : { beats: Math.ceil(elements.length / t.lanes), lanes: t.lanes, bits: t.bits, signed: t.signed }
      const beats = packBeats(format, shape, elements)
      expect(beats).toHaveLength(format.beats)
      for (const beat of beats) expect(beat < 1n << BigInt(format.lanes * format.bits)).toBe(true)
      expect(Array.from(unpackBeats(format, shape, beats))).toEqual(elements)
    }),
    { seed: 1 },
  )
})

test('a picture goes pixel by pixel, channel 0 in the lowest bits', () => {
  const format = { beats: 4, lanes: 2, bits: 8, signed: false }
  const elements = [1, 2, 3, 4, 11, 12, 13, 14]
  expect(packBeats(format, [2, 2, 2], elements)).toEqual([0x0b01n, 0x0c02n, 0x0d03n, 0x0e04n])
})
