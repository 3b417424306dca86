import { describe, expect, test } from 'vitest'
import { Detector, geometries } from '../../../sim/detector/index.ts'
import { Random } from '../../../src/core/random.ts'
import { columnWidth, moments } from './helpers.ts'

const { lime } = geometries

/** Light of `count` 55Fe-like electrons at drift distance z in the middle of the sensor. */
function iron(detector: Detector, z: number, count = 120): { mean: number; resolution: number } {
  const random = new Random(7)
  const light = Array.from(
    { length: count },
    () => detector.deposit({ particle: 'electron', keVee: 5.9, x: 1152, y: 1152, z }, random).adu,
  )
  const { mean, sigma } = moments(light)
  return { mean, resolution: sigma / mean }
}

// Published closure of the 2025 digitization at 440 V: a Monte Carlo of 60 events a point, so good to about 1 %.
const published = [
  { z: 5, adu: 6446, resolution: 0.056 },
  { z: 25, adu: 10393, resolution: 0.082 },
  { z: 45, adu: 10911, resolution: 0.105 },
]

describe('light of 5.9 keV', () => {
  const explicit = new Detector(lime, { vignetting: false })
  const clouds = new Detector(lime, { vignetting: false, explicitLimit: 0 })

  test('is 10393 ADU within 5 % at z = 25 cm', () => {
    // 1000 events: single primaries saturate more than the smooth cloud, which costs 4 % and leaves little room.
    const { mean } = iron(explicit, 25, 1000)
    expect(mean / 10393).toBeGreaterThan(0.95)
    expect(mean / 10393).toBeLessThan(1.05)
  })

  test.each(published)(
    'with every primary explicit, z = $z cm: $adu ADU within 7 %',
    ({ z, adu, resolution }) => {
      const measured = iron(explicit, z, 150)
      expect(measured.mean / adu).toBeGreaterThan(0.93)
      expect(measured.mean / adu).toBeLessThan(1.07)
      expect(Math.abs(measured.resolution - resolution)).toBeLessThan(0.02)
    },
  )

  test.each(published)('with one cloud per segment, z = $z cm: $adu ADU within 4 %', ({ z, adu }) => {
    const measured = iron(clouds, z, 200)
    expect(measured.mean / adu).toBeGreaterThan(0.96)
    expect(measured.mean / adu).toBeLessThan(1.04)
  })

  test('rises with the drift distance', () => {
    const [near, middle, far] = [5, 25, 45].map((z) => iron(explicit, z, 60).mean)
    expect(middle).toBeGreaterThan(1.3 * near!)
    expect(far).toBeGreaterThan(middle!)
  })

  test('without saturation it would be 2737 ADU/keV at z = 25 cm', () => {
    // Far below 440 V the space charge vanishes; the gains of the three GEMs are known, so scale them back.
    const detector = new Detector(lime, { vignetting: false, voltage: 360, gainFactor: 10 })
    const scale = (Math.exp(0.0209 * 80) ** 3 * Math.exp(-0.002 * 80) ** 2) / 10
    const perKeV = (iron(detector, 25, 200).mean * scale) / 5.9
    expect(perKeV / 2737).toBeGreaterThan(0.93)
    expect(perKeV / 2737).toBeLessThan(1.05)
  })

  test('follows the gain factor', () => {
    const low = new Detector(lime, { vignetting: false, gainFactor: 0.7 })
    expect(iron(low, 25).mean / iron(explicit, 25).mean).toBeCloseTo(0.7, 1)
  })
})

test.each([
  { z: 5, sigma: 0.45 },
  { z: 25, sigma: 0.7 },
  { z: 45, sigma: 0.88 },
])('a point-like deposit at z = $z cm has sigma_T = $sigma mm', ({ z, sigma }) => {
  // Low voltage: saturation would flatten the spot. 10 keV helium has a range of 0.18 mm.
  const detector = new Detector(lime, { vignetting: false, voltage: 400, gainFactor: 10 })
  const random = new Random(3)
  const variances = Array.from({ length: 60 }, () => {
    const spot = detector.deposit({ particle: 'helium', keVnr: 10, x: 1152, y: 1152, z }, random)
    return (columnWidth(spot, lime.width) * lime.pixelPitch) ** 2
  })
  expect(Math.sqrt(moments(variances).mean) / sigma).toBeGreaterThan(0.93)
  expect(Math.sqrt(moments(variances).mean) / sigma).toBeLessThan(1.07)
})

test('an alpha of 5.49 MeV leaves the 8e5 ADU of LIME run 41525 within a factor of 2', () => {
  const detector = new Detector(lime, { vignetting: false })
  const random = new Random(5)
  const light = Array.from(
    { length: 8 },
    () => detector.deposit({ particle: 'alpha', x: 1152, y: 1152, z: 25 }, random).adu,
  )
  expect(moments(light).mean).toBeGreaterThan(4.2e5)
  expect(moments(light).mean).toBeLessThan(1.7e6)
})

test('a helium recoil shines denser and less spread than an electron of the same 20 keVee', () => {
  const detector = new Detector(lime)
  const random = new Random(2)
  const spec = { keVee: 20, x: 1152, y: 1152, z: 25 } as const
  const width = (particle: 'helium' | 'electron'): number =>
    moments(
      Array.from({ length: 25 }, () =>
        columnWidth(detector.deposit({ particle, ...spec }, random), lime.width),
      ),
    ).mean
  expect(width('electron')).toBeGreaterThan(1.3 * width('helium'))
})
