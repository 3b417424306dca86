import { Detector, geometries } from '../sim/detector/index.ts'
import { requireClassifiers } from './physics/classifiers.ts'
import { physicsConditions } from './physics/conditions.ts'
import { measureTiming } from './physics/latency.ts'
import {
  type Efficiency,
  measureClassifiers,
  measureEfficiency,
  measureFalseRegions,
  measureGains,
  measureScenarios,
  measureThresholds,
  measureTileTrigger,
  type Report,
  taskRunner,
} from './physics/measure.ts'
import { benchSeeds, calibration, fullPlan, quickPlan } from './physics/plan.ts'
import { measureReferenceChain } from './physics/reference-chain.ts'
import { openThreads } from './physics/threads.ts'

export interface PhysicsOptions {
  /** A tenth of the statistics. */
  readonly quick?: boolean
  readonly threads?: number
  readonly onProgress?: Report
  readonly signal?: AbortSignal
}

/** Frames through the reference chain, which takes about a second each. */
const referenceFrames = 3

export type PhysicsBenchmark = Awaited<ReturnType<typeof benchPhysics>>

/**
 * The physics of the trigger and the classifiers: LIME at 440 V, deposits at 25 cm drift where nothing else is said, on
 * seeds that nothing was tuned on. Numbers do not depend on the number of threads, times do on the machine.
 * @throws GemgateError GG_FILE_NOT_FOUND when a classifier is missing; the reason of `signal` when it aborts
 */
export async function benchPhysics(options: PhysicsOptions = {}) {
  const { quick = false, threads, onProgress = () => {}, signal } = options
  const plan = quick ? quickPlan : fullPlan
  requireClassifiers()
  const detector = new Detector(geometries.lime, {}, benchSeeds.detector)
  onProgress('pedestal run', 0, 1)
  const conditions = physicsConditions(detector, { ...plan, calibration })
  onProgress('pedestal run', 1, 1)
  const measured = await (async () => {
    await using pool = openThreads({ geometry: 'lime', seed: benchSeeds.detector, conditions }, threads)
    const runner = taskRunner(pool, plan, onProgress, signal)
    const observers = await measureThresholds(runner)
    const ideal = observers.filter(({ step }) => step === 'ideal')
    return {
      observers,
      empty: await measureFalseRegions(runner),
      centre: await measureEfficiency(runner, { placement: 'centre' }, observers),
      sensor: await measureEfficiency(runner, { placement: 'sensor' }, ideal),
      gain: await measureGains(runner),
      tilesCentre: await measureTileTrigger(runner, 'centre', conditions.settings.tiles!.variance),
      tilesSensor: await measureTileTrigger(runner, 'sensor', conditions.settings.tiles!.variance),
      scenarios: await measureScenarios(runner),
      classifiers: await measureClassifiers(runner),
    }
  })()
  const { observers, empty, centre, sensor, tilesCentre, tilesSensor } = measured
  let timed = 0
  const timing = await measureTiming(detector, conditions, plan.timedFrames, () => {
    signal?.throwIfAborted()
    onProgress('frames, timed', ++timed, plan.timedFrames)
  })
  const reference = measureReferenceChain(detector, conditions, benchSeeds.dark, referenceFrames)
  const datapath = centre[0]!
  const ideal = centre[1 + observers.findIndex(({ step }) => step === 'ideal')]!
  const worst = Math.max(...empty.stressed.map(({ perFrame }) => perFrame))
  return {
    /** Every primary electron drifts to its own place and its avalanche is one Gaussian lump. */
    smearing: 'primary electrons as lumps',
    quick,
    seeds: benchSeeds,
    falseRoisPerEmptyFrame: empty.calm.perFrame,
    falseRoisPerEmptyFrameStressed: worst,
    keVeeAt50: datapath.keVeeAt50,
    keVeeAt90: datapath.keVeeAt90,
    idealKeVeeAt50: ideal.keVeeAt50,
    idealKeVeeAt90: ideal.keVeeAt90,
    tileTriggerKeVeeAt50: tilesCentre.tuned.keVeeAt50,
    scenarios: measured.scenarios,
    latencyUsAfterLastPixel: timing.latencyUs.worst,
    msPerFrame: timing.modelMs,
    referenceChainMsPerFrame: reference.msPerFrame,
    classifiers: measured.classifiers,
    placements: {
      centre: { datapath, ideal, tileTrigger: tilesCentre },
      sensor: { datapath: sensor[0]!, ideal: sensor[1]!, tileTrigger: tilesSensor },
    },
    /** The datapath at the centre with the light yield moved by these factors, its settings as they were. */
    gain: measured.gain,
    /** Observers stand at 0.01 false regions per frame as far as their peaks tell it, the datapath at its own rate. */
    losses: [
      ...observers.map((observer, k) => ({ ...observer, ...crossings(centre[k + 1]!) })),
      { step: 'datapath', threshold: null, falseRegions: empty.calm, ...crossings(datapath) },
    ],
    empty: empty.calm,
    stressed: empty.stressed,
    timing,
    referenceChain: reference,
  }
}

function crossings({ points: _, ...energies }: Efficiency): Omit<Efficiency, 'points'> {
  return energies
}
