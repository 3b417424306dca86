import { describe, expect, it } from 'vitest'
import { CropTrigger, litRegion } from '../../models/data/crop-trigger.ts'
import { darkRun } from '../../models/data/dark-run.ts'
import { triggerEfficiency } from '../../models/data/efficiency.ts'
import { generateRecoils, particles } from '../../models/data/generate.ts'
import { type RecoilPlan, testPlan, trainingPlan } from '../../models/data/plan.ts'
import { addLight, Detector, geometries } from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'

const small: RecoilPlan = {
  ...trainingPlan,
  geometry: geometries.test256,
  recoils: 60,
  others: 2,
  from: 5,
  to: 20,
}

describe('plans', () => {
  it('train and test on other deposits, other cameras and other light yields', () => {
    expect(testPlan.seed).not.toBe(trainingPlan.seed)
    expect(testPlan.cameraSeed).not.toBe(trainingPlan.cameraSeed)
    expect(testPlan.gains.filter((gain) => trainingPlan.gains.includes(gain))).toEqual([])
    expect([testPlan.from, testPlan.to]).toEqual([trainingPlan.from, trainingPlan.to])
  })
})

describe('generated clusters', () => {
  const { sample, attempts } = generateRecoils(small)

  it('have one nuclear and one electron recoil of each energy and light yield', () => {
    const recoils = attempts.slice(0, small.recoils)
    for (let i = 0; i < recoils.length; i += 2) {
      expect(['helium', 'carbon', 'fluorine']).toContain(recoils[i]!.particle)
      expect(recoils[i + 1]!.particle).toBe('electron')
      // A recoil's energy goes through its quenching factor and back.
      expect(recoils[i]!.keVee).toBeCloseTo(recoils[i + 1]!.keVee, 6)
      expect(recoils[i]!.keVee).toBeGreaterThanOrEqual(5)
      expect(recoils[i]!.keVee).toBeLessThan(20)
    }
    expect(new Set(sample.gains).size).toBe(small.gains.length)
  })

  it('are one per recoil that was found and every one of the others', () => {
    const found = attempts.slice(0, small.recoils).filter(({ clusters }) => clusters > 0).length
    expect(found).toBeGreaterThan(0.9 * small.recoils)
    const other = attempts.slice(small.recoils).reduce((sum, { clusters }) => sum + clusters, 0)
    expect(sample.labels.filter((label) => label === 2).length).toBe(other)
    expect(sample.labels.length).toBe(found + other)
    sample.labels.forEach((label, i) => {
      const name = particles[sample.particles[i]!]!
      expect(label).toBe(name === 'electron' ? 1 : name === 'alpha' || name === 'muon' ? 2 : 0)
    })
  })

  it('follow from the seed', () => {
    const again = generateRecoils(small).sample
    expect(again).toEqual(sample)
    const other = generateRecoils({ ...small, seed: small.seed + 1 }).sample
    expect(other.features).not.toEqual(sample.features)
  })

  it('count into efficiencies', () => {
    const bins = triggerEfficiency(
      [
        { particle: 'helium', keVee: 1.5, clusters: 0 },
        { particle: 'carbon', keVee: 1.5, clusters: 1 },
        { particle: 'electron', keVee: 2, clusters: 3 },
        { particle: 'muon', keVee: 2, clusters: 1 },
      ],
      [1, 2, 4],
    )
    expect(bins[0]!.nuclear).toEqual({ deposits: 2, found: 1, split: 0 })
    expect(bins[0]!.electron.deposits).toBe(0)
    expect(bins[1]!.electron).toEqual({ deposits: 1, found: 1, split: 1 })
  })
})

describe('a crop', () => {
  it('gives the features that the whole frame gives', () => {
    const detector = new Detector(geometries.test256, {}, 7)
    const { width, height } = detector.geometry
    const dark = darkRun(detector, small)
    const trigger = new CropTrigger(dark)
    const random = new Random(8)
    for (let i = 0; i < 24; i++) {
      const own = random.fork(i)
      const keVee = 1 + own.uniform() * 30
      const deposit = detector.deposit({ particle: i % 2 === 0 ? 'electron' : 'fluorine', keVee }, own)
      const frame = detector.pedestalFrame(100 + i).pixels
      addLight(frame, deposit)
      const region = litRegion(deposit, detector.geometry)!
      expect([region.x % 4, region.y % 4, region.width % 4, region.height % 4]).toEqual([0, 0, 0, 0])
      const crop = new Uint16Array(region.width * region.height)
      for (let j = 0; j < region.height; j++) {
        const from = (region.y + j) * width + region.x
        crop.set(frame.subarray(from, from + region.width), j * region.width)
      }
      const whole = trigger.clustersOf(deposit, frame, { x: 0, y: 0, width, height })
      const cut = trigger.clustersOf(deposit, crop, region)
      expect(cut.map(({ cluster }) => cluster.features)).toEqual(whole.map(({ cluster }) => cluster.features))
    }
  })

  it('of a dark deposit is none', () => {
    const detector = new Detector(geometries.test64, {}, 7)
    const deposit = detector.deposit({ particle: 'electron', keVee: 1, x: -500, y: 5, z: 5 }, new Random(1))
    expect(litRegion(deposit, detector.geometry)).toBeUndefined()
  })
})
