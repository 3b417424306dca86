import { describe, expect, test } from 'vitest'
import { driftVelocity } from '../../../sim/detector/gas.ts'
import {
  ChargeHistory,
  type DepositSpec,
  Detector,
  type DetectorSettings,
  type Digitizer,
  digitizers,
  geometries,
  lightShares,
  limePmts,
  type PmtPulse,
  pmtWaveforms,
  pulseFeatures,
  totalSpread,
} from '../../../sim/detector/index.ts'
import { electronsPerKeV, photoelectronArea } from '../../../sim/detector/pmt-settings.ts'
import { Random } from '../../../src/core/random.ts'
import { moments } from './helpers.ts'

const geometry = { ...geometries.lime, name: 'middle of LIME', width: 320, height: 320 }
const calm = { vignetting: false, rollingShutter: false }
const { v1742, v1720 } = digitizers

/** ns that electrons take for 1 mm. */
const perMillimetre = 100 / driftVelocity[0.8]

/** The charge of one deposit, in the middle unless `spec` says otherwise. */
function drift(spec: DepositSpec, seed: number, settings: Partial<DetectorSettings> = {}): ChargeHistory {
  const history = new ChargeHistory(geometry.pixelPitch)
  const detector = new Detector(geometry, { ...calm, ...settings }, 1)
  detector.deposit({ x: 160, y: 160, ...spec }, new Random(seed), history.observe)
  return history
}

/** Charge worth `keV` at the depths `slices` of 0.1 mm, in the middle of the picture. */
function placed(keV: number, ...slices: number[]): ChargeHistory {
  const history = new ChargeHistory(geometry.pixelPitch)
  for (const slice of slices) {
    const electrons = Float64Array.of(keV * electronsPerKeV)
    history.observe(159, 160, 2, 1, Float64Array.of(electrons[0]! / 2, electrons[0]! / 2), slice, electrons)
  }
  return history
}

function quiet(digitizer: Digitizer): Digitizer {
  return { ...digitizer, noise: 0 }
}

/** Counts below the baseline, all tubes. */
function light({ waveforms }: PmtPulse, digitizer: Digitizer): number[] {
  return Array.from({ length: digitizer.samples }, (_, i) =>
    waveforms.reduce((sum, waveform) => sum + digitizer.baseline - waveform[i]!, 0),
  )
}

/** Mean time of a pulse after the deposit, ns. */
function meanTime(pulse: PmtPulse, digitizer: Digitizer): number {
  const counts = light(pulse, digitizer)
  const total = counts.reduce((sum, v) => sum + v, 0)
  const centre = counts.reduce((sum, v, i) => sum + v * (i + 0.5), 0) / total
  return pulse.truth.start + centre * digitizer.interval
}

describe('charge by depth', () => {
  test('is the charge that lights the picture, block by block, also of a long track', () => {
    const detector = new Detector(geometry, calm, 1)
    const spec: DepositSpec = { particle: 'muon', x: 160, y: 160, z: 25, direction: [1, 0.5, 3] }
    let blocks = 0
    const seen = detector.deposit(spec, new Random(4), (_x, _y, width, height, charge, _slice, slices) => {
      const image = charge.subarray(0, width * height).reduce((sum, q) => sum + q, 0)
      expect(slices.reduce((sum, q) => sum + q, 0)).toBeCloseTo(image, -image * 1e-12)
      blocks++
    })
    expect(blocks).toBeGreaterThan(10)
    expect(seen).toEqual(new Detector(geometry, calm, 1).deposit(spec, new Random(4)))
  })

  test('lies at the depth of the deposit and spreads by sigma_L', () => {
    for (const z of [5, 40]) {
      // Little gain: saturation would flatten and so widen the cloud.
      const history = Array.from({ length: 20 }, (_, i) =>
        drift({ particle: 'helium', keVee: 20, z, direction: [1, 0, 0] }, i, { voltage: 360 }).moments(),
      )
      expect(moments(history.map(({ mean }) => mean)).mean).toBeCloseTo(10 * z, 0)
      const rms = Math.sqrt(moments(history.map((h) => h.rms ** 2)).mean)
      expect(rms / totalSpread(z, 0.8).longitudinal).toBeGreaterThan(0.96)
      expect(rms / totalSpread(z, 0.8).longitudinal).toBeLessThan(1.04)
    }
  })
})

describe('shares', () => {
  test('are a quarter each on the axis and fall with the fourth power of the distance', () => {
    for (const share of lightShares(limePmts, 0, 0)) expect(share).toBeCloseTo(0.25, 12)
    const below = lightShares(limePmts, -142, 142)
    expect(below[0]! / below[1]!).toBeCloseTo((1 + (284 / 190) ** 2) ** 2, 9)
    expect(below[0]! / below[2]!).toBeCloseTo((1 + (2 * 284 ** 2) / 190 ** 2) ** 2, 9)
    expect(below[1]).toBeCloseTo(below[3]!, 12)
  })
})

