import { Random } from '../core/random.ts'
import {
  type ClassifierChoice,
  type ClassifierSettings,
  classifierName,
  type HardwareSettings,
  type TriggerChoice,
} from './settings.ts'

/** What an exploration varies; the points are all combinations within a kind. */
export interface Grid {
  readonly hidden: readonly (readonly number[])[]
  /** Weight and activation bits, together. */
  readonly bits: readonly (readonly [weightBits: number, activationBits: number])[]
  readonly networkHardware: readonly HardwareSettings[]
  /** Trees and their depth. */
  readonly forests: readonly (readonly [trees: number, depth: number])[]
  readonly treeHardware: readonly HardwareSettings[]
  readonly triggers: readonly TriggerChoice[]
}

const unrolled = { architecture: 'unrolled', levels: 2 } as const

/** The usual exploration. */
export const usualGrid: Grid = {
  hidden: [[3], [4], [6], [8], [12], [16], [6, 4], [8, 5], [10, 7], [16, 8]],
  bits: [
    [8, 7],
    [6, 6],
    [5, 5],
    [4, 4],
    [3, 4],
    [2, 4],
  ],
  networkHardware: [
    unrolled,
    ...[8, 16, 32, null].map((reuse) => ({ architecture: 'folded', reuse }) as const),
  ],
  forests: [4, 8, 16, 40].flatMap((trees) => [2, 3, 4].map((depth) => [trees, depth] as const)),
  treeHardware: [unrolled],
  triggers: [
    ...(['likelihood', 'limited', 1] as const).flatMap((pixels) =>
      [6, 6.5, 7, 7.5, 8, 8.5, 9].map((sigmaHigh) => ({ binning: 4, sigmaHigh, pixels }) as const),
    ),
    { binning: 2, sigmaHigh: 7, pixels: 'likelihood' },
  ],
}

/** A few points of each kind, for a first look. */
export const quickGrid: Grid = {
  ...usualGrid,
  hidden: [[4], [10, 7]],
  networkHardware: [unrolled, { architecture: 'folded', reuse: null }],
  bits: [
    [8, 7],
    [4, 4],
  ],
  forests: [[4, 2]],
  triggers: [6, 7, 8].map((sigmaHigh) => ({ binning: 4, sigmaHigh, pixels: 'likelihood' }) as const),
}

/** Classifiers and their forms in logic, in an order whose beginnings are spread over the grid. */
export function classifierChoices(grid: Grid): ClassifierChoice[] {
  const networks = grid.hidden.flatMap((hidden) =>
    grid.bits.map(
      ([weightBits, activationBits]): ClassifierSettings => ({
        kind: 'mlp',
        hidden,
        weightBits,
        activationBits,
      }),
    ),
  )
  const forests = grid.forests.map(([trees, depth]): ClassifierSettings => ({ kind: 'trees', trees, depth }))
  return spread([...networks, ...forests]).flatMap((classifier) => {
    const hardware = classifier.kind === 'mlp' ? grid.networkHardware : grid.treeHardware
    return hardware.map((form) => ({ classifier, hardware: form }))
  })
}

/** An order that depends on the settings alone: a larger grid keeps the order of a smaller one's points. */
function spread(settings: readonly ClassifierSettings[]): ClassifierSettings[] {
  const place = (one: ClassifierSettings): number => new Random(1).fork(classifierName(one)).uniform()
  return [...settings].sort((a, b) => place(a) - place(b))
}
