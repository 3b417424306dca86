import { GemgateError } from '../../core/errors.ts'
import type { DecisionTree, Forest } from '../graph/forest.ts'
import { nodeLabel, unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { type ClassRule, classRule, pendingTransform } from './class-rule.ts'
import { alwaysScored, type EnsembleTree, type PostTransform, type TreeEnsemble } from './ensemble.ts'
import type { FeatureView } from './feature-view.ts'
import { ForestBuilder } from './forest-builder.ts'
import { integerTest } from './integer-test.ts'
import { type LeafGrid, leafGrid } from './leaf-grid.ts'
import { readEnsemble } from './read-ensemble.ts'

/** The integers that an ensemble reads. */
export interface ForestInput {
  readonly features: number
  readonly view: (feature: number) => FeatureView
}

/** A tree ensemble as integers. */
export interface ImportedForest {
  /** Its sums; `addForest` makes the scores and labels of a classifier from them. */
  readonly forest: Forest
  /** Score = integer * 2^exponent. */
  readonly exponent: number
  /** What the file applies after the sums and the integers do not: they are its arguments (logits). */
  readonly pending: PostTransform
  /** Of a classifier. */
  readonly labels: readonly number[] | readonly string[] | undefined
  /** Of a classifier. */
  readonly rule: ClassRule | undefined
  readonly grid: LeafGrid
  /** One line: why the integers equal the float evaluation. */
  readonly certificate: string
}

/**
 * Imports TreeEnsembleRegressor, TreeEnsembleClassifier or TreeEnsemble of the domain ai.onnx.ml.
 * @throws GemgateError GG_MODEL_FORMAT for malformed trees, GG_MODEL_UNSUPPORTED for aggregates and
 *   transforms without an integer form, GG_MODEL_INEXACT when float sums could be rounded
 */
export function importForest(node: OnnxNode, input: ForestInput): ImportedForest {
  const ensemble = readEnsemble(node)
  if (ensemble.features > input.features)
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `${nodeLabel(node)}: a test reads feature ${ensemble.features - 1} of ${input.features}`,
      'Export the network again.',
    )
  const rule = ensemble.labels === undefined ? undefined : classRule(ensemble)
  if (rule?.kind === 'refused') throw unsupported(node, rule.reason, rule.remedy)
  const pending = pendingTransform(ensemble, rule)
  if (pending === 'PROBIT' || pending === 'SOFTMAX_ZERO')
    throw unsupported(node, `post_transform ${pending} has no integer form`, 'Export without a transform.')
  if (rule === undefined) refuseLostBase(node, ensemble)
  const base = baseOf(ensemble, rule)
  const offset = rule?.kind === 'mirrored' ? rule.offset : 0
  const grid = leafGrid({ ...ensemble, base }, offset, node)
  const forest = integerForest(ensemble, base, grid.exponent, input)
  return {
    forest,
    exponent: grid.exponent,
    pending,
    labels: ensemble.labels,
    rule,
    grid,
    certificate: describe(node, ensemble, grid, pending),
  }
}

/** ONNX Runtime (1.30, measured) answers 0, not the base value, where no reached leaf has a weight for a target. */
function refuseLostBase(node: OnnxNode, ensemble: TreeEnsemble): void {
  if (ensemble.targets === 1) return
  const always = alwaysScored(ensemble)
  ensemble.base?.forEach((value, target) => {
    if (value !== 0 && !always.has(target))
      throw unsupported(
        node,
        `target ${target} has a base value, but some leaves give it no weight, and ONNX Runtime then drops it`,
        'Export with a weight for every target at each leaf of one tree.',
      )
  })
}

/** One base value for each target. */
function baseOf(ensemble: TreeEnsemble, rule: ClassRule | undefined): number[] {
  const { base, targets } = ensemble
  if (base === undefined) return Array(targets).fill(0)
  return rule?.kind === 'mirrored' ? [base[0]!, 0] : [...base]
}

function integerForest(
  ensemble: TreeEnsemble,
  base: readonly number[],
  exponent: number,
  input: ForestInput,
): Forest {
  const unit = 2 ** exponent
  const step = ensemble.average ? unit * ensemble.trees.length : unit
  const sums = Float64Array.from(base, (value) => value / unit)
  const trees: DecisionTree[] = []
  for (const tree of ensemble.trees) {
    const made = integerTree(tree, step, input)
    const root = made.nodes[0]!
    if (root.kind === 'branch') trees.push(made)
    else
      root.targets.forEach((target, k) => {
        sums[target]! += root.weights[k]!
      })
  }
  return { features: input.features, targets: ensemble.targets, trees, base: sums }
}

function integerTree(tree: EnsembleTree, step: number, input: ForestInput): DecisionTree {
  const builder = new ForestBuilder()
  const made: number[] = []
  for (let n = tree.length - 1; n >= 0; n--) {
    const node = tree[n]!
    if (node.kind === 'leaf') {
      made[n] = builder.leaf(
        node.weights.map(({ target }) => target),
        node.weights.map(({ weight }) => weight / step),
      )
      continue
    }
    const test = integerTest(node, input.view(node.feature))
    const answer = (k: number): number => ((k % 2 === 0) === test.first ? made[node.yes]! : made[node.no]!)
    const choose = (from: number, to: number): number => {
      if (from === to) return answer(from)
      const middle = (from + to) >> 1
      return builder.branch(node.feature, test.ends[middle]!, choose(from, middle), choose(middle + 1, to))
    }
    made[n] = choose(0, test.ends.length)
  }
  return builder.tree(made[0]!)
}

function describe(node: OnnxNode, ensemble: TreeEnsemble, grid: LeafGrid, pending: PostTransform): string {
  const worst = grid.bounds.reduce((most, bound) => Math.max(most, bound), 0)
  const transform = pending === 'NONE' ? '' : `; the integers are the arguments of ${pending}`
  return (
    `${nodeLabel(node)}: class A, ${ensemble.trees.length} trees; thresholds are the last integers below ` +
    `the float ones; leaf weights are multiples of 2^${grid.exponent} and no sum exceeds ${worst} of them, ` +
    `below 2^24, so float32 sums are exact in any order${transform}`
  )
}
