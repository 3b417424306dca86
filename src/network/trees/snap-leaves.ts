import { GemgateError } from '../../core/errors.ts'
import { roundQuotient } from '../graph/scalar-function.ts'
import { exactLimit } from '../import/float-exact.ts'
import { inexact } from '../onnx/onnx-graph.ts'
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../onnx/onnx-model.ts'
import { packValues, tensorValues } from '../onnx/onnx-tensor.ts'
import { classRule } from './class-rule.ts'
import { leavesOf, type TreeEnsemble } from './ensemble.ts'
import { readEnsemble, treeOperators } from './read-ensemble.ts'

export interface SnappedLeaves {
  readonly model: OnnxModel
  /** Largest change of one leaf weight or base value. */
  readonly largestChange: number
  /** Upper bound of the change of any sum: the largest changes of all trees together. */
  readonly largestSumChange: number
}

const weightAttributes = [
  'base_values',
  'base_values_as_tensor',
  'class_weights',
  'class_weights_as_tensor',
  'leaf_weights',
  'target_weights',
  'target_weights_as_tensor',
]

/**
 * Rounds the leaf weights and base values of every tree ensemble to multiples of 2^-fractionBits, half to
 * even, so that its sums become exact.
 * @throws GemgateError GG_USAGE for fraction bits outside -24 to 64, GG_MODEL_INEXACT when a weight is too
 *   large for the grid or rounding would change how ONNX Runtime labels
 */
export function snapLeaves(model: OnnxModel, fractionBits: number): SnappedLeaves {
  if (!Number.isInteger(fractionBits) || fractionBits < -24 || fractionBits > 64)
    throw new GemgateError('GG_USAGE', `${fractionBits} fraction bits`, 'Use an integer from -24 to 64.')
  let largestChange = 0
  let largestSumChange = 0
  const nodes = model.graph.nodes.map((node) => {
    if (node.domain !== 'ai.onnx.ml' || !treeOperators.includes(node.operator)) return node
    const attributes = node.attributes.map((attribute) =>
      weightAttributes.includes(attribute.name) ? snapped(node, attribute, fractionBits) : attribute,
    )
    const rounded = { ...node, attributes }
    const before = readEnsemble(node)
    const after = readEnsemble(rounded)
    sameRule(node, before, after)
    const changes = treeChanges(before, after)
    largestChange = changes.reduce((most, change) => Math.max(most, change), largestChange)
    largestSumChange = Math.max(
      largestSumChange,
      changes.reduce((sum, change) => sum + change, 0),
    )
    return rounded
  })
  return { model: { ...model, graph: { ...model.graph, nodes } }, largestChange, largestSumChange }
}

function snapped(node: OnnxNode, attribute: OnnxAttribute, fractionBits: number): OnnxAttribute {
  const round = (value: number): number => {
    const steps = roundQuotient(value, -fractionBits, 'half-even')
    if (Math.abs(steps) >= exactLimit)
      throw inexact(
        node,
        `${value} has more than 24 bits on a grid of 2^-${fractionBits}`,
        'Use fewer fraction bits.',
      )
    return steps / 2 ** fractionBits
  }
  if (attribute.kind === 'floats') return { ...attribute, value: attribute.value.map(round) }
  if (attribute.kind !== 'tensor') return attribute
  const { name, type, dims } = attribute.value
  return { ...attribute, value: packValues(name, type, dims, tensorValues(attribute.value).map(round)) }
}

/** @throws GemgateError GG_MODEL_INEXACT when small negative weights became 0 and ONNX Runtime takes notice */
function sameRule(node: OnnxNode, before: TreeEnsemble, after: TreeEnsemble): void {
  if (before.labels === undefined) return
  if (JSON.stringify(classRule(before)) !== JSON.stringify(classRule(after)))
    throw inexact(
      node,
      'rounding takes away all negative weights, by which ONNX Runtime chooses how to label two classes',
      'Use more fraction bits.',
    )
}

/** The largest change of each tree, and of the base values. */
function treeChanges(before: TreeEnsemble, after: TreeEnsemble): number[] {
  const changes = before.trees.map((tree, t) => {
    const rounded = leavesOf(after.trees[t]!)
    let most = 0
    leavesOf(tree).forEach((leaf, l) => {
      leaf.weights.forEach(({ weight }, k) => {
        most = Math.max(most, Math.abs(weight - rounded[l]!.weights[k]!.weight))
      })
    })
    return before.average ? most / before.trees.length : most
  })
  const base = before.base?.map((value, k) => Math.abs(value - after.base![k]!)) ?? []
  return [...changes, base.reduce((most, change) => Math.max(most, change), 0)]
}
