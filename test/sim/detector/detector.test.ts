import { describe, expect, test } from 'vitest'
import {
  cropFrame,
  cropLight,
  type DepositSpec,
  Detector,
  type DetectorSettings,
  geometries,
  matchedPopulation,
  type Population,
  pixelVignetting,
  regionAround,
  syntheticFrames,
} from '../../../sim/detector/index.ts'
import { Random } from '../../../src/core/random.ts'
import type { Frame } from '../../../src/frame/frame.ts'
import { moments } from './helpers.ts'

const { lime, test64, test256, cygno04 } = geometries
const busy: Population = { ...matchedPopulation(), meanDeposits: 4 }

describe('frames', () => {
  test('repeat by seed and do not depend on the order of calls', () => {
    const one = new Detector(test256, {}, 5)
    const two = new Detector(test256, {}, 5)
    one.frame(0, undefined, busy)
    one.pedestalFrame(3)
    one.deposit({ particle: 'electron', keVee: 2 }, new Random(1))
    expect(one.frame(3, undefined, busy)).toEqual(two.frame(3, undefined, busy))
    expect(one.pedestalFrame(2)).toEqual(two.pedestalFrame(2))
    expect(new Detector(test256, {}, 6).frame(3, undefined, busy)).not.toEqual(two.frame(3, undefined, busy))
    expect(two.frame(4).pixels).not.toEqual(two.frame(5).pixels)
    expect(two.frame(4).pixels).not.toEqual(two.pedestalFrame(4).pixels)
  })

  test('carry truth that fits their pixels', () => {
    const detector = new Detector(test256, {}, 8)
    let seen = 0
    for (let n = 0; n < 12; n++) {
      const frame = detector.frame(n, undefined, busy)
      for (const deposit of frame.truth!.deposits) {
        seen++
        expect(deposit.pixels.length).toBe(deposit.light.length)
        expect(deposit.pixels.length).toBeGreaterThan(0)
        expect(deposit.light.reduce((a, b) => a + b, 0)).toBeCloseTo(deposit.adu, 3)
        deposit.pixels.forEach((p, i) => {
          if (i > 0 && p <= deposit.pixels[i - 1]!) throw new Error('not ascending')
        })
        expect(deposit.pixels[deposit.pixels.length - 1]).toBeLessThan(256 * 256)
        expect(deposit.light.every((v) => v > 0 && v % 4 === 0)).toBe(true)
      }
    }
    expect(seen).toBeGreaterThan(15)
  })

  test('are noise plus the light of the truth', () => {
    const detector = new Detector(test256, { rollingShutter: false }, 9)
    const spec: DepositSpec = { particle: 'helium', keVee: 8, x: 100, y: 120, z: 20 }
    const [empty, lit] = [detector.frame(0, []), detector.frame(0, [spec])]
    const deposit = lit.truth!.deposits[0]!
    const difference = lit.pixels.map((v, i) => v - empty.pixels[i]!)
    deposit.pixels.forEach((p, i) => {
      expect(difference[p]).toBe(deposit.light[i])
    })
    expect(difference.reduce((a, b) => a + b, 0)).toBe(deposit.adu)
  })

  test('tell time, number, source and exposure', () => {
    const detector = new Detector(lime, { startTime: 1000 }, 4)
    const frame = new Detector(test64, { startTime: 1000 }, 4).frame(10, [])
    expect(frame).toMatchObject({
      width: 64,
      height: 64,
      bitDepth: 16,
      pixelOrder: 'row-major',
      exposure: 0.3,
      number: 10,
      source: 'synthetic:4',
      pixelPitch: 0.1502,
    })
    expect(frame.time).toBeCloseTo(1000 + 10 * (0.3 + 64 * 80e-6), 9)
    expect(detector.settings.exposure + lime.readoutTime).toBeCloseTo(0.4844, 9)
  })

  test('come one by one from syntheticFrames', async () => {
    const frames: Frame[] = []
    for await (const frame of syntheticFrames({ geometry: test64, frames: 4, seed: 2, first: 3 }))
      frames.push(frame)
    expect(frames.map((f) => f.number)).toEqual([3, 4, 5, 6])
    expect(frames[2]).toEqual(new Detector(test64, {}, 2).frame(5))
  })

  test('of the ORCA-Quest have its size, offset and counts per photon', () => {
    const detector = new Detector({ ...cygno04, width: 256, height: 128, glowDepth: 4 }, {}, 1)
    const { mean, sigma } = moments(detector.pedestalFrame(0).pixels.subarray(256 * 40, 256 * 60))
    expect(mean).toBeGreaterThan(199)
    expect(mean).toBeLessThan(201)
    // 2.69 ADU read noise, 0.69 dark, 0.60 DSNU.
    expect(sigma / Math.hypot(2.69, 0.69, 0.6)).toBeCloseTo(1, 1)
    expect(cygno04.width * cygno04.height).toBe(9437184)
    const spot = detector.deposit({ particle: 'electron', keVee: 6, x: 128, y: 64, z: 25 }, new Random(1))
    const photons = spot.adu / 8.98
    expect(photons).toBeCloseTo(Math.round(photons), 2)
  })
})

