import { type ClassifierResult, classifierPlans, summarizeClassifiers } from './classifiers.ts'
import { type EfficiencyPoint, efficiencyEnergies } from './efficiency.ts'
import type { DepositSeries } from './exposures.ts'
import { type ObserverStep, observerSteps } from './observers.ts'
import { benchSeeds, gains, type PhysicsPlan, stresses } from './plan.ts'
import { type Rate, rate } from './rate.ts'
import { realTileThresholds } from './real-tile-thresholds.ts'
import { type ScenarioName, type ScenarioResult, scenarios, summarizeScenario } from './scenarios.ts'
import { thresholdAtRate } from './tail-threshold.ts'
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts'
import type { BenchThreads } from './threads.ts'
import { energyAt } from './threshold-fit.ts'
import { type TileVariance, tileEnergies } from './tile-efficiency.ts'

/** Hears how far a measurement is. */
export type Report = (what: string, done: number, all: number) => void

/** Runs lists of tasks on the pool and reports. */
export interface Runner {
  readonly plan: PhysicsPlan
  run<Name extends TaskName>(
    what: string,
    name: Name,
    inputs: readonly TaskInput<Name>[],
  ): Promise<TaskOutput<Name>[]>
}

export function taskRunner(
  threads: BenchThreads,
  plan: PhysicsPlan,
  report: Report,
  signal?: AbortSignal,
): Runner {
  return {
    plan,
    async run<Name extends TaskName>(what: string, name: Name, inputs: readonly TaskInput<Name>[]) {
      let done = 0
      const tasks = inputs.map((input) => ({ name, input }))
      const outputs = await threads.map(tasks, () => report(what, ++done, inputs.length), signal)
      return outputs as TaskOutput<Name>[]
    },
  }
}

/** False regions per empty frame that the floating-point observers are allowed. */
const allowedRate = 0.01

/** Signal-to-noise ratio from which peaks are kept: some ten of them in a frame. */
const peakStart = 4

const framesPerTask = 10
const depositsPerTask = 20

/** Series of at most `each`, `count` in all. */
function pieces(count: number, each: number): { first: number; count: number }[] {
  return Array.from({ length: Math.ceil(count / each) }, (_, i) => ({
    first: i * each,
    count: Math.min(each, count - i * each),
  }))
}

export interface StressedRate extends Rate {
  readonly stress: string
}

/** False regions without stress and under each. */
export async function measureFalseRegions(
  runner: Runner,
): Promise<{ readonly calm: Rate; readonly stressed: readonly StressedRate[] }> {
  const { emptyFrames } = runner.plan
  const measure = async (what: string, seed: number, stress: TaskInput<'falseRegions'>['stress']) => {
    const inputs = pieces(emptyFrames, framesPerTask).map((piece) => ({ series: { seed, ...piece }, stress }))
    const parts = await runner.run(`empty frames, ${what}`, 'falseRegions', inputs)
    return rate(
      parts.reduce((sum, { regions }) => sum + regions, 0),
      emptyFrames,
    )
  }
  const calm = await measure('as calibrated', benchSeeds.dark, null)
  const stressed: StressedRate[] = []
  for (const [i, { name, camera }] of stresses.entries())
    stressed.push({ stress: name, ...(await measure(name, benchSeeds.stressed + i, camera)) })
  return { calm, stressed }
}

export interface StepThreshold {
  readonly step: ObserverStep
  readonly threshold: number
  /** Peaks at the threshold or above in the frames that it is from. */
  readonly falseRegions: Rate
}

/** The threshold of every observer at 0.01 false regions per empty frame. */
export async function measureThresholds(runner: Runner): Promise<StepThreshold[]> {
  const { peakFrames } = runner.plan
  const inputs = pieces(peakFrames, 2).map((piece) => ({
    series: { seed: benchSeeds.peaks, ...piece },
    steps: observerSteps,
    from: peakStart,
  }))
  const parts = await runner.run('empty frames, ideal observer', 'peaks', inputs)
  return observerSteps.map((step, k) => {
    const peaks = parts.flatMap((part) => part[k]!.peaks)
    const threshold = thresholdAtRate({ frames: peakFrames, peaks }, allowedRate)
    return { step, threshold, falseRegions: rate(peaks.filter((p) => p >= threshold).length, peakFrames) }
  })
}

