import type { GraphIndex } from '../onnx/onnx-graph.ts'
import { type OnnxNode, onnxTypeName, onnxTypes } from '../onnx/onnx-model.ts'
import type { Constant } from './constant.ts'
import { isMovement } from './movement.ts'

/** What stands before and behind an operator that a fused one replaces. */
export interface FusedSurroundings {
  /** The DequantizeLinear of the data. */
  readonly data: OnnxNode
  /** What moves the data, or takes maxima of them, before the operator: the same on integers. */
  readonly before: readonly OnnxNode[]
  /** Between operator and quantizer: Relu and Clip, maxima and movements, the same on integers. */
  readonly between: readonly OnnxNode[]
  /** Absent when a float32 result leaves the graph. */
  readonly quantizer: OnnxNode | undefined
}

/** Nodes that one fused quantized operator replaces. */
export interface FusedGroup extends FusedSurroundings {
  readonly matrix: OnnxNode
  readonly operator: 'QLinearConv' | 'QLinearMatMul' | 'QGemm'
  readonly weights: string
  readonly bias: string | undefined
  /** The Add of a bias behind a MatMul. */
  readonly add: OnnxNode | undefined
}

/** What a value name is, as far as it is known to be constant. */
export type ConstantLookup = (name: string) => Constant | undefined

/**
 * The group of a Conv, Gemm or MatMul: DequantizeLinear before it, Relu, Clip and QuantizeLinear behind it,
 * each read by the next only; or the reason why it is none.
 */
export function fusedGroup(index: GraphIndex, node: OnnxNode, constant: ConstantLookup): FusedGroup | string {
  if (constant(node.inputs[1] ?? '')?.quantized === undefined) return 'its weights are not quantized constants'
  let bias = node.inputs[2] || undefined
  let value = node.outputs[0] ?? ''
  let add: OnnxNode | undefined
  if (node.operator === 'MatMul') {
    const next = soleConsumer(index, value)
    const other = next?.operator === 'Add' ? next.inputs.find((name) => name !== value) : undefined
    const stored = other === undefined ? undefined : constant(other)
    const vector = stored !== undefined && stored.shape.filter((size) => size !== 1).length <= 1
    if (stored?.quantized !== undefined && vector && next !== undefined) {
      add = next
      bias = other
      value = next.outputs[0] ?? ''
    }
  }
  const around = fusedSurroundings(index, node, value, constant)
  if (typeof around === 'string') return around
  const conv = node.operator === 'Conv'
  if (around.quantizer === undefined && (conv || around.between.some((one) => !isMovement(one))))
    return 'no QuantizeLinear stands behind it (only Relu, Clip, MaxPool and movements may stand between)'
  const gemm = node.operator === 'Gemm' || add !== undefined || around.quantizer === undefined
  const operator = conv ? 'QLinearConv' : gemm ? 'QGemm' : 'QLinearMatMul'
  const between = around.quantizer === undefined ? [] : around.between
  return { ...around, between, matrix: node, operator, weights: node.inputs[1]!, bias, add }
}

/** The group of a GlobalAveragePool between DequantizeLinear and QuantizeLinear, or why it is none. */
export function fusedAverage(
  index: GraphIndex,
  node: OnnxNode,
  constant: ConstantLookup,
): FusedSurroundings | string {
  const around = fusedSurroundings(index, node, node.outputs[0] ?? '', constant)
  if (typeof around === 'string' || around.quantizer !== undefined) return around
  return 'no QuantizeLinear stands behind it (only Relu, Clip, MaxPool and movements may stand between)'
}

/**
 * Data and result are both uint8 or both int8, because ONNX Runtime has no fused operators for other pairs.
 * @param result the value that the operator (with its bias) makes
 */
function fusedSurroundings(
  index: GraphIndex,
  node: OnnxNode,
  result: string,
  constant: ConstantLookup,
): FusedSurroundings | string {
  const before: OnnxNode[] = []
  let data = index.producer(node.inputs[0] ?? '')
  while (data !== undefined && commutes(data)) {
    before.unshift(data)
    data = index.producer(data.inputs[0] ?? '')
  }
  if (data?.operator !== 'DequantizeLinear') return 'its data do not come from a DequantizeLinear'
  if (constant(data.inputs[1] ?? '')?.values.length !== 1) return 'its data have several scales'
  const between: OnnxNode[] = []
  let value = result
  let next = soleConsumer(index, value)
  while (next !== undefined && (isClip(next) || commutes(next)) && next.inputs[0] === value) {
    between.push(next)
    value = next.outputs[0] ?? ''
    next = soleConsumer(index, value)
  }
  const quantizer = next?.operator === 'QuantizeLinear' ? next : undefined
  if (quantizer !== undefined) {
    const from = constant(data.inputs[2] ?? '')?.type ?? onnxTypes.uint8
    const to = constant(quantizer.inputs[2] ?? '')?.type ?? onnxTypes.uint8
    if (constant(quantizer.inputs[1] ?? '')?.values.length !== 1) return 'its result has several scales'
    if (from !== to || (to !== onnxTypes.int8 && to !== onnxTypes.uint8))
      return `fused operators do not make ${onnxTypeName(to)} from ${onnxTypeName(from)}`
  }
  return { data, before, between, quantizer }
}

export function isClip(node: OnnxNode): boolean {
  return node.operator === 'Relu' || node.operator === 'Clip'
}

/** Whether a node does the same to integers as to the rising function of them that a quantizer means. */
function commutes(node: OnnxNode): boolean {
  if (node.outputs.length !== 1 || node.domain !== '') return false
  return node.operator === 'MaxPool' || (isMovement(node) && node.operator !== 'Concat' && node.operator !== 'Pad')
}

function soleConsumer(index: GraphIndex, value: string): OnnxNode | undefined {
  const consumers = index.consumers(value)
  return consumers.length === 1 && !index.isOutput(value) ? consumers[0] : undefined
}
