import { GemgateError } from '../../src/core/errors.ts'

/** Name of a built-in detector. */
export type GeometryName = 'lime' | 'cygno04' | 'test256' | 'test64'

/** One camera looking at one triple GEM at the end of one drift volume. */
export interface DetectorGeometry {
  readonly name: string
  /** Columns and rows, multiples of 4. */
  readonly width: number
  readonly height: number
  /** Width of a pixel in the plane of the GEMs, mm. */
  readonly pixelPitch: number
  /** Width of a pixel on the sensor, mm. */
  readonly sensorPitch: number
  /** Distance from the cathode to the first GEM, cm. */
  readonly driftLength: number
  /** Time to read the whole sensor, s; row k starts and ends k/height of it later than row 0. */
  readonly readoutTime: number
  /** Mean ADU per photon that reaches the sensor: quantum efficiency / electronsPerCount. */
  readonly countsPerPhoton: number
  /** Conversion of the sensor, electrons per ADU. */
  readonly electronsPerCount: number
  /** Read noise, electrons rms. */
  readonly readNoise: number
  /** Dark current, electrons per pixel and second. */
  readonly darkCurrent: number
  /** Dark signal non-uniformity, electrons rms. */
  readonly darkNonUniformity: number
  /** Mean ADU of a pixel without dark current and light. */
  readonly offset: number
  /** Distance from the optical axis, in pixels, at which the vignetting radius rho is 1. */
  readonly vignettingRadius: number
  /** Depth (1/e) in rows of the glow at the top and bottom edges. */
  readonly glowDepth: number
}

/** ORCA-Fusion C14440-20UP, ultra-quiet scan (Hamamatsu SCAS0138E05); counts per photon 0.8 / 0.21 rounded to 4. */
const fusion = {
  sensorPitch: 0.0065,
  countsPerPhoton: 4,
  electronsPerCount: 0.24,
  readNoise: 0.7,
  darkCurrent: 0.5,
  darkNonUniformity: 0.06,
  offset: 100,
} as const

/** Ultra-quiet scan: one row every 80 us. */
const fusionRowTime = 80e-6

/** Rows of glow as fitted to the published display of run 42901. */
const limeGlowDepth = 90

function lime(name: string, side: number, readoutTime: number): DetectorGeometry {
  return {
    name,
    width: side,
    height: side,
    pixelPitch: 0.1502,
    driftLength: 50,
    readoutTime,
    // The small test sensors are dimmed and lit at their edges like a whole LIME frame, scaled down, so
    // that everything downstream meets vignetting and glow there too.
    vignettingRadius: side / 2,
    glowDepth: (limeGlowDepth * side) / 2304,
    ...fusion,
  }
}

/**
 * `lime`: 346 mm on 2304 pixels, 50 cm drift (piacent/digitizationpp). `cygno04`: one of the three ORCA-Quest
 * (datasheet 2306) of a side, its long edge on the 50 cm of the 50 x 80 cm2 GEM, so that three cover 84 cm; the
 * vignetting radius is taken as half the long edge, nothing is published. `test256`, `test64`: LIME with fewer pixels.
 */
export const geometries: Readonly<Record<GeometryName, DetectorGeometry>> = {
  lime: lime('lime', 2304, 0.1844),
  cygno04: {
    name: 'cygno04',
    width: 4096,
    height: 2304,
    pixelPitch: 500 / 4096,
    sensorPitch: 0.0046,
    driftLength: 50,
    readoutTime: 0.1999,
    countsPerPhoton: 8.98,
    electronsPerCount: 0.9 / 8.98,
    readNoise: 0.27,
    darkCurrent: 0.016,
    darkNonUniformity: 0.06,
    offset: 200,
    vignettingRadius: 2048,
    glowDepth: limeGlowDepth,
  },
  test256: lime('test256', 256, 256 * fusionRowTime),
  test64: lime('test64', 64, 64 * fusionRowTime),
}

/** Throws GG_SETTINGS unless the geometry can be simulated. */
export function checkGeometry(geometry: DetectorGeometry): void {
  const { width, height, pixelPitch, driftLength, readoutTime, electronsPerCount } = geometry
  const sides = [width, height].every((n) => Number.isInteger(n) && n >= 4 && n % 4 === 0 && n <= 16384)
  const positive = [
    pixelPitch,
    driftLength,
    electronsPerCount,
    geometry.sensorPitch,
    geometry.countsPerPhoton,
  ]
  if (sides && positive.every((v) => v > 0) && readoutTime >= 0) return
  throw new GemgateError(
    'GG_SETTINGS',
    `the detector geometry '${geometry.name}' cannot be simulated`,
    'width and height must be multiples of 4 up to 16384, lengths and conversions positive',
  )
}
