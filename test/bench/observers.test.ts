import { beforeAll, describe, expect, it } from 'vitest'
import { type PhysicsConditions, physicsConditions } from '../../bench/physics/conditions.ts'
import { holdsLight } from '../../bench/physics/datapath-runner.ts'
import { countFound, datapathFinder } from '../../bench/physics/efficiency.ts'
import { darkExposures } from '../../bench/physics/empty-frames.ts'
import { type DepositSeries, drawDeposits, exposeDeposits } from '../../bench/physics/exposures.ts'
import { Observers, observerSteps } from '../../bench/physics/observers.ts'
import { calibration, gains, stresses } from '../../bench/physics/plan.ts'
import { weighResidual, weightNoise } from '../../bench/physics/weighted-image.ts'
import { Detector, geometries, stressedCamera } from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'
import { residual } from '../../src/trigger/pixel-stage.ts'

const detector = new Detector(geometries.test256, {}, 31)
const series = { seed: 1, placement: 'sensor', keVee: 2, first: 0, count: 6 } as const
let conditions: PhysicsConditions
let observers: Observers
beforeAll(() => {
  conditions = physicsConditions(detector, { pedestalFrames: 200, noiseFrames: 10, calibration })
  observers = new Observers(detector.geometry, conditions.pedestal, conditions.settings.weights!)
})

describe('every step', () => {
  it.each(observerSteps)('%s: is a signal-to-noise ratio in the dark', (step) => {
    const band = { firstRow: 0, rows: 256 }
    let [squares, count] = [0, 0]
    for (const pixels of darkExposures(detector.camera, { seed: 2, first: 0, count: 8 }))
      for (const value of observers.map(step, pixels, band).values) {
        squares += value * value
        count++
      }
    expect(Math.sqrt(squares / count)).toBeGreaterThan(0.9)
    expect(Math.sqrt(squares / count)).toBeLessThan(1.15)
  })

  it.each(observerSteps)('%s: sees 2 keVee far above the noise where its light is', (step) => {
    for (const exposure of exposeDeposits(detector, series))
      expect(observers.highest(step, exposure)).toBeGreaterThan(8)
  })
})

it('the ideal filter gives the same around a deposit as in whole rows', () => {
  for (const { deposit, band, pixels } of exposeDeposits(detector, series)) {
    const whole = observers.map('ideal', pixels, band)
    const highest = deposit.pixels.reduce(
      (best, pixel) => Math.max(best, whole.values[pixel - band.firstRow * 256]!),
      0,
    )
    expect(observers.highest('ideal', { deposit, band, pixels }) / highest).toBeCloseTo(1, 4)
  }
})

it('weights are those that the logic looks up, with the noise that they have', () => {
  const weights = conditions.settings.weights!
  const random = new Random(4)
  const sigma = 3.25
  const residuals = Float32Array.from({ length: 40_000 }, () => Math.round(16 * sigma * random.normal()) / 16)
  const own = weighResidual(residuals, weights)
  const settings = { weights, clipLow: 1600, clipHigh: 80_000 }
  const word = (52 << 20) | (100 << 4)
  residuals.forEach((value, i) => {
    if (Number.isInteger(value) && value > -100)
      expect(16 * own[i]!).toBe(residual(100 + value, word, settings).search)
  })
  const mean = own.reduce((sum, w) => sum + w, 0) / own.length
  const spread = Math.sqrt(own.reduce((sum, w) => sum + (w - mean) ** 2, 0) / own.length)
  const told = weightNoise(Float32Array.of(sigma, Number.POSITIVE_INFINITY), weights)
  expect(mean / told.sigma[0]!).toBeCloseTo(told.mean[0]! / told.sigma[0]!, 1)
  expect(spread / told.sigma[0]!).toBeCloseTo(1, 1)
  expect(told.sigma[1]).toBe(Number.POSITIVE_INFINITY)
})

it.each(gains)('a light yield of %d times moves the light, in a camera that stays what it is', (gain) => {
  const light = (own: DepositSeries): number =>
    [...drawDeposits(detector, own)].reduce((sum, { deposit }) => sum + deposit.adu, 0)
  expect(light({ ...series, gain, count: 40 }) / light({ ...series, count: 40 }) / gain).toBeCloseTo(1, 1)
  const [moved] = exposeDeposits(detector, { ...series, gain })
  const { firstRow, rows } = moved!.band
  const dark = detector.camera.mean.subarray(firstRow * 256, (firstRow + rows) * 256)
  const residuals = Array.from(moved!.pixels, (pixel, i) => pixel - dark[i]!).sort((a, b) => a - b)
  expect(Math.abs(residuals[residuals.length >> 1]!)).toBeLessThan(0.5)
})

it.each(stresses)('stress $name is another camera', ({ camera }) => {
  const stressed = stressedCamera(detector.camera, camera, new Random(1))
  const same = (['mean', 'sigma'] as const).every((map) =>
    stressed[map].every((value, i) => value === detector.camera[map][i]),
  )
  expect(same).toBe(false)
})

describe('the datapath', () => {
  it('finds 2 keVee and nothing where it does not look', () => {
    const blind = { ...conditions, settings: { ...conditions.settings, thresholdHigh: 33554431 } }
    const finders = [datapathFinder(conditions), datapathFinder(blind)]
    expect(countFound(detector, series, finders)).toEqual([
      { keVee: 2, found: 6, tried: 6 },
      { keVee: 2, found: 0, tried: 6 },
    ])
  })

  it('takes a box for a find only with light in it', () => {
    const [exposure] = exposeDeposits(detector, series)
    const { deposit, band } = exposure!
    const box = { x0: 0, y0: 0, x1: 63, y1: 63 } as Parameters<typeof holdsLight>[0][number]
    const size = { width: 256, binning: 4 }
    expect(holdsLight([box], deposit, band, size)).toBe(true)
    expect(holdsLight([{ ...box, y0: 63 }], deposit, { ...band, firstRow: 200 }, size)).toBe(false)
    expect(holdsLight([], deposit, band, size)).toBe(false)
  })
})