/** Energies of 50 and 90 % efficiency, keVee, with errors; null where they lie outside the energies measured. */
export interface Thresholds {
  readonly keVeeAt50: number | null
  readonly errorAt50: number | null
  readonly keVeeAt90: number | null
  readonly errorAt90: number | null
}

export interface Efficiency extends Thresholds {
  readonly points: readonly EfficiencyPoint[]
}

function efficiency(points: readonly EfficiencyPoint[]): Efficiency {
  const [half, most] = [energyAt(points, 0.5), energyAt(points, 0.9)]
  return {
    keVeeAt50: half?.keVee ?? null,
    errorAt50: half?.error ?? null,
    keVeeAt90: most?.keVee ?? null,
    errorAt90: most?.error ?? null,
    points,
  }
}

/** The datapath, then each observer, on the same deposits. */
export async function measureEfficiency(
  runner: Runner,
  { placement, gain = 1 }: Pick<DepositSeries, 'placement' | 'gain'>,
  thresholds: readonly StepThreshold[],
): Promise<Efficiency[]> {
  const inputs = efficiencyEnergies.flatMap((keVee) =>
    pieces(runner.plan.depositsPerEnergy, depositsPerTask).map((piece) => ({
      series: { seed: benchSeeds.deposits, placement, gain, keVee, ...piece },
      thresholds,
    })),
  )
  const what = `deposits, ${placement}${gain === 1 ? '' : `, light yield x ${gain}`}`
  return addPoints(efficiencyEnergies, await runner.run(what, 'found', inputs)).map(efficiency)
}

/** The datapath at the centre when the light yield is not what it was at the calibration; keys are its factors. */
export async function measureGains(runner: Runner): Promise<Readonly<Record<string, Efficiency>>> {
  const measured: Record<string, Efficiency> = {}
  for (const gain of gains)
    measured[gain] = (await measureEfficiency(runner, { placement: 'centre', gain }, []))[0]!
  return measured
}

/** CYGNO's tile trigger with thresholds of this camera and, where known, with those of LIME. */
export async function measureTileTrigger(
  runner: Runner,
  placement: DepositSeries['placement'],
  tuned: TileVariance,
): Promise<{ readonly tuned: Efficiency; readonly real: Efficiency | null }> {
  const real = realTileThresholds()
  const thresholds = real === null ? [tuned] : [tuned, real]
  const inputs = tileEnergies.flatMap((keVee) =>
    pieces(runner.plan.depositsPerEnergy, depositsPerTask).map((piece) => ({
      series: { seed: benchSeeds.deposits, placement, keVee, ...piece },
      thresholds,
    })),
  )
  const parts = await runner.run(`tile trigger, ${placement}`, 'tiles', inputs)
  const [own, theirs] = addPoints(tileEnergies, parts).map(efficiency)
  return { tuned: own!, real: theirs ?? null }
}

/** Adds up the counts of parts of the same energy; one curve per finder. */
function addPoints(
  energies: readonly number[],
  parts: readonly (readonly EfficiencyPoint[])[],
): EfficiencyPoint[][] {
  return parts[0]!.map((_, k) =>
    energies.map((keVee) => {
      const own = parts.map((part) => part[k]!).filter((point) => point.keVee === keVee)
      const sum = (of: 'found' | 'tried'): number => own.reduce((total, point) => total + point[of], 0)
      return { keVee, found: sum('found'), tried: sum('tried') }
    }),
  )
}

export async function measureScenarios(runner: Runner): Promise<Record<ScenarioName, ScenarioResult>> {
  const measure = async (scenario: ScenarioName): Promise<ScenarioResult> => {
    const frames = Math.ceil(scenarios[scenario].frames * runner.plan.scenarioShare)
    const inputs = pieces(frames, 2).map((piece) => ({ scenario, ...piece }))
    return summarizeScenario(scenario, (await runner.run(`frames, ${scenario}`, 'scenario', inputs)).flat())
  }
  return {
    underground: await measure('underground'),
    busy: await measure('busy'),
    lowEnergy: await measure('lowEnergy'),
    overground: await measure('overground'),
  }
}

export async function measureClassifiers(runner: Runner): Promise<ClassifierResult[]> {
  const plans = classifierPlans(runner.plan.recoilShare)
  return summarizeClassifiers(await runner.run('recoils, classified', 'recoils', plans))
}
