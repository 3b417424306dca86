import type { Random } from '../../src/core/random.ts'
import type { Deposit } from '../../src/frame/truth.ts'
import type { Camera, Region } from './camera.ts'

/** Light of a deposit in a region, ADU without noise, row-major; parts outside the sensor are 0. */
export function cropLight(deposit: Deposit, sensorWidth: number, region: Region): Float32Array {
  const out = new Float32Array(region.width * region.height)
  for (let i = 0; i < deposit.pixels.length; i++) {
    const x = (deposit.pixels[i]! % sensorWidth) - region.x
    const y = Math.floor(deposit.pixels[i]! / sensorWidth) - region.y
    if (x >= 0 && y >= 0 && x < region.width && y < region.height)
      out[y * region.width + x] = deposit.light[i]!
  }
  return out
}

/** The region of `width` x `height` around the light of a deposit (its vertex when dark), moved onto the sensor. */
export function regionAround(
  deposit: Deposit,
  sensor: { readonly width: number; readonly height: number },
  width: number,
  height = width,
): Region {
  let sumX = 0
  let sumY = 0
  for (let i = 0; i < deposit.pixels.length; i++) {
    sumX += deposit.light[i]! * (deposit.pixels[i]! % sensor.width)
    sumY += deposit.light[i]! * Math.floor(deposit.pixels[i]! / sensor.width)
  }
  const lit = deposit.adu > 0
  const centre = (sum: number, vertex: number): number => Math.round(lit ? sum / deposit.adu : vertex)
  const place = (at: number, size: number, limit: number): number =>
    Math.max(0, Math.min(limit - size, at - Math.floor(size / 2)))
  return {
    x: place(centre(sumX, deposit.x), width, sensor.width),
    y: place(centre(sumY, deposit.y), height, sensor.height),
    width,
    height,
  }
}

/** Camera counts of a region with one deposit in it: what a classifier is trained on, without making whole frames. */
export function cropFrame(camera: Camera, deposit: Deposit, region: Region, random: Random): Uint16Array {
  const out = camera.expose(random, region)
  const light = cropLight(deposit, camera.geometry.width, region)
  for (let i = 0; i < out.length; i++) out[i] = Math.min(65535, out[i]! + Math.round(light[i]!))
  return out
}