describe('the rolling shutter', () => {
  const row = (y: number, time?: number): DepositSpec => ({
    particle: 'helium',
    keVee: 6,
    x: 1152,
    y,
    z: 5,
    time,
  })

  test('lets pass 300 / 484.4 of random flashes and cuts some tracks', () => {
    const detector = new Detector(lime, {}, 3)
    const random = new Random(1)
    let kept = 0
    for (let i = 0; i < 400; i++) {
      const time = random.uniform() * (0.3 + lime.readoutTime)
      if (detector.deposit(row(1152, time), random).adu > 0) kept++
    }
    expect(Math.abs(kept / 400 - 0.619)).toBeLessThan(0.07)
  })

  test('cuts the rows not yet or no longer open', () => {
    const detector = new Detector(lime, {}, 3)
    const whole = detector.deposit(row(1152), new Random(2))
    const early = detector.deposit(row(1152, 0.0922), new Random(2))
    const late = detector.deposit(row(1152, 0.3922), new Random(2))
    expect(early.adu + late.adu).toBe(whole.adu)
    expect(Math.floor(early.pixels[early.pixels.length - 1]! / lime.width)).toBe(1151)
    expect(Math.floor(late.pixels[0]! / lime.width)).toBe(1152)
    expect(detector.deposit(row(1152, 0.01), new Random(2))).toMatchObject({ adu: 0, keVee: 6 })
  })

  test('keeps a named deposit in the truth even when dark, drops a drawn one', () => {
    const detector = new Detector(test256, { exposure: 0.00028 }, 3)
    const specs = Array.from(
      { length: 20 },
      () => ({ particle: 'electron', keVee: 3, x: 100, y: 100 }) as const,
    )
    const truth = detector.frame(0, specs).truth!.deposits
    expect(truth.length).toBe(20)
    expect(truth.some((d) => d.adu === 0)).toBe(true)
    const drawn = detector.frame(1, undefined, { ...busy, meanDeposits: 60 }).truth!.deposits
    expect(drawn.length).toBeLessThan(20)
  })

  test('can be switched off', () => {
    const detector = new Detector(test256, { exposure: 0.00028, rollingShutter: false }, 3)
    const specs = Array.from(
      { length: 10 },
      () => ({ particle: 'electron', keVee: 3, x: 100, y: 100 }) as const,
    )
    expect(detector.frame(0, specs).truth!.deposits.every((d) => d.adu > 0)).toBe(true)
  })
})

