import { elementCount } from '../../graph/integer-graph.ts'
import { onnxTypes } from '../../onnx/onnx-model.ts'
import { type Constant, pickConstant } from '../constant.ts'
import { settleClips } from '../exact-forms.ts'
import type { NodeImport } from '../importer.ts'
import { type IntegerProduct, integerProduct, type ProductLayout } from '../matrix-product.ts'
import type { Translator } from '../translators.ts'
import { elementAt, innerSize, layOut, pickView, shrinkChains, type View } from '../view.ts'

/** A product of a view with constant weights `[outputs][inputs]`, whose result has the node's shape. */
export interface Dense {
  readonly x: View
  readonly weights: Constant
  readonly bias: Constant | undefined
  readonly quantizedOperator?: ProductLayout['quantizedOperator']
}

/** Emits a matrix on the whole view as one vector. */
export function emitDense(context: NodeImport, { x: given, weights, bias, quantizedOperator }: Dense): View {
  const { builder } = context
  const x = settleClips(context, given)
  const [outputs = 0, inputs = 0] = weights.shape
  const value = builder.value(x.value)
  const size = elementCount(value.shape)
  const inner = innerSize(builder, x)
  // The order of the view goes into the order of the weights; elements that it leaves out weigh nothing.
  const direct = isPermutation(x, inputs, size)
  const source = direct ? x : layOut(builder, x, [inputs])
  if (source === undefined || outputs === 0 || inputs === 0) throw context.malformed('it has no elements')
  const columns = new Int32Array(inputs)
  for (let i = 0; i < inputs; i++) columns[direct ? elementAt(x, i) : i] = i
  const made = integerProduct(context, source, weights, bias, {
    outputs,
    weightsOf: (j) => columns.map((i) => j * inputs + i),
    channelOf: (_, k) => (direct ? Math.floor(k / inner) : k),
    padded: false,
    quantizedOperator,
  })
  const id = builder.add(context.name, {
    kind: 'dense',
    source: made.view.value,
    weights: made.weights,
    bias: made.bias,
  })
  certifyProduct(context, made)
  return { ...resultOf(context), value: id, chains: shrinkChains(made.chains) }
}

function isPermutation(x: View, inputs: number, size: number): boolean {
  if (inputs !== size) return false
  if (x.order === undefined) return true
  const seen = new Uint8Array(size)
  for (const i of x.order) {
    if (seen[i]) return false
    seen[i] = 1
  }
  return true
}

export function certifyProduct(context: NodeImport, made: IntegerProduct): void {
  context.certify({ class: made.class, bound: made.bound, reason: made.reason })
}

function resultOf(context: NodeImport): Omit<View, 'value' | 'chains'> {
  return { kind: 'view', type: context.resultType(), shape: context.resultShape() }
}

const gemm: Translator = (context) => {
  const attributes = context.attributes('alpha', 'beta', 'transA', 'transB', 'broadcast')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'float' || attribute?.kind === 'int' ? attribute.value : missing
  }
  if (number('alpha', 1) !== 1 || (number('beta', 1) !== 1 && context.has(2)))
    throw context.unsupported('alpha or beta is not 1', 'Fold the factors into weights and bias.')
  if (context.operand(0).kind === 'constant')
    throw context.unsupported('its left operand is a constant', 'Give the data first, then the weights.')
  let x = context.view(0)
  if (number('transA', 0) !== 0) x = transposed(x)
  const weights = context.constant(1, 'weight matrix')
  const outputsFirst = number('transB', 0) !== 0 ? weights : transposedConstant(weights)
  const bias = context.optionalConstant(2, 'bias')
  context.result(product(context, x, outputsFirst, biasVector(context, bias, outputsFirst.shape[0]!)))
}

/** A bias that is the same for every row. */
export function biasVector(
  context: NodeImport,
  bias: Constant | undefined,
  outputs: number,
): Constant | undefined {
  if (bias === undefined) return undefined
  const fits = bias.values.length === 1 || (bias.values.length === outputs && bias.shape.at(-1) === outputs)
  if (fits) return bias
  throw context.unsupported(
    `its bias has shape [${bias.shape.join(', ')}] for ${outputs} outputs`,
    `Store the bias as ${outputs} numbers.`,
  )
}

export function transposed(x: View): View {
  const [rows = 0, columns = 0] = x.shape
  const indices = Int32Array.from(
    { length: rows * columns },
    (_, i) => (i % rows) * columns + Math.floor(i / rows),
  )
  return pickView(x, indices, [columns, rows])
}

export function transposedConstant(weights: Constant): Constant {
  const [rows = 0, columns = 0] = weights.shape
  const indices = Int32Array.from(
    { length: rows * columns },
    (_, i) => (i % rows) * columns + Math.floor(i / rows),
  )
  return pickConstant(weights, indices, [columns, rows])
}

