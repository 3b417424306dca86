import { expect, test } from 'vitest'
import { Clouds } from '../../../sim/detector/clouds.ts'
import { Voxels } from '../../../sim/detector/voxels.ts'
import { Random } from '../../../src/core/random.ts'

const grid = { width: 120, height: 100, pixelPitch: 0.15 }

function collect(clouds: Clouds, gain: number, saturation: number): Float64Array {
  const image = new Float64Array(grid.width * grid.height)
  new Voxels(grid).collect(clouds, gain, saturation, (x, y, width, height, charge) => {
    for (let j = 0; j < height; j++)
      for (let i = 0; i < width; i++) image[(y + j) * grid.width + x + i]! += charge[j * width + i]!
  })
  return image
}

/** The formula, voxel by voxel, over clouds that are not cut. */
function bruteForce(clouds: Clouds, gain: number, saturation: number): Float64Array {
  const image = new Float64Array(grid.width * grid.height)
  const density = (d: number, sigma: number, step: number): number =>
    (Math.exp((-d * d) / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI))) * step
  for (let k = 0; k < 130; k++) {
    for (let j = 0; j < grid.height; j++) {
      for (let i = 0; i < grid.width; i++) {
        let h = 0
        for (let c = 0; c < clouds.count; c++) {
          const [x, y, z, t, l, n] = clouds.data.subarray(6 * c) as unknown as [
            number,
            number,
            number,
            number,
            number,
            number,
          ]
          h +=
            n *
            density((i + 0.5) * 0.15 - x, t, 0.15) *
            density((j + 0.5) * 0.15 - y, t, 0.15) *
            density((k + 0.5) * 0.1 - z, l, 0.1)
        }
        image[j * grid.width + i]! += (gain * h) / (1 + saturation * gain * h)
      }
    }
  }
  return image
}

test('bricks give what the formula gives, also across their borders and the edge of the sensor', () => {
  const clouds = new Clouds()
  const random = new Random(1)
  clouds.add(0.2, 7, 6, 0.367, 0.26, 60000)
  for (let i = 0; i < 4; i++)
    clouds.add(
      2 + 14 * random.uniform(),
      2 + 11 * random.uniform(),
      2 + 9 * random.uniform(),
      0.5,
      0.3,
      80000,
    )
  const [fast, slow] = [collect(clouds, 295, 8e-6), bruteForce(clouds, 295, 8e-6)]
  const sum = (a: Float64Array): number => a.reduce((s, v) => s + v, 0)
  expect(sum(fast) / sum(slow)).toBeCloseTo(1, 2)
  const largest = Math.max(...slow)
  for (let i = 0; i < slow.length; i++) expect(Math.abs(fast[i]! - slow[i]!)).toBeLessThan(0.02 * largest)
})

test('without saturation all electrons arrive', () => {
  const clouds = new Clouds()
  for (let i = 0; i < 300; i++) clouds.add(3 + 0.03 * i, 7, 5 + 0.05 * i, 0.367, 0.26, 1000)
  const image = collect(clouds, 2, 0)
  expect(image.reduce((s, v) => s + v, 0) / 600000).toBeCloseTo(1, 2)
})

test('nothing on the sensor gives nothing', () => {
  const clouds = new Clouds()
  expect(collect(clouds, 1, 0).some((v) => v !== 0)).toBe(false)
  clouds.add(-20, 5, 5, 0.367, 0.26, 1000)
  clouds.add(5, 400, 5, 0.367, 0.26, 1000)
  expect(collect(clouds, 1, 0).some((v) => v !== 0)).toBe(false)
})
