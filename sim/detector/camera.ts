import { GemgateError } from '../../src/core/errors.ts'
import type { Random } from '../../src/core/random.ts'
import { FastNormal } from './gaussian.ts'
import type { DetectorGeometry } from './geometry.ts'

/** A rectangle of pixels on the sensor. */
export interface Region {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Patterns in ADU, from the published display of LIME run 42901 event 93: neighbouring rows differ by 0.36 rms after
 * the white noise is taken out, columns by less than 0.03; top and bottom edges glow. How the row pattern divides into
 * a fixed and a changing part is not known. No such numbers exist for the ORCA-Quest, which gets the same.
 */
export const pattern = {
  rowFixed: 0.2,
  rowTemporal: 0.3,
  columnFixed: 0.03,
  columnTemporal: 0.02,
  /** Mean glow at the edge rows; it is light or heat on the sensor, so it brings shot noise. */
  glow: 6,
  /** Fraction of pixels with 1.5 to 4 times the noise, and of pixels that glow and jump between two levels. */
  warmFraction: 1e-3,
  hotFraction: 2e-5,
} as const

/** What tells one sensor of a kind from another, see the fields of `Camera`. */
export type CameraMaps = Pick<Camera, 'mean' | 'sigma' | 'hotPixels' | 'hotJumps'>

/** A sensor with its fixed pattern; the same seed is the same piece of silicon. */
export class Camera {
  readonly geometry: DetectorGeometry
  /** Exposure, s. */
  readonly exposure: number
  /** Mean of every pixel in the dark, ADU: what a perfect pedestal would be. */
  readonly mean: Float32Array
  /** Gaussian noise of every pixel, ADU, without row and column noise. */
  readonly sigma: Float32Array
  /** Indices of the hot pixels, ascending. */
  readonly hotPixels: Uint32Array
  /** Distance between the two levels of each hot pixel, ADU. */
  readonly hotJumps: Float32Array

  /** @param origin the seed of a new sensor, or the maps of a known one */
  constructor(geometry: DetectorGeometry, exposure: number, origin: Random | CameraMaps) {
    this.geometry = geometry
    this.exposure = exposure
    if ('mean' in origin) {
      this.mean = origin.mean
      this.sigma = origin.sigma
      this.hotPixels = origin.hotPixels
      this.hotJumps = origin.hotJumps
      return
    }
    const random = origin
    const { width, height } = geometry
    this.mean = new Float32Array(width * height)
    this.sigma = new Float32Array(width * height)
    this.#fillMaps(random)
    this.#addWarmPixels(random.fork('warm'))
    const hot = random.fork('hot')
    const count = hot.poisson(width * height * pattern.hotFraction)
    const chosen = new Set<number>()
    while (chosen.size < count) chosen.add(hot.integer(width * height))
    this.hotPixels = Uint32Array.from(chosen).sort()
    this.hotJumps = new Float32Array(this.hotPixels.length)
    this.#addHotPixels(hot)
  }

  /**
   * The noise of one exposure of `region` (default: all), in ADU. Noise is drawn from `random` in the order of the
   * region, so a region is not the cut-out of the whole frame of the same seed.
   */
  expose(random: Random, region?: Region): Uint16Array {
    const { width, height } = this.geometry
    const r = region ?? { x: 0, y: 0, width, height }
    checkRegion(r, width, height)
    const out = new Uint16Array(r.width * r.height)
    const normal = new FastNormal(random.fork('white'))
    const columns = new Float32Array(r.width)
    const rows = new Float32Array(r.height)
    const noise = new Float32Array(r.width)
    normal.fill(columns)
    normal.fill(rows)
    const { mean, sigma } = this
    for (let j = 0; j < r.height; j++) {
      normal.fill(noise)
      const shift = rows[j]! * pattern.rowTemporal + 0.5
      const at = (r.y + j) * width + r.x
      const to = j * r.width
      for (let i = 0; i < r.width; i++) {
        const adu = mean[at + i]! + sigma[at + i]! * noise[i]! + shift + pattern.columnTemporal * columns[i]!
        // Truncation after adding one half rounds; the clip keeps outliers from wrapping.
        out[to + i] = Math.min(65535, Math.max(0, adu))
      }
    }
    this.#jump(out, r, random.fork('jumps'))
    return out
  }

