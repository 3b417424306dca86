import { describe, expect, it } from 'vitest'
import { exposeBand, litBand } from '../../models/data/band.ts'
import { BandTrigger } from '../../models/data/band-trigger.ts'
import { darkRun } from '../../models/data/dark-run.ts'
import { triggerEfficiency } from '../../models/data/efficiency.ts'
import { generateRecoils } from '../../models/data/generate.ts'
import { cropSide, cropSize, macroCrop } from '../../models/data/macro-crop.ts'
import {
  countRecoils,
  fixedDriftPlan,
  type RecoilPlan,
  testPlan,
  trainingPlan,
} from '../../models/data/plan.ts'
import { particles } from '../../models/data/sample.ts'
import { addLight, Detector, geometries } from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'

const small: RecoilPlan = {
  ...trainingPlan,
  geometry: geometries.test256,
  recoils: [
    { from: 5, to: 10, pairs: 10 },
    { from: 10, to: 20, pairs: 20 },
  ],
  others: 2,
  pedestalFrames: 12,
  noiseFrames: 3,
}

describe('plans', () => {
  it('train and test on other deposits, other cameras and other light yields', () => {
    const seeds = [trainingPlan, testPlan, fixedDriftPlan].map(({ seed }) => seed)
    expect(new Set(seeds).size).toBe(3)
    for (const plan of [testPlan, fixedDriftPlan]) {
      expect(plan.cameraSeed).not.toBe(trainingPlan.cameraSeed)
      expect(plan.gains.filter((gain) => trainingPlan.gains.includes(gain))).toEqual([])
      expect(plan.geometry.readNoise).toBeGreaterThan(trainingPlan.geometry.readNoise)
    }
  })

  it('train in the range in which they test', () => {
    const reach = ({ recoils }: RecoilPlan): number[] => [
      Math.min(...recoils.map(({ from }) => from)),
      Math.max(...recoils.map(({ to }) => to)),
    ]
    expect(reach(testPlan)).toEqual(reach(trainingPlan))
    expect(reach(fixedDriftPlan)).toEqual(reach(trainingPlan))
  })
})

