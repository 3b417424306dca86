import type { RecoilPlan } from '../../models/data/plan.ts'
import { type CameraStress, stressedCamera } from '../../sim/detector/index.ts'
import { regionsAbove } from '../../src/compare/reference/regions-above.ts'
import { Random } from '../../src/core/random.ts'
import { type ScoredClusters, scoreClusters } from './classifiers.ts'
import type { BenchContext } from './context.ts'
import { countFound, datapathFinder, type EfficiencyPoint, type Finder } from './efficiency.ts'
import { countFalseRegions, type DarkSeries, darkExposures, type FalseRegions } from './empty-frames.ts'
import type { DepositSeries } from './exposures.ts'
import { type ObserverStep, Observers } from './observers.ts'
import { type FrameKept, keptInFrames, type ScenarioName } from './scenarios.ts'
import type { PeakTail } from './tail-threshold.ts'
import { countTileFound, type TileVariance } from './tile-efficiency.ts'

/** What threads do. Inputs and outputs are plain data. */
const tasks = {
  /** False regions of the datapath; `stress` gives each series a camera of its own. */
  falseRegions(
    { detector, conditions }: BenchContext,
    { series, stress }: { readonly series: DarkSeries; readonly stress: CameraStress | null },
  ): FalseRegions {
    const random = new Random(series.seed).fork('stress', series.first)
    const camera = stress === null ? detector.camera : stressedCamera(detector.camera, stress, random)
    return countFalseRegions(camera, conditions, series)
  },

  /** Peaks of the maps of each step above `from` in dark frames. */
  peaks(
    context: BenchContext,
    {
      series,
      steps,
      from,
    }: { readonly series: DarkSeries; readonly steps: readonly ObserverStep[]; readonly from: number },
  ): PeakTail[] {
    const { detector } = context
    const band = { firstRow: 0, rows: detector.geometry.height }
    const peaks = steps.map((): number[] => [])
    for (const pixels of darkExposures(detector.camera, series))
      steps.forEach((step, k) => {
        const { values, width, height } = observers(context).map(step, pixels, band)
        peaks[k]!.push(...regionsAbove(values, width, height, from).map(({ peak }) => peak))
      })
    return peaks.map((own) => ({ frames: series.count, peaks: own }))
  },

  /** Deposits found by the datapath, then by each step at its threshold. */
  found(
    context: BenchContext,
    {
      series,
      thresholds,
    }: {
      readonly series: DepositSeries
      readonly thresholds: readonly { readonly step: ObserverStep; readonly threshold: number }[]
    },
  ): EfficiencyPoint[] {
    const steps = thresholds.map(
      ({ step, threshold }): Finder =>
        (exposure) =>
          observers(context).highest(step, exposure) >= threshold,
    )
    return countFound(context.detector, series, [datapathFinder(context.conditions), ...steps])
  },

  /** Deposits found by the tile trigger with each set of thresholds. */
  tiles(
    { detector, conditions }: BenchContext,
    { series, thresholds }: { readonly series: DepositSeries; readonly thresholds: readonly TileVariance[] },
  ): EfficiencyPoint[] {
    return countTileFound(detector, conditions.words, conditions.settings.tiles!, thresholds, series)
  },

  scenario(
    { detector, conditions }: BenchContext,
    input: { readonly scenario: ScenarioName; readonly first: number; readonly count: number },
  ): FrameKept[] {
    return keptInFrames(detector, conditions, input)
  },

  /** Recoils with the scores of every network. */
  recoils(_: BenchContext, plan: RecoilPlan): ScoredClusters {
    return scoreClusters(plan)
  },
} as const

export type TaskName = keyof typeof tasks
export type TaskInput<Name extends TaskName> = Parameters<(typeof tasks)[Name]>[1]
export type TaskOutput<Name extends TaskName> = ReturnType<(typeof tasks)[Name]>

/** One task for a thread. */
export interface Assignment {
  readonly name: TaskName
  readonly input: TaskInput<TaskName>
}

export function performTask(context: BenchContext, { name, input }: Assignment): TaskOutput<TaskName> {
  const task = tasks[name] as (context: BenchContext, input: TaskInput<TaskName>) => TaskOutput<TaskName>
  return task(context, input)
}

const known = new WeakMap<BenchContext, Observers>()

/** The observers of a context; their maps are worth keeping. */
function observers(context: BenchContext): Observers {
  const { pedestal, settings } = context.conditions
  const own = known.get(context) ?? new Observers(context.detector.geometry, pedestal, settings.weights!)
  known.set(context, own)
  return own
}
