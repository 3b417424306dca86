import { unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { countElements, type Tensor } from '../reference/index.ts'
import type { LinearStep, StepKind } from './float-step.ts'
import type { StepContext } from './step-context.ts'

/** The linear or affine step that a node is, if it is one. */
export function linearKind(context: StepContext): StepKind | undefined {
  switch (context.node.operator) {
    case 'Gemm':
      return gemm(context)
    case 'MatMul':
      return matMul(context)
    case 'Conv':
      return conv(context)
    case 'BatchNormalization':
      return batchNormalization(context)
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(context)
    case 'Neg':
      return { kind: 'affine', scales: Float64Array.of(-1), offsets: Float64Array.of(0) }
    case 'AveragePool':
    case 'GlobalAveragePool':
      return average(context)
    default:
      return undefined
  }
}

function refuse(node: OnnxNode, reason: string): Error {
  return unsupported(node, reason, 'Export it in the usual form, with constant weights.')
}

function constantAt({ node, constants }: StepContext, at: number, what: string): Tensor {
  const tensor = constants.get(node.inputs[at] ?? '')
  if (tensor === undefined) throw refuse(node, `its ${what} is not a constant`)
  return tensor
}

function numberOf(node: OnnxNode, name: string, missing: number): number {
  const attribute = node.attributes.find((given) => given.name === name)
  return attribute?.kind === 'int' || attribute?.kind === 'float' ? attribute.value : missing
}

function listOf(node: OnnxNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes.find((given) => given.name === name)
  return attribute?.kind === 'ints' ? attribute.value : undefined
}

/** Weights as `[outputs, inputs]`. */
function byOutputs(weights: Tensor, transposed: boolean): { dims: number[]; weights: Float64Array } {
  const [rows, columns] = weights.dims as [number, number]
  if (transposed) return { dims: [rows, columns], weights: weights.data.slice() }
  const data = new Float64Array(weights.data.length)
  for (let k = 0; k < rows; k++)
    for (let n = 0; n < columns; n++) data[n * rows + k] = weights.data[k * columns + n]!
  return { dims: [columns, rows], weights: data }
}

function gemm(context: StepContext): LinearStep {
  const { node } = context
  const stored = constantAt(context, 1, 'weight matrix')
  if (context.constants.has(node.inputs[0]!)) throw refuse(node, 'its left operand is a constant')
  if (numberOf(node, 'transA', 0) !== 0) throw refuse(node, 'its left operand is transposed')
  const { dims, weights } = byOutputs(stored, numberOf(node, 'transB', 0) !== 0)
  const [alpha, beta] = [numberOf(node, 'alpha', 1), numberOf(node, 'beta', 1)]
  for (let i = 0; i < weights.length; i++) weights[i]! *= alpha
  const given = node.inputs[2] ? constantAt(context, 2, 'bias').data : Float64Array.of(0)
  if (given.length !== 1 && given.length !== dims[0]) throw refuse(node, `it has ${given.length} biases`)
  const bias = Float64Array.from({ length: dims[0]! }, (_, n) => beta * given[given.length === 1 ? 0 : n]!)
  return { kind: 'linear', form: 'gemm', dims, weights, bias, attributes: [] }
}

function matMul(context: StepContext): LinearStep {
  const { node, shapes } = context
  const stored = constantAt(context, 1, 'right operand')
  if (stored.dims.length !== 2 || shapes.get(node.inputs[0]!)!.length !== 2)
    throw refuse(node, 'it multiplies other than a vector with a matrix')
  const { dims, weights } = byOutputs(stored, false)
  return { kind: 'linear', form: 'gemm', dims, weights, bias: new Float64Array(dims[0]!), attributes: [] }
}

function conv(context: StepContext): LinearStep {
  const { node } = context
  const { dims, data } = constantAt(context, 1, 'kernel')
  const bias = node.inputs[2] ? constantAt(context, 2, 'bias').data.slice() : new Float64Array(dims[0]!)
  return { kind: 'linear', form: 'conv', dims, weights: data.slice(), bias, attributes: node.attributes }
}

function batchNormalization(context: StepContext): StepKind {
  const { node } = context
  if (numberOf(node, 'training_mode', 0) !== 0) throw refuse(node, 'it is in training mode')
  const [gain, offset, mean, variance] = [1, 2, 3, 4].map((at) => constantAt(context, at, 'parameters').data)
  const epsilon = Math.fround(numberOf(node, 'epsilon', 1e-5))
  const scales = gain!.map((g, c) => g / Math.sqrt(variance![c]! + epsilon))
  return { kind: 'affine', scales, offsets: offset!.map((b, c) => b - mean![c]! * scales[c]!) }
}

/** An operation with a constant that has one element, or one for each channel. */
function arithmetic(context: StepContext): StepKind | undefined {
  const { node, constants, shapes } = context
  const [a, b] = node.inputs as [string, string]
  if (constants.has(a) === constants.has(b)) {
    if (node.operator === 'Add') return undefined
    throw refuse(node, 'it combines two computed values')
  }
  const first = constants.has(a)
  const value = first ? b : a
  const numbers = perChannel(node, constants.get(first ? a : b)!, shapes.get(value)!)
  const zeros = numbers.map(() => 0)
  switch (node.operator) {
    case 'Add':
      return { kind: 'affine', scales: Float64Array.of(1), offsets: numbers }
    case 'Sub':
      if (first) return { kind: 'affine', scales: Float64Array.of(-1), offsets: numbers }
      return { kind: 'affine', scales: Float64Array.of(1), offsets: numbers.map((x) => -x) }
    case 'Mul':
      return { kind: 'affine', scales: numbers, offsets: zeros }
    default:
      if (first || numbers.includes(0)) throw refuse(node, 'it divides by a computed value or by 0')
      return { kind: 'affine', scales: numbers.map((x) => 1 / x), offsets: zeros }
  }
}

/** A constant that broadcasts to `[batch, channels, ...]` and is the same along all axes but 1. */
function perChannel(node: OnnxNode, { dims, data }: Tensor, onto: readonly number[]): Float64Array {
  if (data.length === 1) return data
  const aligned = [...new Array<number>(Math.max(0, onto.length - dims.length)).fill(1), ...dims]
  if (aligned.length === onto.length && data.length === onto[1] && aligned[1] === onto[1]) return data
  throw refuse(node, `its constant has shape [${dims.join(', ')}] beside [${onto.join(', ')}]`)
}

/** The mean over windows: as it is when their size is a power of two, else a convolution. */
function average({ node, shapes }: StepContext): StepKind {
  const from = shapes.get(node.inputs[0]!)!
  const overall = node.operator === 'GlobalAveragePool'
  const kernel = overall ? from.slice(2) : (listOf(node, 'kernel_shape') ?? [])
  const area = countElements(kernel)
  const padded = (listOf(node, 'pads') ?? []).some((pad) => pad !== 0) || same(node)
  if (padded && numberOf(node, 'count_include_pad', 0) === 0)
    throw refuse(node, 'windows at the border have fewer elements')
  if (numberOf(node, 'ceil_mode', 0) !== 0) throw refuse(node, 'it rounds its size up (ceil_mode)')
  if (Number.isInteger(Math.log2(area))) return { kind: 'average', node, area }
  const channels = from[1]!
  const kept = new Set(['pads', 'strides', 'auto_pad', 'dilations'])
  return {
    kind: 'linear',
    form: 'conv',
    dims: [channels, 1, ...kernel],
    weights: new Float64Array(channels * area).fill(1 / area),
    bias: new Float64Array(channels),
    attributes: [
      ...node.attributes.filter(({ name }) => kept.has(name)),
      { name: 'group', kind: 'int', value: channels },
    ],
  }
}

function same(node: OnnxNode): boolean {
  const mode = node.attributes.find(({ name }) => name === 'auto_pad')
  return mode?.kind === 'string' && mode.value.startsWith('SAME')
}