describe('generated clusters', () => {
  const { sample, attempts } = generateRecoils(small)
  const recoils = attempts.slice(0, countRecoils(small))

  it('have one nuclear and one electron recoil of each energy and light yield', () => {
    for (let i = 0; i < recoils.length; i += 2) {
      expect(['helium', 'carbon', 'fluorine']).toContain(recoils[i]!.particle)
      expect(recoils[i + 1]!.particle).toBe('electron')
      // A recoil's energy goes through its quenching factor and back.
      expect(recoils[i]!.keVee).toBeCloseTo(recoils[i + 1]!.keVee, 6)
      const { from, to } = small.recoils[i < 20 ? 0 : 1]!
      expect(recoils[i]!.keVee).toBeGreaterThanOrEqual(from * (1 - 1e-9))
      expect(recoils[i]!.keVee).toBeLessThan(to)
    }
    expect(new Set(sample.gains).size).toBe(small.gains.length)
  })

  it('are one per recoil that was found and every one of the others', () => {
    const found = recoils.filter(({ clusters }) => clusters > 0).length
    expect(found).toBeGreaterThan(0.85 * recoils.length)
    const other = attempts.slice(recoils.length).reduce((sum, { clusters }) => sum + clusters, 0)
    expect(sample.labels.filter((label) => label === 2).length).toBe(other)
    expect(sample.labels.length).toBe(found + other)
    sample.labels.forEach((label, i) => {
      const name = particles[sample.particles[i]!]!
      expect(label).toBe(name === 'electron' ? 1 : name === 'alpha' || name === 'muon' ? 2 : 0)
    })
  })

  it('have their light in the middle of their crops', () => {
    expect(sample.crops.length).toBe(sample.labels.length * cropSize)
    sample.labels.forEach((label, i) => {
      if (label === 2 || sample.sums[i]! < 2000) return
      const crop = sample.crops.subarray(i * cropSize, (i + 1) * cropSize)
      let middle = 0
      for (let j = 8; j < 24; j++) for (let k = 8; k < 24; k++) middle += crop[j * cropSide + k]!
      expect(middle).toBeGreaterThan(0.5 * sample.sums[i]!)
    })
  })

  it('lie in the drift volume, or where the plan says', () => {
    expect(Math.min(...sample.z)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...sample.z)).toBeLessThanOrEqual(50)
    expect(new Set(sample.z).size).toBeGreaterThan(10)
    const fixed = generateRecoils({ ...small, z: 25, recoils: [{ from: 10, to: 20, pairs: 3 }], others: 0 })
    expect(new Set(fixed.sample.z)).toEqual(new Set([25]))
  })

  it('follow from the seed', () => {
    const tiny: RecoilPlan = { ...small, recoils: [{ from: 10, to: 20, pairs: 4 }], others: 1 }
    const made = (seed: number) => generateRecoils({ ...tiny, seed }).sample
    expect(made(5)).toEqual(made(5))
    expect(made(6).features).not.toEqual(made(5).features)
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

describe('a band', () => {
  const detector = new Detector(geometries.test256, {}, 7)
  const { width, height } = detector.geometry
  const dark = darkRun(detector, small)
  const trigger = new BandTrigger(dark)

  it('gives the features that the whole frame gives', () => {
    const random = new Random(8)
    for (let i = 0; i < 24; i++) {
      const own = random.fork(i)
      const keVee = 1 + own.uniform() * 30
      const deposit = detector.deposit({ particle: i % 2 === 0 ? 'electron' : 'fluorine', keVee }, own)
      const frame = detector.pedestalFrame(100 + i).pixels
      addLight(frame, deposit)
      const band = litBand([deposit], detector.geometry)!
      expect([band.firstRow % 32, band.rows % 32]).toEqual([0, 0])
      const whole = trigger.process(frame, { firstRow: 0, rows: height })
      const first = band.firstRow * width
      const cut = trigger.process(frame.slice(first, first + band.rows * width), band)
      const features = (event: typeof whole) =>
        trigger.clustersOf(deposit, event).map(({ cluster }) => cluster.features)
      expect(features(cut)).toEqual(features(whole))
    }
  })

  it('of dark deposits is none', () => {
    const deposit = detector.deposit({ particle: 'electron', keVee: 1, x: -900, y: 5, z: 5 }, new Random(1))
    expect(litBand([deposit], detector.geometry)).toBeUndefined()
  })

  it('holds the light of all deposits', () => {
    const random = new Random(3)
    const deposits = [40, 160].map((y) =>
      detector.deposit({ particle: 'electron', keVee: 8, x: 100, y, z: 5 }, random),
    )
    const band = litBand(deposits, detector.geometry)!
    const light = exposeBand(detector.camera, deposits, band, new Random(4))
    const empty = exposeBand(detector.camera, [], band, new Random(4))
    const sum = light.reduce((total, pixel, i) => total + pixel - empty[i]!, 0)
    expect(sum / (deposits[0]!.adu + deposits[1]!.adu)).toBeCloseTo(1, 1)
  })
})

describe('a crop', () => {
  it('has the centre of the cluster at column and row 16, zeros outside the image, contents within int16', () => {
    const columns = 40
    const content = Int32Array.from({ length: columns * 36 }, (_, i) => i + 1)
    content[5 * columns + 7] = 100_000
    const crop = macroCrop({ content, columns }, { w: 10, wx: 68, wy: 52 })
    expect(crop[16 * cropSide + 16]).toBe(32767)
    expect(crop[16 * cropSide + 17]).toBe(5 * columns + 9)
    expect(crop[10 * cropSide + 16]).toBe(0)
    expect(crop[16 * cropSide + 8]).toBe(0)
    expect(crop[11 * cropSide + 9]).toBe(1)
  })
})