const matMul: Translator = (context) => {
  context.attributes()
  const [a, b] = [context.operand(0), context.operand(1)]
  if (a.kind === 'view' && b.kind === 'view')
    throw context.unsupported('it multiplies two computed matrices', 'One operand must be a constant.')
  context.result(matrixProduct(context))
}

/** A matrix product of a computed and a constant operand, in either order. */
export function matrixProduct(context: NodeImport): View {
  if (context.operand(0).kind === 'constant') {
    const weights = context.constant(0, 'weight matrix')
    const x = context.view(1)
    if (weights.shape.length !== 2 || x.shape.length !== 2) throw batched(context, weights)
    return leftProduct(context, transposed(x), weights)
  }
  const weights = context.constant(1, 'weight matrix')
  const matrix = weights.shape.length === 1 ? { ...weights, shape: [weights.shape[0]!, 1] } : weights
  if (matrix.shape.length !== 2) throw batched(context, weights)
  return product(context, context.view(0), transposedConstant(matrix), undefined)
}

function batched(context: NodeImport, weights: Constant): Error {
  return context.unsupported(
    `its weights have shape [${weights.shape.join(', ')}]`,
    'Use one weight matrix of two dimensions.',
  )
}

/** `W x` for columns of x: each a vector. */
function leftProduct(context: NodeImport, rows: View, weights: Constant): View {
  const made = product(context, rows, weights, undefined)
  const [outputs = 0, columns = 0] = context.resultShape()
  const indices = Int32Array.from(
    { length: outputs * columns },
    (_, i) => (i % columns) * outputs + Math.floor(i / columns),
  )
  return pickView({ ...made, shape: [columns, outputs] }, indices, [outputs, columns])
}

/** Rows of x times weights: one row is a vector, several are a 1x1 convolution over the rows. */
export function product(
  context: NodeImport,
  x: View,
  weights: Constant,
  bias: Constant | undefined,
  quantizedOperator?: ProductLayout['quantizedOperator'],
): View {
  const [outputs = 0, inputs = 0] = weights.shape
  const elements = elementCount(x.shape)
  if (x.shape.at(-1) !== inputs || inputs === 0 || outputs === 0)
    throw context.malformed(`[${x.shape.join(', ')}] does not fit ${inputs} inputs`)
  const rows = elements / inputs
  if (rows === 1) return emitDense(context, { x, weights, bias, quantizedOperator })
  const { builder } = context
  const byChannel = Int32Array.from(
    { length: elements },
    (_, i) => (i % rows) * inputs + Math.floor(i / rows),
  )
  const columns = layOut(builder, pickView(settleClips(context, x), byChannel, [inputs, 1, rows]), [
    inputs,
    1,
    rows,
  ])
  if (columns === undefined)
    throw context.inexact('the rows of its data have different scales', 'Quantize per tensor.')
  const made = integerProduct(context, columns, weights, bias, {
    outputs,
    weightsOf: (j) => Int32Array.from({ length: inputs }, (_, i) => j * inputs + i),
    channelOf: (_, k) => k,
    padded: false,
    quantizedOperator,
  })
  const id = builder.add(context.name, {
    kind: 'conv',
    source: made.view.value,
    weights: made.weights,
    bias: made.bias,
    groups: 1,
    window: { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] },
  })
  certifyProduct(context, made)
  const order = Int32Array.from(
    { length: rows * outputs },
    (_, i) => (i % outputs) * rows + Math.floor(i / outputs),
  )
  return { ...resultOf(context), value: id, order, chains: shrinkChains(made.chains) }
}

/** Products of integer tensors with zero points; the result is int32. */
const matMulInteger: Translator = (context) => {
  context.attributes()
  const zeroOf = (at: number): number => {
    const zero = context.optionalConstant(at, 'zero point')
    if (zero?.values.some((z) => z !== zero.values[0]))
      throw context.unsupported('zero points by row or column', 'Use one zero point.')
    return zero?.values[0] ?? 0
  }
  const weights = context.constant(1, 'weight matrix')
  const zero = zeroOf(3)
  if (weights.shape.length !== 2) throw batched(context, weights)
  const centred = { ...weights, values: weights.values.map((w) => w - zero) }
  const x = context.view(0)
  const shifted: View = {
    ...x,
    chains: x.chains.map((chain) => [...chain, { kind: 'offset', value: -zeroOf(2) }]),
  }
  const made = product(context, shifted, transposedConstant(centred), undefined, 'makes-integers')
  context.result({ ...made, type: onnxTypes.int32 })
}

export const matrices: Readonly<Record<string, Translator>> = {
  Gemm: gemm,
  MatMul: matMul,
  MatMulInteger: matMulInteger,
}
