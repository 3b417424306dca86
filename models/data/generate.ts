import {
  cropFrame,
  Detector,
  defaultPopulation,
  drawDeposit,
  matchedPopulation,
  type Population,
} from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'
import { type Deposit, type Particle, type RecoilClass, recoilClass } from '../../src/frame/truth.ts'
import type { Cluster } from '../../src/trigger/event-packet.ts'
import { classNames, featureCount, type RecoilData } from '../training/data.ts'
import { CropTrigger, litRegion } from './crop-trigger.ts'
import { type DarkRun, darkRun } from './dark-run.ts'
import type { RecoilPlan } from './plan.ts'

/** Values of `RecoilSample.particles`. */
export const particles = ['electron', 'helium', 'carbon', 'fluorine', 'alpha', 'muon'] as const

/**
 * Labelled clusters with what made them: of a recoil the one with most of its light, of an alpha or a muon (which
 * falls into a dozen) every one, for each is classified. Their `keVee` is what they hold of the deposit's energy.
 */
export interface RecoilSample extends RecoilData {
  /** `[n]`: index in `particles`. */
  readonly particles: Uint8Array
  /** `[n]`: light yield relative to nominal. */
  readonly gains: Float32Array
}

/** One simulated deposit and how many clusters the trigger made of it. */
export interface Attempt {
  readonly particle: Particle
  readonly keVee: number
  readonly clusters: number
}

export interface Generated {
  readonly sample: RecoilSample
  /** Every deposit, found or not. */
  readonly attempts: readonly Attempt[]
  readonly dark: DarkRun
}

/** The parts of a population whose particles are of one class. */
function only(population: Population, wanted: RecoilClass): Population {
  return { ...population, parts: population.parts.filter(({ particle }) => recoilClass(particle) === wanted) }
}

/**
 * Deposit `i` of a plan. Recoils come in pairs, a nuclear and an electron recoil of the same keVee and light yield, so
 * that the spectra are equal not only on average.
 */
function drawPlanned(plan: RecoilPlan, i: number, random: Random): ReturnType<typeof drawDeposit> {
  if (i >= plan.recoils) return drawDeposit(only(defaultPopulation, 'other'), random)
  const matched = matchedPopulation({ from: plan.from, to: plan.to })
  const { particle } = drawDeposit(only(matched, i % 2 === 0 ? 'nuclear' : 'electron'), random)
  const pair = new Random(plan.seed).fork('pair', i >> 1)
  return { particle, keVee: plan.from * (plan.to / plan.from) ** pair.uniform() }
}

/**
 * Simulates a plan: each deposit alone in its exposure, at a random place of the drift volume, while the row of its
 * vertex is open (the rolling shutter may still cut a long track). About 5 ms per recoil, 70 ms per alpha or muon.
 * @param onProgress called now and then with the deposits done and planned
 */
export function generateRecoils(
  plan: RecoilPlan,
  onProgress: (done: number, all: number) => void = () => {},
): Generated {
  const { geometry, gains, cameraSeed } = plan
  const detectors = gains.map((gainFactor) => new Detector(geometry, { gainFactor }, cameraSeed))
  const dark = darkRun(detectors[0]!, plan)
  const trigger = new CropTrigger(dark)
  const camera = detectors[0]!.camera
  const random = new Random(plan.seed)
  const all = plan.recoils + plan.others
  const attempts: Attempt[] = []
  const found: Found[] = []
  for (let i = 0; i < all; i++) {
    const own = random.fork('deposit', i)
    const batch = (i >> 1) % gains.length
    const deposit = drawExposed(detectors[batch]!, drawPlanned(plan, i, own), own)
    const region = litRegion(deposit, geometry)
    const clusters =
      region === undefined
        ? []
        : trigger.clustersOf(deposit, cropFrame(camera, deposit, region, own.fork('noise')), region)
    const { particle, keVee } = deposit
    attempts.push({ particle, keVee, clusters: clusters.length })
    const gain = gains[batch]!
    const recoil = recoilClass(particle) !== 'other'
    for (const { cluster, light } of recoil ? clusters.slice(0, 1) : clusters)
      found.push({ cluster, particle, gain, keVee: recoil ? keVee : (keVee * light) / deposit.adu })
    if ((i + 1) % 1000 === 0 || i + 1 === all) onProgress(i + 1, all)
  }
  return { sample: toSample(found), attempts, dark }
}

interface Found {
  readonly cluster: Cluster
  readonly particle: Particle
  readonly keVee: number
  readonly gain: number
}

function toSample(found: readonly Found[]): RecoilSample {
  const features = new Int8Array(found.length * featureCount)
  found.forEach(({ cluster }, i) => {
    features.set(cluster.features, i * featureCount)
  })
  return {
    features,
    labels: Uint8Array.from(found, ({ particle }) => classNames.indexOf(recoilClass(particle))),
    keVee: Float32Array.from(found, ({ keVee }) => keVee),
    particles: Uint8Array.from(found, ({ particle }) => particles.indexOf(particle)),
    gains: Float32Array.from(found, ({ gain }) => gain),
  }
}

function drawExposed(
  detector: Detector,
  spec: { readonly particle: Particle; readonly keVee?: number | undefined },
  random: Random,
): Deposit {
  const { width, height, readoutTime } = detector.geometry
  const x = random.uniform() * width
  const y = random.uniform() * height
  const time = (y / height) * readoutTime + random.uniform() * detector.settings.exposure
  return detector.deposit({ ...spec, x, y, time }, random)
}
