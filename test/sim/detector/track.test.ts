import { describe, expect, test } from 'vitest'
import { electronRange, recoilRange } from '../../../sim/detector/index.ts'
import { cosmicDirection, crossing, muonTrack } from '../../../sim/detector/muon.ts'
import { heliumEnergyAt } from '../../../sim/detector/range.ts'
import {
  alphaTrack,
  electronTrack,
  isotropic,
  recoilTrack,
  type Segment,
  trackExtent,
} from '../../../sim/detector/track.ts'
import { Random } from '../../../src/core/random.ts'
import { moments } from './helpers.ts'

const start = [0, 0, 0] as const
const energyOf = (track: readonly Segment[]): number => track.reduce((sum, s) => sum + s.energy, 0)

/** Electrons and helium recoils in He:CF4 60/40 at 1 atm, mm (arXiv 2007.12508, range figure). */
const published = [
  { keV: 1, electron: [0.023, 0.007], helium: [0.022, 0.009] },
  { keV: 3, electron: [0.155, 0.05], helium: [0.062, 0.021] },
  { keV: 6, electron: [0.53, 0.16], helium: [0.114, 0.036] },
  { keV: 10, electron: [1.33, 0.37], helium: [0.181, 0.049] },
  { keV: 30, electron: [8.96, 2.3], helium: [0.444, 0.088] },
  { keV: 60, electron: [31.2, 7.3], helium: [0.738, 0.115] },
  { keV: 100, electron: [74.7, 17], helium: [1.053, 0.132] },
] as const

test.each(published)(
  '3D ranges at $keV keV have the published mean and spread',
  ({ keV, electron, helium }) => {
    const random = new Random(1)
    const extents = (make: () => Segment[]): { mean: number; sigma: number } =>
      moments(Array.from({ length: 250 }, () => trackExtent(make(), start)))
    const e = extents(() => electronTrack(keV, start, isotropic(random), random))
    const he = extents(() => recoilTrack('helium', keV, start, isotropic(random), random))
    for (const [got, [mean, spread]] of [
      [e, electron],
      [he, helium],
    ] as const) {
      expect(Math.abs(got.mean - mean)).toBeLessThan(0.25 * spread)
      // The draw leaves out what lies beyond 2.2 spreads.
      expect(got.sigma / spread).toBeGreaterThan(0.75)
      expect(got.sigma / spread).toBeLessThan(1.1)
    }
  },
)

describe('electron tracks', () => {
  const track = electronTrack(60, start, [1, 0, 0], new Random(4))

  test('keep the energy and ionise more densely towards the end', () => {
    expect(energyOf(track)).toBeCloseTo(60, 9)
    const half = track.length / 2
    expect(energyOf(track.slice(half))).toBeGreaterThan(1.3 * energyOf(track.slice(0, half)))
  })

  test('curl: the path is longer than the range', () => {
    const ratios = Array.from({ length: 60 }, (_, i) => {
      const t = electronTrack(40, start, [1, 0, 0], new Random(i))
      let path = 0
      t.forEach((s, k) => {
        const before = k === 0 ? { x: 0, y: 0, z: 0 } : t[k - 1]!
        path += Math.hypot(s.x - before.x, s.y - before.y, s.z - before.z)
      })
      return trackExtent(t, start) / path
    })
    expect(moments(ratios).mean).toBeGreaterThan(0.62)
    expect(moments(ratios).mean).toBeLessThan(0.78)
  })
})

describe('nuclear recoils', () => {
  test('ionise less and less and stay close to their direction', () => {
    const track = recoilTrack('helium', 60, start, [1, 0, 0], new Random(6))
    const half = track.length / 2
    expect(energyOf(track.slice(0, half))).toBeGreaterThan(energyOf(track.slice(half)))
    const end = track[track.length - 1]!
    expect(end.x).toBeGreaterThan(0.6 * trackExtent(track, start))
  })

  test('of carbon and fluorine are shorter by the ratio of the TRIM layers', () => {
    for (const keV of [5, 20, 80]) {
      const helium = recoilRange('helium', keV).mean
      expect(recoilRange('carbon', keV).mean / helium).toBeCloseTo((18.2 / 57) * keV ** 0.08, 6)
      expect(recoilRange('fluorine', keV).mean / helium).toBeCloseTo((13.2 / 57) * keV ** 0.09, 6)
    }
  })
})

test('ranges grow with energy without a step and invert', () => {
  for (let keV = 0.1; keV < 9000; keV *= 1.05) {
    expect(electronRange(keV * 1.05).mean).toBeGreaterThan(electronRange(keV).mean)
    const { mean } = recoilRange('helium', keV)
    expect(recoilRange('helium', keV * 1.05).mean).toBeGreaterThan(mean)
    expect(heliumEnergyAt(mean) / keV).toBeCloseTo(1, 9)
  }
})

test('an alpha is straight, 3.6 cm long at 5.5 MeV, with its Bragg peak near the end', () => {
  const track = alphaTrack(5490, start, [0, 1, 0], new Random(8))
  const extent = trackExtent(track, start)
  expect(extent).toBeGreaterThan(32)
  expect(extent).toBeLessThan(41)
  expect(Math.hypot(track[track.length - 1]!.x, track[track.length - 1]!.z)).toBeLessThan(0.15 * extent)
  const step = extent / track.length
  const peak = track.reduce((best, s, i) => (s.energy > track[best]!.energy ? i : best), 0)
  expect(peak / track.length).toBeGreaterThan(0.75)
  // SRIM by Bragg's rule: 104 keV/mm at 5.5 MeV, about 230 at the peak.
  expect(track[0]!.energy / step).toBeGreaterThan(85)
  expect(track[0]!.energy / step).toBeLessThan(140)
})

describe('muons', () => {
  const volume = { width: 346, height: 346, depth: 500 }

  test('lose 2.3 to 2.5 keV per cm with a tail to high losses', () => {
    const random = new Random(9)
    const losses = Array.from(
      { length: 400 },
      () => energyOf(muonTrack(volume, [173, 173, 250], [0, 1, 0], random)) / 34.6,
    )
    const { mean } = moments(losses)
    expect(mean).toBeGreaterThan(2.3)
    expect(mean).toBeLessThan(2.5)
    const median = losses.sort((a, b) => a - b)[200]!
    expect(median).toBeLessThan(mean)
  })

  test('cross the whole volume', () => {
    expect(crossing(volume, [173, 173, 250], [0, 1, 0])).toEqual([-173, 173])
    expect(crossing(volume, [-5, 0, 0], [0, 1, 0])).toBeUndefined()
    expect(muonTrack(volume, [-5, 0, 0], [0, 1, 0], new Random(1))).toEqual([])
    const random = new Random(2)
    for (let i = 0; i < 50; i++) expect(cosmicDirection(random)[1]).toBeGreaterThan(0)
  })
})
