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
  /** ONNX types of the integers before and behind: int8 or uint8. */
  readonly dataType: number
  readonly resultType: number | undefined
}

/** Nodes that one fused quantized operator replaces. */
export interface FusedGroup extends FusedSurroundings {
  readonly matrix: OnnxNode
  readonly operator: 'QLinearConv' | 'QLinearMatMul' | 'QGemm'
  readonly weights: Constant
  /** One scale for each output. */
  readonly weightScales: readonly number[]
  /** In steps of the accumulators. */
  readonly bias: readonly number[] | undefined
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
  const weights = constant(node.inputs[1] ?? '')
  if (weights?.quantized === undefined) return 'its weights are not quantized constants'
  let bias = node.inputs[2] || undefined
  let value = node.outputs[0] ?? ''
  let add: OnnxNode | undefined
  if (node.operator === 'MatMul') {
    const next = soleConsumer(index, value)
    const other = next?.operator === 'Add' ? next.inputs.find((name) => name !== value) : undefined
    const added = other === undefined ? undefined : constant(other)
    const vector = added !== undefined && added.shape.filter((size) => size !== 1).length <= 1
    if (added?.quantized !== undefined && vector && next !== undefined) {
      add = next
      bias = other
      value = next.outputs[0] ?? ''
    }
  }
  const around = fusedSurroundings(index, node, value, constant)
  if (typeof around === 'string') return around
  const conv = node.operator === 'Conv'
  const weightScales = outputScales(node, weights)
  if (weightScales === undefined) return 'weights of one output have several scales'
  if (weights.quantized.integers.some((w) => w < -128 || w > 127))
    return 'its weights less their zero point do not fit int8'
  const inputScale = constant(around.data.inputs[1]!)!.values[0]!
  const stored = bias === undefined ? undefined : constant(bias)
  if (bias !== undefined && stored === undefined) return 'its bias is not a constant'
  const biases = stored === undefined ? undefined : biasSteps(stored, inputScale, weightScales)
  if (typeof biases === 'string') return biases
  if (around.quantizer === undefined && (conv || around.between.some((one) => !isMovement(one))))
    return 'no QuantizeLinear stands behind it (only Relu, Clip, MaxPool and movements may stand between)'
  const gemm = node.operator === 'Gemm' || add !== undefined || around.quantizer === undefined
  const operator = conv ? 'QLinearConv' : gemm ? 'QGemm' : 'QLinearMatMul'
  const between = around.quantizer === undefined ? [] : around.between
  return { ...around, between, matrix: node, operator, weights, weightScales, bias: biases, add }
}

/** One scale for each output, when all weights of an output share theirs. */
function outputScales(node: OnnxNode, weights: Constant): number[] | undefined {
  const transB = node.attributes.find((attribute) => attribute.name === 'transB')
  const outputsFirst = node.operator === 'Conv' || (transB?.kind === 'int' && transB.value !== 0)
  const outputs = (outputsFirst ? weights.shape[0] : weights.shape.at(-1)) ?? 1
  const { scales } = weights.quantized!
  const perOutput = scales.length / outputs
  const found: number[] = []
  for (let j = 0; j < outputs; j++)
    for (let i = 0; i < perOutput; i++) {
      const scale = scales[outputsFirst ? j * perOutput + i : i * outputs + j]!
      found[j] ??= scale
      if (found[j] !== scale) return undefined
    }
  return found
}

/** The bias as int32 in steps of the accumulators, whose scales it must have bit for bit. */
function biasSteps(bias: Constant, inputScale: number, weightScales: readonly number[]): number[] | string {
  const { values, quantized } = bias
  if (values.length !== 1 && values.length !== weightScales.length) return 'its bias has another size'
  const steps: number[] = []
  for (const [j, weightScale] of weightScales.entries()) {
    const at = values.length === 1 ? 0 : j
    const scale = Math.fround(inputScale * weightScale)
    if (quantized === undefined) {
      if (values[at] !== 0) return 'its bias is not quantized'
      steps.push(0)
    } else if (quantized.scales[at] !== scale && quantized.integers[at] !== 0)
      return `its bias has scale ${quantized.scales[at]}, not input scale times weight scale = ${scale} in float32`
    else steps.push(quantized.integers[at]!)
  }
  return steps
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
 * Data and result are of 8 bits, because ONNX Runtime has no fused operators for others.
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
  const dataType = integerType(index, data, constant)
  const resultType = quantizer === undefined ? undefined : quantizedType(quantizer, constant)
  for (const type of [dataType, resultType ?? onnxTypes.uint8])
    if (type !== onnxTypes.int8 && type !== onnxTypes.uint8)
      return `fused operators take and make int8 and uint8, not ${type === undefined ? 'unknown types' : onnxTypeName(type)}`
  if (quantizer !== undefined && constant(quantizer.inputs[1] ?? '')?.values.length !== 1)
    return 'its result has several scales'
  return { data, before, between, quantizer, dataType: dataType!, resultType }
}

/** The integer type that a DequantizeLinear reads. */
function integerType(index: GraphIndex, node: OnnxNode, constant: ConstantLookup): number | undefined {
  const zero = constant(node.inputs[2] ?? '')
  if (zero !== undefined) return zero.type
  const input = index.graph.inputs.find(({ name }) => name === node.inputs[0])
  const producer = index.producer(node.inputs[0] ?? '')
  return (
    input?.type ?? (producer?.operator === 'QuantizeLinear' ? quantizedType(producer, constant) : undefined)
  )
}

/** The type that a QuantizeLinear makes. */
function quantizedType(quantizer: OnnxNode, constant: ConstantLookup): number {
  const declared = quantizer.attributes.find(({ name }) => name === 'output_dtype')
  const given = declared?.kind === 'int' && declared.value !== 0 ? declared.value : onnxTypes.uint8
  return constant(quantizer.inputs[2] ?? '')?.type ?? given
}

export function isClip(node: OnnxNode): boolean {
  return node.operator === 'Relu' || node.operator === 'Clip'
}

/** Whether a node does the same to integers as to the rising function of them that a quantizer means. */
function commutes(node: OnnxNode): boolean {
  if (node.outputs.length !== 1 || node.domain !== '') return false
  return (
    node.operator === 'MaxPool' || (isMovement(node) && node.operator !== 'Concat' && node.operator !== 'Pad')
  )
}

function soleConsumer(index: GraphIndex, value: string): OnnxNode | undefined {
  const consumers = index.consumers(value)
  return consumers.length === 1 && !index.isOutput(value) ? consumers[0] : undefined
}
