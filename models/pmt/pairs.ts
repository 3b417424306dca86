import {
  addLight,
  ChargeHistory,
  Detector,
  type DetectorGeometry,
  digitizers,
  drawDeposit,
  geometries,
  limePmts,
  matchedPopulation,
  type PmtSettings,
  type PulseFeatures,
  pmtWaveforms,
  pulseFeatures,
} from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'
import { recoilClass } from '../../src/frame/truth.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { darkRun } from '../data/dark-run.ts'
import { trainingPlan } from '../data/plan.ts'

/** The middle of LIME: whole frames of it go through the datapath, and long electrons still fit. */
const geometry: DetectorGeometry = {
  ...geometries.lime,
  name: 'middle of LIME',
  width: 320,
  height: 320,
  glowDepth: 1,
}

/** Light yields of the study, photo-electrons of all tubes per keVee. */
export const yields = [30, 100, 1000, 10_000] as const

/** A nuclear (label 1) or electron recoil as camera and photomultipliers see it. */
export interface SeenRecoil {
  readonly label: 0 | 1
  readonly keVee: number
  /** Nine features of its brightest cluster; null when there is none. */
  readonly camera: Float64Array | null
  /** Features of its pulse per light yield; null when nothing is over threshold. */
  readonly pulses: readonly (Float64Array | null)[]
}

export interface PairPlan {
  readonly seed: number
  /** keVee, log-uniform. */
  readonly from: number
  readonly to: number
  /** Drift distance, cm; undefined is anywhere. */
  readonly z: number | undefined
  readonly pairs: number
}

/** The tubes at a light yield: their gain is lowered with much light, so that 40 keVee stay within the digitizer. */
function tubesAt(photoelectronsPerKeV: number): PmtSettings {
  return { ...limePmts, photoelectronsPerKeV, gain: limePmts.gain * Math.min(1, 100 / photoelectronsPerKeV) }
}

/** Makes pairs of a nuclear and an electron recoil of equal keVee, nuclear first. */
export class PairMaker {
  readonly #detector = new Detector(geometry, { vignetting: false, rollingShutter: false }, 31)
  readonly #dark = darkRun(this.#detector, trainingPlan)
  readonly #datapath = new Datapath((_, scores) => void scores.fill(0))
  readonly #history = new ChargeHistory(geometry.pixelPitch)

  pairs(plan: PairPlan): SeenRecoil[] {
    const seen: SeenRecoil[] = []
    const random = new Random(plan.seed)
    const { parts, ...rest } = matchedPopulation({ from: plan.from, to: plan.to })
    for (let i = 0; i < plan.pairs; i++) {
      const own = random.fork('pair', i)
      const keVee = plan.from * (plan.to / plan.from) ** own.uniform()
      for (const label of [1, 0] as const) {
        const wanted = parts.filter(({ particle }) => (recoilClass(particle) === 'nuclear') === (label === 1))
        const { particle } = drawDeposit({ ...rest, parts: wanted }, own)
        seen.push({ label, keVee, ...this.#see({ particle, keVee, z: plan.z }, own.fork('exposure', label)) })
      }
    }
    return seen
  }

  #see(
    spec: Parameters<Detector['deposit']>[0],
    random: Random,
  ): { camera: Float64Array | null; pulses: (Float64Array | null)[] } {
    const middle = geometry.width / 2
    const place = (): number => middle + 8 * (random.uniform() - 0.5)
    this.#history.clear()
    const deposit = this.#detector.deposit({ ...spec, x: place(), y: place() }, random, this.#history.observe)
    const pixels = this.#detector.camera.expose(random.fork('noise'))
    addLight(pixels, deposit)
    const { words, settings } = this.#dark
    const { clusters } = decodeEventPacket(this.#datapath.process(pixels, words, settings, 0, 0))
    const brightest = clusters.reduce<(typeof clusters)[number] | undefined>(
      (best, cluster) => (best === undefined || cluster.sum > best.sum ? cluster : best),
      undefined,
    )
    const pulses = yields.map((photoelectrons) => {
      const tubes = tubesAt(photoelectrons)
      const own = random.fork('pulse', photoelectrons)
      const { waveforms } = pmtWaveforms(this.#history, geometry, tubes, digitizers.v1742, own)
      const features = pulseFeatures(waveforms, digitizers.v1742)
      return features === null ? null : pulseRow(features)
    })
    return { camera: brightest === undefined ? null : Float64Array.from(brightest.features), pulses }
  }
}

/** Lengths and sizes as logarithms. */
function pulseRow(features: PulseFeatures): Float64Array {
  const { integral, timeOverThreshold, duration, skewness, riseTime, fallTime, peakedness } = features
  return Float64Array.of(
    Math.log(integral),
    Math.log(timeOverThreshold),
    Math.log(duration),
    Math.max(-3, Math.min(3, skewness)),
    Math.log(riseTime + 1),
    Math.log(fallTime + 1),
    Math.log(peakedness),
  )
}
