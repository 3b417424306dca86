import { GemgateError } from '../../src/core/errors.ts'
import type { Random } from '../../src/core/random.ts'
import { Camera, heatPixel } from './camera.ts'

/** How a camera differs from the day of its pedestal run. */
export interface CameraStress {
  /** Added to the mean of every pixel, ADU. */
  readonly offset?: number
  /** Pixels that have become hot, levels as those of the camera's own. */
  readonly hotPixels?: number
  /** Factor on the white noise of every pixel. */
  readonly noise?: number
}

/** The same silicon under stress; `random` chooses the new hot pixels. Throws GG_SETTINGS for a stress that no camera shows. */
export function stressedCamera(camera: Camera, stress: CameraStress, random: Random): Camera {
  const { offset = 0, hotPixels = 0, noise = 1 } = stress
  const maps = {
    mean: camera.mean.map((mean) => mean + offset),
    sigma: camera.sigma.map((sigma) => sigma * noise),
  }
  const jumps = new Map(Array.from(camera.hotPixels, (pixel, i) => [pixel, camera.hotJumps[i]!]))
  const wanted = jumps.size + hotPixels
  if (!(Number.isInteger(hotPixels) && hotPixels >= 0 && wanted <= maps.mean.length && noise > 0))
    throw new GemgateError(
      'GG_SETTINGS',
      `a stress of ${hotPixels} hot pixels and ${noise} times the noise`,
      'use a whole number of pixels that the sensor has, and a positive factor',
    )
  while (jumps.size < wanted) {
    const pixel = random.integer(maps.mean.length)
    if (!jumps.has(pixel)) jumps.set(pixel, heatPixel(maps, pixel, camera.geometry.electronsPerCount, random))
  }
  const hot = Uint32Array.from(jumps.keys()).sort()
  return new Camera(camera.geometry, camera.exposure, {
    ...maps,
    hotPixels: hot,
    hotJumps: Float32Array.from(hot, (pixel) => jumps.get(pixel)!),
  })
}
