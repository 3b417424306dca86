import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orient, orientations } from '../../../models/cnn/orientations.ts'
import { lightStep, picturesOf } from '../../../models/cnn/picture.ts'

describe('the steps of light that the network reads', () => {
  it('are 4 ADU at first, then 32 for each factor of two', () => {
    expect([-32768, -1, 0, 3, 4, 255, 256, 263, 264].map(lightStep)).toEqual([0, 0, 0, 0, 1, 63, 64, 64, 65])
    expect([512, 1024, 2048, 8192, 16383, 16384, 32767].map(lightStep)).toEqual([
      96, 128, 160, 224, 255, 255, 255,
    ])
  })

  it('rise without gaps and stay near 32 log2 of the light', () => {
    const steps = Array.from({ length: 16384 }, (_, content) => lightStep(content))
    const rises = steps.slice(1).map((step, i) => step - steps[i]!)
    expect(new Set(rises)).toEqual(new Set([0, 1]))
    const distances = steps.slice(256).map((step, i) => Math.abs(step - 32 * Math.log2((i + 256) / 64)))
    expect(Math.max(...distances)).toBeLessThan(4)
  })

  it('stand element by element', () => {
    const crops = Int16Array.of(-5, 100, 700, 32767)
    expect(picturesOf(crops)).toEqual(Uint8Array.from(crops, lightStep))
  })
})

describe('orientations', () => {
  const size = 5
  const picture = fc.uint8Array({ minLength: size * size, maxLength: size * size })
  const oriented = (from: Uint8Array, orientation: number): Uint8Array => {
    const to = new Uint8Array(from.length)
    orient(from, orientation, to)
    return to
  }

  it('are eight different ones, the first leaves all as it is', () => {
    const corner = Uint8Array.from({ length: size * size }, (_, i) => i)
    const all = Array.from({ length: orientations }, (_, k) => oriented(corner, k).join())
    expect(new Set(all).size).toBe(8)
    expect(all[0]).toBe(corner.join())
  })

  it('keep distances from the centre, and one of them undoes each', () => {
    const distance = Uint8Array.from(
      { length: 25 },
      (_, i) => ((i % 5) - 2) ** 2 + (Math.floor(i / 5) - 2) ** 2,
    )
    fc.assert(
      fc.property(picture, fc.integer({ min: 0, max: 7 }), (from, orientation) => {
        expect(oriented(distance, orientation)).toEqual(distance)
        const undone = Array.from({ length: orientations }, (_, k) =>
          oriented(oriented(from, orientation), k),
        )
        expect(undone.some((back) => back.join() === from.join())).toBe(true)
      }),
      { seed: 5, numRuns: 50 },
    )
  })
})
