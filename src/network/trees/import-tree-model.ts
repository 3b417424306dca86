import { GemgateError } from '../../core/errors.ts'
import { GraphBuilder } from '../graph/graph-builder.ts'
import type { IntegerGraph } from '../graph/integer-graph.ts'
import { unsupported } from '../onnx/onnx-graph.ts'
import { type OnnxModel, type OnnxNode, type OnnxValue, onnxTypeName, onnxTypes } from '../onnx/onnx-model.ts'
import { addForest, portFormat } from './add-forest.ts'
import type { PostTransform } from './ensemble.ts'
import { dequantizedView, type FeatureView, integerView, realView } from './feature-view.ts'
import { importForest } from './import-forest.ts'
import { readEnsemble, treeOperators } from './read-ensemble.ts'

/** How the host stores the features: real value = integer * scale. */
export interface TreeInput {
  readonly bits: number
  readonly signed: boolean
  /** A float32 above 0, the same for all features; 1 by default. */
  readonly scale?: number
}

export interface TreeImport {
  readonly graph: IntegerGraph
  /** One line: why the integers equal the float evaluation. */
  readonly certificate: string
  /** The integer scores are the arguments of this transform. */
  readonly pending: PostTransform
  /** Of a classifier; an output of string labels carries the index. */
  readonly labels: readonly number[] | readonly string[] | undefined
}

/**
 * Imports a model that holds one tree ensemble and nothing else but casts and ZipMap: what skl2onnx and
 * onnxmltools write for scikit-learn, XGBoost and LightGBM.
 * @throws GemgateError GG_MODEL_FORMAT, GG_MODEL_UNSUPPORTED, GG_MODEL_INEXACT as `importForest`
 */
export function importTreeModel(model: OnnxModel, input: TreeInput): TreeImport {
  const { node, source, cast, outputs } = findEnsemble(model)
  const view = viewOf(source, cast, input)
  const declared = source.dims?.at(-1)
  const features = typeof declared === 'number' ? declared : readEnsemble(node).features
  if (!Number.isSafeInteger(features) || features < 1 || features > 65536)
    throw unsupported(node, `the model has ${features} features`, 'Use 1 to 65536 features.')
  const imported = importForest(node, { features, view: () => view })
  const builder = new GraphBuilder(model.graph.name)
  const scale = input.scale ?? 1
  const port = { name: source.name, bits: input.bits, signed: input.signed, scales: [scale], zeroPoint: 0 }
  const x = builder.input(port, [features])
  const labelled = imported.labels !== undefined
  const wantLabel = labelled && outputs.some((output) => output.index === 0)
  if (wantLabel && imported.rule?.kind === 'unlabelled')
    throw unsupported(node, imported.rule.reason, 'Remove the label output from the graph; use the scores.')
  const values = addForest(builder, node.name || node.operator, x, imported, wantLabel)
  for (const { name, index } of outputs) {
    const isLabel = labelled && index === 0
    const value = isLabel ? values.label! : values.scores
    const scales = [isLabel ? 1 : 2 ** imported.exponent]
    builder.output({ name, value, ...portFormat(builder, value), scales, zeroPoint: 0 })
  }
  const { certificate, pending, labels } = imported
  return { graph: builder.build(), certificate, pending, labels }
}

interface FoundEnsemble {
  readonly node: OnnxNode
  readonly source: OnnxValue
  /** Whether the features are cast to float32 first. */
  readonly cast: boolean
  /** Graph outputs and which output of the ensemble each of them is. */
  readonly outputs: readonly { readonly name: string; readonly index: number }[]
}

const remedy = 'Use importNetwork for networks with other operators beside the trees.'

function findEnsemble(model: OnnxModel): FoundEnsemble {
  const { graph } = model
  const ensembles = graph.nodes.filter(isEnsemble)
  const [node] = ensembles
  if (node === undefined || ensembles.length > 1)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the model holds ${ensembles.length} tree ensembles where one belongs`,
      remedy,
    )
  const steps = new Map<string | undefined, OnnxNode>()
  for (const other of graph.nodes) {
    if (other === node) continue
    if (!keepsNumbers(other)) throw unsupported(other, 'it is neither trees nor a cast to float32', remedy)
    steps.set(other.outputs[0], other)
  }
  const way = (name: string | undefined): { origin: string; cast: boolean } => {
    let origin = name ?? ''
    let cast = false
    const seen = new Set<OnnxNode>()
    for (let step = steps.get(origin); step !== undefined && !seen.has(step); step = steps.get(origin)) {
      seen.add(step)
      cast ||= step.operator === 'Cast'
      origin = step.inputs[0] ?? ''
    }
    return { origin, cast }
  }
  const { origin, cast } = way(node.inputs[0])
  const source = graph.inputs.find((value) => value.name === origin)
  if (source === undefined) throw unsupported(node, 'it does not read the input of the graph', remedy)
  const outputs = graph.outputs.map(({ name }) => ({ name, index: node.outputs.indexOf(way(name).origin) }))
  const lost = outputs.find(({ index }) => index < 0)
  if (lost !== undefined || outputs.length === 0)
    throw unsupported(node, `output '${lost?.name ?? ''}' of the graph does not come from the trees`, remedy)
  return { node, source, cast, outputs }
}

function isEnsemble(node: OnnxNode): boolean {
  return node.domain === 'ai.onnx.ml' && treeOperators.includes(node.operator)
}

/** Operators that keep the numbers; ZipMap only names the scores. */
function keepsNumbers(node: OnnxNode): boolean {
  if (node.domain === 'ai.onnx.ml') return node.operator === 'ZipMap'
  if (node.domain !== '') return false
  const to = node.attributes.find((attribute) => attribute.name === 'to')
  const toFloat = to?.kind === 'int' && to.value === onnxTypes.float
  return node.operator === 'Identity' || (node.operator === 'Cast' && toFloat)
}

function viewOf(source: OnnxValue, cast: boolean, input: TreeInput): FeatureView {
  const { bits, signed, scale = 1 } = input
  if (!Number.isInteger(bits) || bits < 1 || bits > 32)
    throw new GemgateError('GG_USAGE', `features of ${bits} bits`, 'Use 1 to 32 bits.')
  if (!(scale > 0) || !Number.isFinite(scale) || Math.fround(scale) !== scale)
    throw new GemgateError('GG_USAGE', `a scale of ${scale}`, 'Use a float32 above 0.')
  const [min, max] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
  if (source.type === onnxTypes.float) return dequantizedView(min, max, scale)
  if (source.type === onnxTypes.double)
    return realView(min, max, (q) => (cast ? Math.fround(q * scale) : q * scale))
  if (scale !== 1)
    throw new GemgateError(
      'GG_USAGE',
      `input '${source.name}' is ${onnxTypeName(source.type)}, which has no scale`,
      'Leave out the scale.',
    )
  return integerView(min, max)
}
