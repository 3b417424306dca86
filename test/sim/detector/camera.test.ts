import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Detector, geometries, pattern } from '../../../sim/detector/index.ts'
import { Random } from '../../../src/core/random.ts'
import { moments } from './helpers.ts'

const { lime } = geometries
const detector = new Detector(lime, {}, 21)
const first = detector.pedestalFrame(0).pixels
const second = detector.pedestalFrame(1).pixels

/** Pixels of the middle of the sensor, where no glow reaches, without hot ones. */
function middle(value: (at: number) => number): number[] {
  const values: number[] = []
  for (let y = 900; y < 1400; y++) {
    for (let x = 400; x < 1900; x++) {
      const v = value(y * lime.width + x)
      if (Math.abs(v - 100) < 25) values.push(v)
    }
  }
  return values
}

describe('camera noise', () => {
  test('is 3.34 ADU per pixel, read noise, dark shot noise and DSNU', () => {
    const { mean, sigma } = moments(middle((i) => first[i]!))
    expect(sigma / 3.34).toBeGreaterThan(0.97)
    expect(sigma / 3.34).toBeLessThan(1.03)
    // Offset 100 plus 0.15 dark electrons at 0.24 electrons per count.
    expect(mean).toBeGreaterThan(100.5)
    expect(mean).toBeLessThan(100.8)
  })

  test('changes from frame to frame but for the fixed pattern', () => {
    const difference = moments(middle((i) => 100 + (first[i]! - second[i]!) / Math.SQRT2))
    const all = moments(middle((i) => first[i]!))
    expect(difference.sigma).toBeLessThan(all.sigma)
    expect(difference.sigma / Math.hypot(2.92, 1.61)).toBeGreaterThan(0.98)
    expect(difference.sigma / Math.hypot(2.92, 1.61)).toBeLessThan(1.03)
  })

  test('is correlated along rows and hardly along columns', () => {
    const means = (rows: boolean): number[] =>
      Array.from({ length: 500 }, (_, a) => {
        let sum = 0
        for (let b = 0; b < 1500; b++) {
          const at = rows ? (900 + a) * lime.width + 400 + b : (400 + b) * lime.width + 900 + a
          sum += Math.min(120, first[at]!) - Math.min(120, second[at]!)
        }
        return sum / 1500 / Math.SQRT2
      })
    const white = 3.34 / Math.sqrt(1500)
    const row = Math.sqrt(moments(means(true)).sigma ** 2 - white ** 2)
    expect(row / pattern.rowTemporal).toBeGreaterThan(0.88)
    expect(row / pattern.rowTemporal).toBeLessThan(1.12)
    expect(moments(means(false)).sigma).toBeLessThan(1.15 * Math.hypot(white, pattern.columnTemporal))
  })

  test('glows at top and bottom and is noisier there', () => {
    const rowMean = (y: number): number => moments(first.subarray(y * lime.width, (y + 1) * lime.width)).mean
    for (const y of [0, lime.height - 1]) {
      expect(rowMean(y) - rowMean(1152)).toBeGreaterThan(4)
      expect(rowMean(y) - rowMean(1152)).toBeLessThan(9)
    }
    expect(rowMean(200) - rowMean(1152)).toBeLessThan(1.5)
    expect(detector.camera.sigma[1000]).toBeGreaterThan(
      1.2 * detector.camera.sigma[1152 * lime.width + 1000]!,
    )
  })

  test('has hot pixels that jump between two levels', () => {
    const { hotPixels, hotJumps } = detector.camera
    expect(hotPixels.length).toBeGreaterThan(60)
    expect(hotPixels.length).toBeLessThan(160)
    const strongest = hotJumps.indexOf(Math.max(...hotJumps))
    const pixel = hotPixels[strongest]!
    const region = { x: pixel % lime.width, y: Math.floor(pixel / lime.width), width: 1, height: 1 }
    const levels = Array.from({ length: 12 }, (_, i) => detector.camera.expose(new Random(i), region)[0]!)
    expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(0.7 * hotJumps[strongest]!)
  })

  test('of a region is drawn alone', () => {
    const region = { x: 2300, y: 2300, width: 4, height: 4 }
    const crop = detector.camera.expose(new Random(5), region)
    expect(crop).toEqual(detector.camera.expose(new Random(5), region))
    expect(crop.length).toBe(16)
    const outside = { ...region, x: 2304 }
    expect(() => detector.camera.expose(new Random(5), outside)).toThrow(
      expect.objectContaining({ code: 'GG_SETTINGS' }),
    )
  })
})

const thresholdFile = new URL(
  '../../../../shared/data/lime_real/online_trigger_tile_threshold_12x12.npy',
  import.meta.url,
)

test.skipIf(!existsSync(thresholdFile))(
  'tiles stay under the real thresholds of the LIME online trigger, but not far (skipped without shared/data)',
  () => {
    const bytes = readFileSync(thresholdFile)
    const data = new Float64Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - 144 * 8))
    for (let row = 0; row < 12; row++) {
      for (let column = 0; column < 12; column++) {
        const values: number[] = []
        for (let y = Math.max(0, row * 192 - 30); y < Math.min(2304, row * 192 + 222); y++)
          for (let x = Math.max(0, column * 192 - 30); x < Math.min(2304, column * 192 + 222); x++)
            if (first[y * 2304 + x]! < 200) values.push(first[y * 2304 + x]!)
        // The stored array counts tiles along the sensor's columns first: its row ends are our top and bottom.
        const ratio = moments(values).sigma / data[column * 12 + row]!
        expect(ratio).toBeGreaterThan(0.62)
        expect(ratio).toBeLessThan(1)
      }
    }
  },
)