describe('deposits', () => {
  const detector = new Detector(lime, {}, 1)

  test('carry both energies, labelled', () => {
    const random = new Random(1)
    const helium = detector.deposit({ particle: 'helium', keVnr: 10 }, random)
    expect(helium.keVnr).toBe(10)
    expect(helium.keVee).toBeCloseTo(7.7, 1)
    const fluorine = detector.deposit({ particle: 'fluorine', keVee: 10 }, random)
    expect(fluorine.keVee).toBe(10)
    expect(fluorine.keVnr).toBeGreaterThan(20)
    expect(detector.deposit({ particle: 'electron', keVee: 3 }, random).keVnr).toBeNull()
    expect(detector.deposit({ particle: 'alpha' }, random)).toMatchObject({ keVee: 5490, keVnr: null })
  })

  test('lose light to vignetting', () => {
    const flat = new Detector(lime, { vignetting: false }, 1)
    const spec = { particle: 'helium', keVee: 6, x: 300, y: 300, z: 25 } as const
    const light = (d: Detector): number => {
      const random = new Random(4)
      return moments(Array.from({ length: 40 }, () => d.deposit(spec, random).adu)).mean
    }
    expect(light(detector) / light(flat)).toBeCloseTo(pixelVignetting(lime, 300, 300), 1)
  })

  test('of muons cross the picture and count what they lost in it', () => {
    const muon = detector.deposit(
      { particle: 'muon', x: 1152, y: 1152, z: 25, direction: [0, 3, 0] },
      new Random(3),
    )
    expect(muon.y).toBeCloseTo(0, 6)
    expect(muon.x).toBeCloseTo(1152, 6)
    expect(muon.keVee).toBeGreaterThan(50)
    expect(muon.keVee).toBeLessThan(140)
    const rowOf = (i: number): number => Math.floor(muon.pixels.at(i)! / lime.width)
    expect(rowOf(0)).toBeLessThan(60)
    expect(rowOf(-1)).toBeGreaterThan(lime.height - 60)
  })

  test('outside the drift gap or the picture leave no light', () => {
    const spec = { particle: 'helium', keVee: 5, x: 1000, y: 1000 } as const
    expect(detector.deposit({ ...spec, z: 51 }, new Random(1)).adu).toBe(0)
    expect(detector.deposit({ ...spec, x: -500, z: 5 }, new Random(1)).adu).toBe(0)
  })

  test('are cropped with and without noise', () => {
    const random = new Random(6)
    const spot = detector.deposit({ particle: 'electron', keVee: 6, x: 700, y: 20, z: 25 }, random)
    const region = regionAround(spot, lime, 64)
    expect(region).toMatchObject({ y: 0, width: 64, height: 64 })
    const light = cropLight(spot, lime.width, region)
    expect(light.reduce((a, b) => a + b, 0) / spot.adu).toBeGreaterThan(0.99)
    const crop = cropFrame(detector.camera, spot, region, random)
    expect(crop.length).toBe(64 * 64)
    const sum = crop.reduce((a, b) => a + b, 0) - 64 * 64 * 100.625
    // The top of the sensor glows, which the crop shows as well.
    expect(sum).toBeGreaterThan(spot.adu)
  })
})

describe('mistakes are refused', () => {
  const detector = new Detector(test64)
  const settings: [string, Partial<DetectorSettings>][] = [
    ['voltage', { voltage: 1000 }],
    ['exposure', { exposure: 0 }],
    ['gain', { gainFactor: Number.NaN }],
    ['field', { driftField: 0.7 as 0.8 }],
  ]
  test.each(settings)('settings: %s', (_, bad) => {
    expect(() => new Detector(test64, bad)).toThrow(expect.objectContaining({ code: 'GG_SETTINGS' }))
  })

  const specs: [string, DepositSpec][] = [
    ['no energy', { particle: 'electron' }],
    ['both energies', { particle: 'helium', keVee: 1, keVnr: 2 }],
    ['nuclear energy of an electron', { particle: 'electron', keVnr: 2 }],
    ['energy of a muon', { particle: 'muon', keVee: 2 }],
    ['negative energy', { particle: 'carbon', keVee: -2 }],
    ['no direction', { particle: 'electron', keVee: 2, direction: [0, 0, 0] }],
  ]
  test.each(specs)('deposits: %s', (_, bad) => {
    expect(() => detector.deposit(bad, new Random(1))).toThrow(
      expect.objectContaining({ code: 'GG_SETTINGS' }),
    )
  })

  const populations: [string, Population][] = [
    ['rate', { ...busy, meanDeposits: -1 }],
    ['margin', { ...busy, margin: -1 }],
    ['weights', { ...busy, parts: [] }],
    [
      'muon lines',
      { ...busy, parts: [{ weight: 1, particle: 'muon', spectrum: { kind: 'lines', lines: [[1, 1]] } }] },
    ],
    [
      'spectrum',
      { ...busy, parts: [{ weight: 1, particle: 'carbon', spectrum: { kind: 'lines', lines: [] } }] },
    ],
    [
      'limits',
      {
        ...busy,
        parts: [{ weight: 1, particle: 'carbon', spectrum: { kind: 'log-uniform', from: 0, to: 2 } }],
      },
    ],
  ]
  test.each(populations)('populations: %s', (_, bad) => {
    expect(() => detector.frame(0, undefined, bad)).toThrow(expect.objectContaining({ code: 'GG_SETTINGS' }))
  })

  test('geometry and frame number', () => {
    expect(() => new Detector({ ...test64, width: 63 })).toThrow(
      expect.objectContaining({ code: 'GG_SETTINGS' }),
    )
    expect(() => detector.frame(-1)).toThrow(expect.objectContaining({ code: 'GG_SETTINGS' }))
  })
})
