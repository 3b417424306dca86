import type { Random } from '../../src/core/random.ts'
import { driftVelocity, voxelDepth } from './gas.ts'
import { FastNormal } from './gaussian.ts'
import type { DetectorGeometry } from './geometry.ts'
import type { ChargeHistory } from './pmt-charge.ts'
import {
  checkPmts,
  type Digitizer,
  electronsPerKeV,
  lightShares,
  type PmtSettings,
  photoelectronArea,
} from './pmt-settings.ts'

/** The digitized pulse of one deposit. */
export interface PmtPulse {
  /** MS/s. */
  readonly samplingRate: number
  /** Counts of 0 ... 4095 per tube. */
  readonly waveforms: readonly Uint16Array[]
  readonly truth: PmtTruth
}

export interface PmtTruth {
  /** Photo-electrons per tube, also those outside the window. */
  readonly photoelectrons: readonly number[]
  /** ns from the deposit to the first sample; the charge of depth z arrives after z / drift velocity. */
  readonly start: number
}

/** Photo-electrons are placed in this many steps per sample. */
const steps = 4

/**
 * What four photomultipliers on a digitizer record of a deposit: every 0.1 mm of depth gives its charge's light at
 * depth / drift velocity, photo-electrons are Poisson and of unequal gain, each adds the response of the tube; noise,
 * 12 bits. The window is triggered by the first photo-electron. No dark counts, after-pulses or jitter of the transit.
 * @throws GemgateError GG_SETTINGS for tubes or a digitizer that cannot be
 */
export function pmtWaveforms(
  history: ChargeHistory,
  geometry: DetectorGeometry,
  tubes: PmtSettings,
  digitizer: Digitizer,
  random: Random,
  driftField: 0.8 | 0.5 = 0.8,
): PmtPulse {
  checkPmts(tubes, digitizer)
  const step = digitizer.interval / steps
  const { first, means } = arrivals(history, geometry, tubes, step, driftField)
  const drawn = means.map((tube) => Float64Array.from(tube, (mean) => random.poisson(mean)))
  const earliest = Math.min(...drawn.map((tube) => tube.findIndex((n) => n > 0)).filter((at) => at >= 0))
  const trigger = Number.isFinite(earliest) ? earliest : 0
  const start = first + trigger - steps * Math.floor(digitizer.preTrigger * digitizer.samples)
  const noise = new Float32Array(digitizer.samples)
  const normal = new FastNormal(random.fork('noise'))
  const waveforms = drawn.map((tube) => {
    normal.fill(noise)
    return digitize(tube, start - first, noise, tubes, digitizer, random)
  })
  return {
    samplingRate: 1000 / digitizer.interval,
    waveforms,
    truth: {
      photoelectrons: drawn.map((tube) => tube.reduce((sum, n) => sum + n, 0)),
      start: start * step,
    },
  }
}

/** Mean photo-electrons per tube and time step; the first step starts `first` steps after the deposit. */
function arrivals(
  history: ChargeHistory,
  geometry: DetectorGeometry,
  tubes: PmtSettings,
  step: number,
  driftField: 0.8 | 0.5,
): { first: number; means: Float64Array[] } {
  // mm per ns is cm per us over 100.
  const stepsPerSlice = (voxelDepth * 100) / driftVelocity[driftField] / step
  const { columns } = history
  const low = Math.min(...columns.map(({ slice }) => slice))
  const high = Math.max(...columns.map(({ slice, electrons }) => slice + electrons.length))
  if (columns.length === 0) return { first: 0, means: tubes.positions.map(() => new Float64Array(0)) }
  const first = Math.floor(low * stepsPerSlice)
  const length = Math.ceil(high * stepsPerSlice) - first + 1
  const means = tubes.positions.map(() => new Float64Array(length))
  const axis = {
    x: (geometry.width * geometry.pixelPitch) / 2,
    y: (geometry.height * geometry.pixelPitch) / 2,
  }
  for (const { x, y, slice, electrons } of columns) {
    const shares = lightShares(tubes, x - axis.x, y - axis.y)
    electrons.forEach((q, k) => {
      if (q === 0) return
      const from = (slice + k) * stepsPerSlice - first
      const to = from + stepsPerSlice
      const yieldPerStep = ((q / electronsPerKeV) * tubes.photoelectronsPerKeV) / stepsPerSlice
      for (let at = Math.floor(from); at < to; at++) {
        const mean = yieldPerStep * (Math.min(to, at + 1) - Math.max(from, at))
        means.forEach((tube, t) => {
          tube[at]! += mean * shares[t]!
        })
      }
    })
  }
  return { first, means }
}

/** The counts of one tube; its photo-electrons are counted from step 0, the window starts at step `from`. */
function digitize(
  photoelectrons: Float64Array,
  from: number,
  noise: Float32Array,
  tubes: PmtSettings,
  digitizer: Digitizer,
  random: Random,
): Uint16Array {
  const step = digitizer.interval / steps
  const slow = Math.exp(-step / tubes.fall)
  const fast = Math.exp(-step / tubes.rise)
  // The response sums to one, so that a pulse holds its photo-electrons' charge.
  const height = 1 / (1 / (1 - slow) - 1 / (1 - fast))
  const counts = (photoelectronArea(tubes, digitizer) * height) / digitizer.interval
  const out = new Uint16Array(digitizer.samples)
  let falling = 0
  let rising = 0
  for (let sample = 0, at = from; sample < out.length; sample++) {
    let sum = 0
    for (let s = 0; s < steps; s++, at++) {
      const n = at < 0 || at >= photoelectrons.length ? 0 : photoelectrons[at]!
      const charge = n === 0 ? 0 : Math.max(0, n + tubes.gainSpread * Math.sqrt(n) * random.normal())
      falling = falling * slow + charge
      rising = rising * fast + charge
      sum += falling - rising
    }
    const level = digitizer.baseline - counts * sum + digitizer.noise * noise[sample]!
    out[sample] = Math.max(0, Math.min(4095, Math.round(level)))
  }
  return out
}
