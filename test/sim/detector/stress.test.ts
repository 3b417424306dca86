import { describe, expect, it } from 'vitest'
import { Detector, geometries, stressedCamera } from '../../../sim/detector/index.ts'
import { Random } from '../../../src/core/random.ts'
import { moments } from './helpers.ts'

const { camera } = new Detector(geometries.test256, {}, 61)
const expose = (from: typeof camera): number[] => Array.from(from.expose(new Random(7)))

describe('stressedCamera', () => {
  it('without stress is the camera itself', () => {
    expect(expose(stressedCamera(camera, {}, new Random(1)))).toEqual(expose(camera))
  })

  it('shifts, scales and leaves the silicon as it was', () => {
    const before = camera.mean.slice()
    const changed = stressedCamera(camera, { offset: 3, noise: 2 }, new Random(1))
    expect(changed.mean[77]).toBeCloseTo(before[77]! + 3, 4)
    expect(changed.sigma[77]).toBeCloseTo(2 * camera.sigma[77]!, 4)
    expect(changed.hotPixels).toEqual(camera.hotPixels)
    expect(camera.mean).toEqual(before)
    const plain = expose(camera)
    const difference = expose(changed).map((value, i) => value - plain[i]!)
    expect(moments(difference.slice(0, 4000)).mean).toBeCloseTo(3, 0)
  })

  it('makes other pixels hot, in ascending order, each with its own jump', () => {
    const changed = stressedCamera(camera, { hotPixels: 40 }, new Random(2))
    expect(changed.hotPixels.length).toBe(camera.hotPixels.length + 40)
    expect([...changed.hotPixels]).toEqual([...new Set(changed.hotPixels)].sort((a, b) => a - b))
    const own = new Map(Array.from(camera.hotPixels, (pixel, i) => [pixel, camera.hotJumps[i]!]))
    changed.hotPixels.forEach((pixel, i) => {
      const level = changed.mean[pixel]! - camera.mean[pixel]!
      if (own.has(pixel)) expect(changed.hotJumps[i]).toBe(own.get(pixel))
      else expect(changed.hotJumps[i]! / level).toBeCloseTo(0.6, 2)
    })
    const other = stressedCamera(camera, { hotPixels: 40 }, new Random(3))
    expect(other.hotPixels).not.toEqual(changed.hotPixels)
  })

  it.each([{ hotPixels: 1.5 }, { hotPixels: 1e9 }, { noise: 0 }])('refuses %o', (stress) => {
    expect(() => stressedCamera(camera, stress, new Random(1))).toThrow(
      expect.objectContaining({ code: 'GG_SETTINGS' }),
    )
  })
})
