import type { Random } from '../../../src/core/random.ts'
import type { Mode, TestEnsemble, TestNode, TestTree } from './tree-models.ts'

export interface EnsembleShape {
  readonly trees: number
  readonly depth: number
  readonly features: number
  readonly targets: number
  readonly modes: readonly (Mode | 'MEMBER')[]
  /** Leaf weights are multiples of this. */
  readonly unit: number
  /** Leaf weights stay below 2^weightBits units. */
  readonly weightBits: number
  /** Thresholds lie around integers from `low` to `high`, times `scale`. */
  readonly low: number
  readonly high: number
  readonly scale: number
  /** Weights for every target at each leaf, or for one target. */
  readonly every: boolean
  /** Chance that a branch above the depth is a leaf already. */
  readonly early: number
}

export const modes: readonly Mode[] = [
  'BRANCH_LEQ',
  'BRANCH_LT',
  'BRANCH_GTE',
  'BRANCH_GT',
  'BRANCH_EQ',
  'BRANCH_NEQ',
]

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!

export function randomEnsemble(random: Random, shape: EnsembleShape): TestEnsemble {
  const trees = Array.from({ length: shape.trees }, () => randomTree(random, shape))
  return { trees, features: shape.features, targets: shape.targets }
}

function randomTree(random: Random, shape: EnsembleShape): TestTree {
  const nodes: TestNode[] = []
  const grow = (depth: number): number => {
    const at = nodes.length
    if (depth === 0 || random.uniform() < shape.early) {
      nodes.push({ leaf: leafOf(random, shape) })
      return at
    }
    nodes.push({ leaf: [] })
    const branch = {
      mode: pick(random, shape.modes),
      feature: random.integer(shape.features),
      value: thresholdOf(random, shape),
      members: Array.from({ length: 1 + random.integer(4) }, () => memberOf(random, shape)),
    }
    const yes = grow(depth - 1)
    const no = grow(depth - 1)
    nodes[at] = { ...branch, yes, no }
    return at
  }
  grow(shape.depth)
  return nodes
}

function leafOf(random: Random, shape: EnsembleShape): [number, number][] {
  const weight = (): number =>
    (random.integer(2 ** shape.weightBits + 1) - 2 ** (shape.weightBits - 1)) * shape.unit
  if (!shape.every) return [[random.integer(shape.targets), weight()]]
  return Array.from({ length: shape.targets }, (_, target) => [target, weight()])
}

/** On an integer, one float beside it, or in between. */
function thresholdOf(random: Random, shape: EnsembleShape): number {
  const on = memberOf(random, shape)
  const beside = on * (1 + pick(random, [0, 2 ** -23, -(2 ** -23)]))
  return Math.fround(random.integer(2) === 0 ? beside : on + shape.scale * random.uniform())
}

function memberOf(random: Random, shape: EnsembleShape): number {
  const q = shape.low - 2 + random.integer(shape.high - shape.low + 5)
  return Math.fround(Math.fround(q) * shape.scale)
}

/** Rows of random integers, of all-smallest and all-largest ones, and next to thresholds. */
export function featureRows(
  random: Random,
  ensemble: TestEnsemble,
  shape: Pick<EnsembleShape, 'low' | 'high' | 'scale'>,
  count: number,
): number[][] {
  const branches = ensemble.trees.flatMap((tree) => tree.filter((node) => !('leaf' in node)))
  const near = (): number => {
    const branch = branches.length === 0 ? undefined : pick(random, branches)
    const value = branch === undefined || 'leaf' in branch ? 0 : branch.value / shape.scale
    const q = Math.round(Math.max(-1e9, Math.min(1e9, value))) + random.integer(3) - 1
    return Math.max(shape.low, Math.min(shape.high, q))
  }
  const any = (): number => shape.low + random.integer(shape.high - shape.low + 1)
  const row = (of: () => number): number[] => Array.from({ length: ensemble.features }, of)
  return [
    row(() => shape.low),
    row(() => shape.high),
    ...Array.from({ length: count }, (_, i) => row(i % 2 === 0 ? any : near)),
  ]
}
