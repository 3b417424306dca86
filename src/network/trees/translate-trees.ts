import { type GraphBuilder, rangeOf, type ValueId } from '../graph/index.ts'
import { direction } from '../import/chain.ts'
import { evaluateExactly, evaluateFloat32 } from '../import/evaluate-chain.ts'
import type { NodeImport } from '../import/importer.ts'
import { compareIntervals, exactly } from '../import/rational.ts'
import type { Translator } from '../import/translators.ts'
import { chainAt, elementAt, innerSize, type View } from '../import/view.ts'
import { onnxTypes } from '../onnx/onnx-model.ts'
import { addForest } from './add-forest.ts'
import type { PostTransform } from './ensemble.ts'
import { type FeatureView, realView } from './feature-view.ts'
import { importForest } from './import-forest.ts'
import { treeOperators } from './read-ensemble.ts'
// The importer evaluates each node once to know its shapes.
import './reference-operators.ts'

/** Of the domain ai.onnx.ml; ZipMap only names the scores. */
export const treeTranslators: Readonly<Record<string, Translator>> = {
  ...Object.fromEntries(treeOperators.map((operator) => [operator, translateTrees])),
  ZipMap: (context) => context.result(context.view(0)),
}

/** A tree ensemble inside a network. */
function translateTrees(context: NodeImport): void {
  const { builder, node } = context
  const view = context.view(0)
  const features = view.shape.at(-1) ?? 1
  const views: FeatureView[] = []
  const imported = importForest(node, {
    features,
    view: (feature) => (views[feature] ??= featureView(context, view, feature)),
  })
  const labelled = imported.labels !== undefined
  const [labelName = ''] = labelled ? node.outputs : []
  const { index } = context.importer
  const wantLabel = labelName !== '' && (index.isOutput(labelName) || index.consumers(labelName).length > 0)
  if (wantLabel && imported.rule?.kind === 'unlabelled')
    throw context.unsupported(imported.rule.reason, 'Remove the label output from the graph; use the scores.')
  const made = addForest(builder, context.name, featureVector(builder, view, features), imported, wantLabel)
  if (made.label !== undefined)
    context.result(
      {
        kind: 'view',
        type: onnxTypes.int64,
        shape: context.resultShape(0),
        value: made.label,
        chains: [[]],
      },
      0,
    )
  const at = labelled ? 1 : 0
  const bound = imported.grid.bounds.reduce((most, sum) => Math.max(most, sum), 0)
  context.certify({ class: 'A', bound, reason: imported.certificate })
  if ((node.outputs[at] ?? '') === '') return
  const unit = 2 ** imported.exponent
  const scores: View = {
    kind: 'view',
    type: context.resultType(at),
    shape: context.resultShape(at),
    value: made.scores,
    chains: [unit === 1 ? [] : [{ kind: 'multiply', value: unit }]],
  }
  context.result(
    imported.pending === 'NONE' ? scores : { ...scores, logits: axesOf(imported.pending, scores.shape) },
    at,
  )
}

/** The axes along which the largest score keeps its place under the transform. */
function axesOf(transform: PostTransform, shape: readonly number[]): number[] {
  const axes = [...shape.keys()]
  return transform === 'SOFTMAX' ? axes.slice(-1) : axes
}

function featureView(context: NodeImport, view: View, feature: number): FeatureView {
  const value = context.builder.value(view.value)
  const channel = Math.floor(elementAt(view, feature) / innerSize(context.builder, view))
  const { min, max } = rangeOf(value, channel)
  const chain = chainAt(view, channel)
  if (direction(chain) < 0)
    throw context.unsupported(
      `feature ${feature} falls when its integer rises`,
      'Use positive scales before the trees.',
    )
  if (chain.some((step) => step.kind === 'smooth'))
    throw context.inexact(
      `feature ${feature} comes from a Sigmoid or Tanh, which every runtime rounds differently`,
      'Quantize the features, or leave the function out: trees need no scaling.',
    )
  if (context.importer.floats) return realView(min, max, (q) => evaluateFloat32(chain, q))
  return {
    min,
    max,
    compare: (q, limit) => {
      if (!Number.isFinite(limit)) return -Math.sign(limit)
      const sign = compareIntervals(evaluateExactly(chain, q), exactly(limit))
      if (sign !== undefined) return sign
      throw context.inexact(
        `feature ${feature} at ${q} is too near to the threshold ${limit}`,
        'Quantize the features.',
      )
    },
  }
}

/** The features as a vector in the order of the file. */
function featureVector(builder: GraphBuilder, view: View, features: number): ValueId {
  const { shape } = builder.value(view.value)
  if (view.order === undefined && shape.length === 1 && shape[0] === features) return view.value
  const { order } = view
  const operation = { kind: 'rearrange', source: view.value } as const
  return builder.add('features', order === undefined ? operation : { ...operation, indices: order }, [
    features,
  ])
}