describe('waveforms', () => {
  test('hold the charge of their photo-electrons', () => {
    const tubes = { ...limePmts, gainSpread: 0 }
    for (const digitizer of [quiet(v1742), quiet(v1720)]) {
      const pulse = pmtWaveforms(placed(5, 1000, 1200), geometry, tubes, digitizer, new Random(1))
      pulse.waveforms.forEach((waveform, t) => {
        const counts = waveform.reduce((sum, v) => sum + digitizer.baseline - v, 0)
        const charge = pulse.truth.photoelectrons[t]! * photoelectronArea(tubes, digitizer)
        expect((counts * digitizer.interval) / charge).toBeCloseTo(1, 1.7)
      })
    }
  })

  test('have Poisson numbers of photo-electrons, proportional to charge and yield', () => {
    const counts = Array.from(
      { length: 300 },
      (_, i) =>
        pmtWaveforms(placed(2, 500), geometry, limePmts, v1742, new Random(i)).truth.photoelectrons[2]!,
    )
    const { mean, sigma } = moments(counts)
    expect(Math.abs(mean - 50)).toBeLessThan(3 * Math.sqrt(50 / 300))
    expect(Math.abs(sigma ** 2 / 50 - 1)).toBeLessThan(3 * Math.sqrt(2 / 300))
  })

  test('spread each photo-electron by the gain', () => {
    const tubes = { ...limePmts, gainSpread: 0.5, photoelectronsPerKeV: 400, gain: 1e6 }
    const relative = Array.from({ length: 200 }, (_, i) => {
      const pulse = pmtWaveforms(placed(1, 500), geometry, tubes, quiet(v1742), new Random(i))
      const counts = pulse.waveforms[0]!.reduce((sum, v) => sum + v1742.baseline - v, 0)
      const n = pulse.truth.photoelectrons[0]!
      return ((counts * v1742.interval) / photoelectronArea(tubes, v1742) - n) / Math.sqrt(n)
    })
    expect(moments(relative).sigma).toBeGreaterThan(0.4)
    expect(moments(relative).sigma).toBeLessThan(0.6)
  })

  test('arrive after depth / drift velocity, and the response', () => {
    const tubes = { ...limePmts, photoelectronsPerKeV: 10_000, gain: 1e4 }
    for (const [field, slice] of [
      [0.8, 100],
      [0.8, 4000],
      [0.5, 4000],
    ] as const) {
      const pulse = pmtWaveforms(placed(20, slice), geometry, tubes, quiet(v1742), new Random(1), field)
      const expected = ((slice + 0.5) * 0.1 * 100) / driftVelocity[field] + tubes.rise + tubes.fall
      expect(Math.abs(meanTime(pulse, v1742) - expected)).toBeLessThan(0.3)
    }
  })

  test('start before the first photo-electron by the time before the trigger', () => {
    const pulse = pmtWaveforms(placed(30, 1000, 1300), geometry, limePmts, quiet(v1742), new Random(1))
    const first = light(pulse, v1742).findIndex((v) => v > 0)
    expect(first).toBeGreaterThanOrEqual(409)
    expect(first).toBeLessThan(412)
  })

  test('get wider with the drift as sigma_L says', () => {
    const tubes = { ...limePmts, photoelectronsPerKeV: 3000, gain: 5e4 }
    for (const z of [5, 45]) {
      const variances = Array.from({ length: 15 }, (_, i) => {
        const history = drift({ particle: 'helium', keVee: 20, z, direction: [1, 0, 0] }, i, { voltage: 420 })
        const pulse = pmtWaveforms(history, geometry, tubes, v1742, new Random(i))
        return (
          pulseFeatures(pulse.waveforms, v1742)!.duration ** 2 - (history.moments().rms * perMillimetre) ** 2
        )
      })
      // What is left is the response, and a little of the running cut.
      expect(moments(variances).mean).toBeGreaterThan(0.6 * (tubes.rise ** 2 + tubes.fall ** 2))
      expect(moments(variances).mean).toBeLessThan(1.4 * (tubes.rise ** 2 + tubes.fall ** 2))
    }
  })

  test('clip at the ends of 12 bits', () => {
    const tubes = { ...limePmts, photoelectronsPerKeV: 1e5 }
    const [waveform] = pmtWaveforms(placed(50, 1000), geometry, tubes, v1742, new Random(1)).waveforms
    expect(waveform!.reduce((low, v) => Math.min(low, v), 4095)).toBe(0)
    const loud = { ...v1742, baseline: 4090, noise: 30 }
    const [noise] = pmtWaveforms(placed(0, 0), geometry, limePmts, loud, new Random(1)).waveforms
    expect(noise!.reduce((high, v) => Math.max(high, v), 0)).toBe(4095)
  })

  test('repeat by seed', () => {
    const history = drift({ particle: 'electron', keVee: 5.9, z: 25 }, 1)
    const make = (seed: number): PmtPulse =>
      pmtWaveforms(history, geometry, limePmts, v1742, new Random(seed))
    expect(make(3)).toEqual(make(3))
    expect(make(3)).not.toEqual(make(4))
    expect(make(3).samplingRate).toBeCloseTo(750, 9)
  })

  test('of nothing are noise on the baseline', () => {
    const empty = new ChargeHistory(geometry.pixelPitch)
    const pulse = pmtWaveforms(empty, geometry, limePmts, v1742, new Random(1))
    expect(pulse.truth.photoelectrons).toEqual([0, 0, 0, 0])
    const { mean, sigma } = moments(pulse.waveforms[1]!)
    expect(mean).toBeCloseTo(v1742.baseline, 0)
    // Rounding adds a twelfth.
    expect(Math.abs(sigma ** 2 - 13 / 12)).toBeLessThan(0.2)
    expect(pulseFeatures(pulse.waveforms, v1742)).toBeNull()
    expect(empty.moments().electrons).toBe(0)
  })

  test('refuse tubes and digitizers that cannot be', () => {
    for (const [tubes, digitizer] of [
      [{ fall: 1 }, {}],
      [{ photoelectronsPerKeV: Number.NaN }, {}],
      [{}, { samples: 0 }],
      [{}, { baseline: 5000 }],
    ])
      expect(() =>
        pmtWaveforms(
          placed(1, 1),
          geometry,
          { ...limePmts, ...tubes },
          { ...v1742, ...digitizer },
          new Random(1),
        ),
      ).toThrow(expect.objectContaining({ code: 'GG_SETTINGS' }))
  })
})

