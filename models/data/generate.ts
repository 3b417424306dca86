import {
  type DepositSpec,
  Detector,
  defaultPopulation,
  drawDeposit,
  matchedPopulation,
  type Population,
} from '../../sim/detector/index.ts'
import { Random } from '../../src/core/random.ts'
import { type Deposit, type Particle, type RecoilClass, recoilClass } from '../../src/frame/truth.ts'
import { exposeBand, litBand } from './band.ts'
import { BandTrigger, type LitCluster } from './band-trigger.ts'
import { type DarkRun, darkRun } from './dark-run.ts'
import { macroCrop } from './macro-crop.ts'
import { countRecoils, type RecoilPlan, type RecoilRange } from './plan.ts'
import { type Found, type RecoilSample, toSample } from './sample.ts'

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
 * A nuclear and an electron recoil of the same keVee, so that the spectra are equal not only on average. They share
 * their rows, half a sensor apart.
 */
function drawPair({ from, to }: RecoilRange, { geometry, z }: RecoilPlan, random: Random): DepositSpec[] {
  const { width, height } = geometry
  const keVee = from * (to / from) ** random.uniform()
  const x = random.uniform() * width
  const y = random.uniform() * height
  const population = matchedPopulation()
  return (['nuclear', 'electron'] as const).map((wanted, i) => ({
    particle: drawDeposit(only(population, wanted), random).particle,
    keVee,
    x: (x + (i * width) / 2) % width,
    y,
    z,
  }))
}

function drawOther({ geometry }: RecoilPlan, random: Random): DepositSpec[] {
  const x = random.uniform() * geometry.width
  const y = random.uniform() * geometry.height
  return [{ ...drawDeposit(only(defaultPopulation, 'other'), random), x, y }]
}

/** The exposures of a plan, in order: pairs of recoils, then alphas and muons one by one. */
function* drawExposures(plan: RecoilPlan): Generator<{ specs: DepositSpec[]; random: Random }> {
  const random = new Random(plan.seed)
  let number = 0
  for (const range of plan.recoils)
    for (let pair = 0; pair < range.pairs; pair++) {
      const own = random.fork('exposure', number++)
      yield { specs: drawPair(range, plan, own), random: own }
    }
  for (let other = 0; other < plan.others; other++) {
    const own = random.fork('exposure', number++)
    yield { specs: drawOther(plan, own), random: own }
  }
}

/**
 * Simulates a plan: deposits at random places of the drift volume while the row of their vertex is open (the rolling
 * shutter may still cut a long track). About 12 ms per pair of recoils, 100 ms per alpha or muon.
 * @param onProgress called now and then with the deposits done and planned
 */
export function generateRecoils(
  plan: RecoilPlan,
  onProgress: (done: number, all: number) => void = () => {},
): Generated {
  const { geometry, gains, cameraSeed } = plan
  const detectors = gains.map((gainFactor) => new Detector(geometry, { gainFactor }, cameraSeed))
  const dark = darkRun(detectors[0]!, plan)
  const trigger = new BandTrigger(dark)
  const camera = detectors[0]!.camera
  const all = countRecoils(plan) + plan.others
  const attempts: Attempt[] = []
  const found: Found[] = []
  let exposures = 0
  for (const { specs, random } of drawExposures(plan)) {
    const detector = detectors[exposures % gains.length]!
    const gain = gains[exposures++ % gains.length]!
    const deposits = exposed(detector, specs, random)
    const band = litBand(deposits, geometry)
    const event = band && trigger.process(exposeBand(camera, deposits, band, random.fork('noise')), band)
    for (const deposit of deposits) {
      const { particle, keVee, z } = deposit
      const clusters = event ? trigger.clustersOf(deposit, event) : []
      attempts.push({ particle, keVee, clusters: clusters.length })
      if (event)
        for (const { cluster, keVee } of labelled(deposit, clusters))
          found.push({ cluster, crop: macroCrop(event, cluster), particle, keVee, gain, z })
    }
    if (exposures % 500 === 0 || attempts.length === all) onProgress(attempts.length, all)
  }
  return { sample: toSample(found), attempts, dark }
}

/** The clusters of a deposit that stand for it, each with its share of the energy. */
function labelled(
  deposit: Deposit,
  clusters: readonly LitCluster[],
): { cluster: LitCluster['cluster']; keVee: number }[] {
  const { keVee, adu } = deposit
  if (recoilClass(deposit.particle) !== 'other')
    return clusters.slice(0, 1).map(({ cluster }) => ({ cluster, keVee }))
  return clusters.map(({ cluster, light }) => ({ cluster, keVee: (keVee * light) / adu }))
}

/** The deposits of one exposure, at one moment of it. */
function exposed(detector: Detector, specs: readonly DepositSpec[], random: Random): Deposit[] {
  const { height, readoutTime } = detector.geometry
  const time = (specs[0]!.y! / height) * readoutTime + random.uniform() * detector.settings.exposure
  return specs.map((spec, i) => detector.deposit({ ...spec, time }, random.fork('deposit', i)))
}