  #fillMaps(random: Random): void {
    const { width, height, electronsPerCount, glowDepth } = this.geometry
    const normal = new FastNormal(random.fork('maps'))
    const columns = new Float32Array(width)
    const rows = new Float32Array(height)
    const dsnu = new Float32Array(width)
    normal.fill(columns)
    normal.fill(rows)
    const darkElectrons = this.geometry.darkCurrent * this.exposure
    const base = this.geometry.offset + darkElectrons / electronsPerCount
    const variance = (this.geometry.readNoise ** 2 + darkElectrons) / electronsPerCount ** 2
    const spread = this.geometry.darkNonUniformity / electronsPerCount
    const top = glowProfile(width, random.fork('top glow'))
    const bottom = glowProfile(width, random.fork('bottom glow'))
    for (let y = 0; y < height; y++) {
      normal.fill(dsnu)
      const nearTop = pattern.glow * Math.exp(-y / glowDepth)
      const nearBottom = pattern.glow * Math.exp(-(height - 1 - y) / glowDepth)
      const row = base + pattern.rowFixed * rows[y]!
      for (let x = 0; x < width; x++) {
        const glow = nearTop * top[x]! + nearBottom * bottom[x]!
        this.mean[y * width + x] = row + pattern.columnFixed * columns[x]! + spread * dsnu[x]! + glow
        this.sigma[y * width + x] = Math.sqrt(variance + glow / electronsPerCount)
      }
    }
  }

  #addWarmPixels(random: Random): void {
    const count = random.poisson(this.sigma.length * pattern.warmFraction)
    for (let i = 0; i < count; i++)
      this.sigma[random.integer(this.sigma.length)]! *= 1.5 + 2.5 * random.uniform()
  }

  #addHotPixels(random: Random): void {
    for (let i = 0; i < this.hotPixels.length; i++) {
      const pixel = this.hotPixels[i]!
      this.hotJumps[i] = heatPixel(this, pixel, this.geometry.electronsPerCount, random)
    }
  }

  /** Random telegraph signal: in each exposure a hot pixel sits on either of its two levels around the mean. */
  #jump(out: Uint16Array, region: Region, random: Random): void {
    const { width } = this.geometry
    for (let i = 0; i < this.hotPixels.length; i++) {
      const up = random.uniform() < 0.5
      const x = (this.hotPixels[i]! % width) - region.x
      const y = Math.floor(this.hotPixels[i]! / width) - region.y
      if (x < 0 || y < 0 || x >= region.width || y >= region.height) continue
      const at = y * region.width + x
      const adu = out[at]! + Math.round((up ? 0.5 : -0.5) * this.hotJumps[i]!)
      out[at] = Math.min(65535, Math.max(0, adu))
    }
  }
}

/**
 * Makes a pixel hot and gives the distance between its two levels. Levels spread over decades, as in the LEMON pedestal
 * map with its one pixel at 2659 counts.
 */
export function heatPixel(
  { mean, sigma }: Pick<CameraMaps, 'mean' | 'sigma'>,
  pixel: number,
  electronsPerCount: number,
  random: Random,
): number {
  const level = Math.min(5000, 25 * Math.exp(1.2 * random.normal()))
  mean[pixel]! += level
  sigma[pixel] = Math.hypot(sigma[pixel]!, Math.sqrt(level / electronsPerCount))
  return 0.6 * level
}

function checkRegion(r: Region, width: number, height: number): void {
  const whole = [r.x, r.y, r.width, r.height].every((n) => Number.isInteger(n) && n >= 0)
  if (whole && r.x + r.width <= width && r.y + r.height <= height) return
  throw new GemgateError(
    'GG_SETTINGS',
    `the region ${r.width}x${r.height} at (${r.x}, ${r.y}) is not on the ${width}x${height} sensor`,
    'choose a region inside the sensor',
  )
}

/** Broad bright lobes along an edge, mean about 1, like the top of the published display. */
function glowProfile(width: number, random: Random): Float32Array {
  const profile = new Float32Array(width)
  const phase = random.uniform()
  const lobes = 1.5 + random.uniform()
  for (let x = 0; x < width; x++) profile[x] = 1 + 0.4 * Math.sin(2 * Math.PI * ((lobes * x) / width + phase))
  return profile
}