describe('against published pulses', () => {
  test('5.9 keV spots stay below 250 ns over threshold, wherever they drift from (LEMON)', () => {
    for (let i = 0; i < 12; i++) {
      const history = drift({ particle: 'electron', keVee: 5.9, z: 2 + 4 * i }, i)
      const pulse = pmtWaveforms(history, geometry, limePmts, v1742, new Random(i))
      const { timeOverThreshold } = pulseFeatures(pulse.waveforms, v1742)!
      expect(timeOverThreshold).toBeGreaterThan(30)
      expect(timeOverThreshold).toBeLessThan(250)
    }
  })

  test('a muon along the drift lasts as long as the drift', () => {
    const history = drift({ particle: 'muon', z: 25, direction: [0.01, 0, 1] }, 2)
    const pulse = pmtWaveforms(history, geometry, limePmts, v1720, new Random(1))
    const { timeOverThreshold } = pulseFeatures(pulse.waveforms, v1720)!
    const whole = 500 * perMillimetre
    expect(timeOverThreshold).toBeGreaterThan(whole - 60)
    expect(timeOverThreshold).toBeLessThan(whole + 120)
  })
})

describe('features', () => {
  /** A pulse in `counts` from sample 500 on, on a slightly noisy baseline. */
  function features(counts: readonly number[]): NonNullable<ReturnType<typeof pulseFeatures>> {
    const random = new Random(1)
    const waveform = Array.from(
      { length: v1742.samples },
      (_, i) => 3900 - (counts[i - 500] ?? 0) + 0.1 * random.normal(),
    )
    return pulseFeatures([waveform, waveform], v1742)!
  }

  const ramp = Array.from({ length: 60 }, (_, i) => 10 * i)

  test('of a box are its area, length and no skewness', () => {
    const box = features(Array.from({ length: 90 }, () => 200))
    expect(box.integral / (2 * 200 * 90 * v1742.interval)).toBeCloseTo(1, 2)
    expect(box.duration).toBeCloseTo((90 * v1742.interval) / Math.sqrt(12), 0)
    expect(box.skewness).toBeCloseTo(0, 1)
    expect(Math.abs(box.timeOverThreshold - 90 * v1742.interval)).toBeLessThan(10)
    expect(box.peakedness).toBeCloseTo(1 / (90 * v1742.interval), 3)
  })

  test('tell rise from fall', () => {
    const [up, down] = [features(ramp), features(ramp.toReversed())]
    expect(up.riseTime).toBeCloseTo(down.fallTime, 6)
    expect(up.fallTime).toBeCloseTo(down.riseTime, 6)
    expect(up.riseTime).toBeGreaterThan(4 * up.fallTime)
    expect(up.skewness).toBeCloseTo(-down.skewness, 2)
    expect(up.skewness).toBeLessThan(-0.4)
  })

  test('leave out what is over threshold far from the pulse', () => {
    const alone = features(ramp)
    const disturbed = features([...ramp, ...new Array<number>(200).fill(0), 30, 30, 30])
    expect(disturbed.timeOverThreshold).toBe(alone.timeOverThreshold)
    expect(disturbed.duration).toBeCloseTo(alone.duration, 1)
  })
})
