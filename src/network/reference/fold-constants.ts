import { GemgateError } from '../../core/errors.ts'
import type { OnnxModel, OnnxNode, OnnxTensor } from '../onnx/onnx-model.ts'
import { checkConstants, NodeEvaluator } from './evaluate-model.ts'
import { inferShapes } from './infer-shapes.ts'
import { fromOnnxTensor, type Tensor, toOnnxTensor } from './tensor.ts'

export interface FoldOptions {
  /** Which nodes with constant inputs may become constants; by default all but quantizers. */
  readonly fold?: (node: OnnxNode) => boolean
  /** Also makes `Shape` and `Size` of computed values constant, at these input shapes (see `inferShapes`). */
  readonly inputDims?: ReadonlyMap<string, readonly number[]>
}

const quantizers = new Set([
  'Quant',
  'IntQuant',
  'BipolarQuant',
  'FloatQuant',
  'Trunc',
  'MultiThreshold',
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
])

/** Whether a node quantizes or dequantizes: importers want to see these on weights. */
export function isQuantizer(node: OnnxNode): boolean {
  return quantizers.has(node.operator)
}

/**
 * The same network with every node whose inputs are all constants replaced by its result, in float32 as
 * ONNX defines it. Nodes that cannot be evaluated stay; so do those that make a graph output. `Constant`
 * nodes always become initializers. Initializers that nothing reads any more are dropped, and constants are
 * no longer listed as inputs.
 * @throws GemgateError GG_MODEL_FORMAT for constants whose data does not match their shape
 */
export function foldConstants(model: OnnxModel, options: FoldOptions = {}): OnnxModel {
  checkConstants(model)
  const may = options.fold ?? ((node: OnnxNode) => !isQuantizer(node))
  const shapes = options.inputDims === undefined ? undefined : inferShapes(model, options.inputDims)
  const outputs = new Set(model.graph.outputs.map((output) => output.name))
  const evaluator = new NodeEvaluator(model)
  const stored = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]))
  const known = new Map<string, Tensor>()
  const constant = (name: string): Tensor | undefined => {
    const tensor = known.get(name)
    if (tensor !== undefined || !stored.has(name)) return tensor
    const read = fromOnnxTensor(stored.get(name)!)
    known.set(name, read)
    return read
  }
  const kept: OnnxNode[] = []
  for (const node of model.graph.nodes) {
    const shaped = shapes !== undefined && (node.operator === 'Shape' || node.operator === 'Size')
    const inputs = new Map<string, Tensor>()
    for (const name of node.inputs) {
      if (name === '') continue
      const dims = shaped ? shapes.get(name) : undefined
      const tensor = constant(name) ?? (dims === undefined ? undefined : emptyOf(dims))
      if (tensor !== undefined) inputs.set(name, tensor)
    }
    const complete = node.inputs.every((name) => name === '' || inputs.has(name))
    const allowed = node.operator === 'Constant' || may(node)
    const results =
      complete && allowed && !node.outputs.some((name) => outputs.has(name))
        ? tryEvaluate(evaluator, node, inputs)
        : undefined
    if (results === undefined) kept.push(node)
    else
      for (const [name, tensor] of results) {
        known.set(name, tensor)
        stored.set(name, toOnnxTensor(name, tensor))
      }
  }
  const initializers = stillRead(stored, kept, outputs)
  // Old exporters list constants as inputs too.
  const inputs = model.graph.inputs.filter((input) => !stored.has(input.name))
  return { ...model, graph: { ...model.graph, inputs, nodes: kept, initializers } }
}

/** Shape and Size look at the shape only. */
function emptyOf(dims: readonly number[]): Tensor {
  return { type: 1, dims, data: new Float64Array(dims.reduce((a, b) => a * b, 1)) }
}

function tryEvaluate(
  evaluator: NodeEvaluator,
  node: OnnxNode,
  inputs: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> | undefined {
  try {
    return evaluator.evaluate(node, inputs)
  } catch (error) {
    if (error instanceof GemgateError && error.code === 'GG_MODEL_UNSUPPORTED') return undefined
    throw error
  }
}

function stillRead(
  tensors: ReadonlyMap<string, OnnxTensor>,
  nodes: readonly OnnxNode[],
  outputs: ReadonlySet<string>,
): OnnxTensor[] {
  const read = new Set(outputs)
  for (const node of nodes) for (const name of node.inputs) read.add(name)
  return [...tensors.values()].filter((tensor) => read.has(tensor.name))
}
