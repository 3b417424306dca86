import { expect, test } from 'vitest'
import {
  electronEquivalent,
  gemGain,
  geometries,
  openRows,
  pixelVignetting,
  quenchingFactor,
  recoilEnergy,
  totalSpread,
  vignetting,
} from '../../../sim/detector/index.ts'
import { photonsPerCharge } from '../../../sim/detector/optics.ts'

test('Lindhard quenching factors are those of the table', () => {
  const energies = [1, 3, 5, 10, 20, 30, 50, 100]
  const table = {
    helium: [0.42, 0.58, 0.66, 0.77, 0.86, 0.9, 0.93, 0.96],
    carbon: [0.26, 0.32, 0.36, 0.43, 0.52, 0.58, 0.66, 0.77],
    fluorine: [0.23, 0.27, 0.3, 0.35, 0.41, 0.46, 0.53, 0.63],
  } as const
  for (const species of ['helium', 'carbon', 'fluorine'] as const) {
    energies.forEach((keV, i) => {
      expect(Math.abs(quenchingFactor(species, keV) - table[species][i]!)).toBeLessThan(0.0151)
    })
    for (const keVnr of [0.3, 2, 17, 90]) {
      expect(recoilEnergy(species, electronEquivalent(species, keVnr)) / keVnr).toBeCloseTo(1, 6)
    }
    expect(recoilEnergy(species, 0)).toBe(0)
  }
})

test('vignetting is that of the LIME map', () => {
  for (const [rho, light] of [
    [0.05, 0.997],
    [0.55, 0.876],
    [0.95, 0.65],
    [1.35, 0.307],
  ] as const)
    expect(Math.abs(vignetting(rho) - light)).toBeLessThan(0.01)
  expect(vignetting(3)).toBe(0)
  expect(pixelVignetting(geometries.lime, 1151, 1151)).toBeCloseTo(1, 5)
  expect(pixelVignetting(geometries.lime, 0, 1151)).toBeCloseTo(0.615, 2)
  expect(pixelVignetting(geometries.test64, 0, 31)).toBeCloseTo(0.62, 1)
})

test('gain, diffusion and optics have the constants of 2025', () => {
  expect(gemGain(440)).toBeCloseTo(295.7, 0)
  for (const [z, sigma] of [
    [5, 0.45],
    [25, 0.7],
    [45, 0.88],
  ] as const)
    expect(Math.abs(totalSpread(z, 0.8).transverse - sigma)).toBeLessThan(0.01)
  expect(totalSpread(25, 0.5).transverse).toBeGreaterThan(totalSpread(25, 0.8).transverse)
  expect(photonsPerCharge(geometries.lime) / 0.07).toBeCloseTo(1.192e-4, 6)
})

test('the rolling shutter opens each row for one exposure', () => {
  const { lime } = geometries
  const step = 0.0005
  const open = new Float64Array(lime.height)
  for (let time = step / 2; time < 0.3 + lime.readoutTime; time += step) {
    const { first, end } = openRows(lime, 0.3, time)
    for (let row = first; row < end; row++) open[row]! += step
  }
  for (const row of [0, 700, 1500, 2303]) expect(open[row]).toBeCloseTo(0.3, 2)
  // All rows are open together for 300 - 184.4 ms.
  expect(openRows(lime, 0.3, 0.2)).toEqual({ first: 0, end: 2304 })
  expect(openRows(lime, 0.3, 0.0922)).toEqual({ first: 0, end: 1152 })
  expect(openRows(lime, 0.3, 0.3922)).toEqual({ first: 1152, end: 2304 })
  expect(openRows({ ...lime, readoutTime: 0 }, 0.3, 0.1)).toEqual({ first: 0, end: 2304 })
})
