import { GemgateError } from '../../core/errors.ts'
import { elementCount } from '../graph/integer-graph.ts'
import { rangeBits } from '../graph/ranges.ts'
import { nodeLabel } from '../onnx/onnx-graph.ts'
import { type OnnxNode, type OnnxValue, onnxTypeName, onnxTypes } from '../onnx/onnx-model.ts'
import { allIntegerRanges } from '../onnx/onnx-tensor.ts'
import { declaredDims } from '../reference/infer-shapes.ts'
import { qonnxRange } from '../reference/operators/qonnx.ts'
import type { ImportOptions, InputGrid } from './certificate.ts'
import type { Chain } from './chain.ts'
import type { Constant } from './constant.ts'
import type { Importer } from './importer.ts'
import { isMovement } from './movement.ts'
import { checkScale, flag } from './qonnx-quantizer.ts'

/** Elements of the largest picture that a network for an FPGA can have. */
const maximumElements = 2 ** 22

/**
 * Creates a port and a view for each input of the graph that is not a constant.
 * @param refused called for an input of unusable shape or without a grid; throws by default
 * @throws GemgateError GG_MODEL_FORMAT, GG_MODEL_UNSUPPORTED, GG_MODEL_INEXACT or (options) GG_USAGE
 */
export function bindInputs(
  importer: Importer,
  options: ImportOptions,
  refused: (name: string, error: GemgateError) => void = (_, error) => {
    throw error
  },
): void {
  const { graph, constants } = importer.index
  const inputs = graph.inputs.filter((input) => !constants.has(input.name))
  const names = new Set<string>()
  for (const input of inputs) {
    if (names.has(input.name) || importer.index.producer(input.name) !== undefined)
      throw formatError(`value '${input.name}' is made twice`)
    names.add(input.name)
    bindInput(importer, input, gridFor(options, input.name), refused)
  }
  if (inputs.length === 0) throw formatError('the graph has no inputs')
  if (graph.outputs.length === 0) throw formatError('the graph has no outputs')
}

function formatError(message: string): GemgateError {
  return new GemgateError('GG_MODEL_FORMAT', message, 'Export the network again.')
}

function gridFor({ input }: ImportOptions, name: string): InputGrid | undefined {
  if (input === undefined) return undefined
  return 'bits' in input ? (input as InputGrid) : (input as Readonly<Record<string, InputGrid>>)[name]
}

function bindInput(
  importer: Importer,
  input: OnnxValue,
  grid: InputGrid | undefined,
  refused: (name: string, error: GemgateError) => void,
): void {
  let dims: readonly number[]
  try {
    dims = inputShape(input)
  } catch (error) {
    if (!(error instanceof GemgateError) || error.code !== 'GG_MODEL_UNSUPPORTED') throw error
    importer.bind(input.name, { kind: 'refused' })
    refused(input.name, error)
    return
  }
  importer.setSample(input.name, {
    type: input.type || onnxTypes.float,
    dims,
    data: new Float64Array(elementCount(dims)),
  })
  const shape = dims.length > 1 && dims[0] === 1 ? dims.slice(1) : dims
  const range = allIntegerRanges.get(input.type)
  if (range !== undefined) {
    const port = rangeBits({ min: range[0], max: range[1], step: 1 })
    const meaning = dequantizedBy(importer, input.name)
    const value = importer.builder.input({ name: input.name, ...port, ...meaning }, shape)
    importer.bind(input.name, { kind: 'view', type: input.type, shape: dims, value, chains: [[]] })
    return
  }
  if (input.type !== onnxTypes.float && input.type !== 0)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `input '${input.name}' is ${onnxTypeName(input.type)}`,
      'Use float32 or integers of at most 32 bits.',
    )
  const found = grid === undefined ? quantizedBy(importer, input.name) : givenGrid(input.name, grid)
  if (found === undefined) {
    importer.bind(input.name, { kind: 'refused' })
    refused(
      input.name,
      new GemgateError(
        'GG_MODEL_INEXACT',
        `the float input '${input.name}' is not quantized by the graph`,
        'Say on which grid the host delivers it (--input int16:2^-10; in code input: bits, signed, scale), or quantize a float network with `gemgate network quantize`.',
      ),
    )
    return
  }
  bindGrid(importer, input.name, dims, found)
}

/** Binds a value to integers that come from outside. */
export function bindGrid(importer: Importer, name: string, dims: readonly number[], found: FoundGrid): void {
  const { bits, signed, scale, zeroPoint, range } = found
  const shape = dims.length > 1 && dims[0] === 1 ? dims.slice(1) : dims
  const value = importer.builder.input(
    { name, bits, signed, scales: [scale], zeroPoint },
    shape,
    range === undefined ? undefined : { ...range, step: 1 },
  )
  const chain: Chain = [
    ...(zeroPoint === 0 ? [] : [{ kind: 'offset', value: -zeroPoint } as const]),
    { kind: 'multiply', value: scale },
  ]
  importer.bind(name, { kind: 'view', type: onnxTypes.float, shape: dims, value, chains: [chain] })
  importer.certificates.push({
    node: name,
    operator: 'Input',
    class: 'A',
    oracle: importer.oracle,
    bound: 2 ** (bits - (signed ? 1 : 0)),
    exact: true,
    reason: `${found.reason}: the host delivers integers q for the numbers (q - ${zeroPoint}) * ${scale}`,
  })
}

/** The declared shape, with 1 for a batch size that is left open; a larger one belongs to the network. */
function inputShape(input: OnnxValue): readonly number[] {
  for (const [axis, dim] of (input.dims ?? []).entries()) {
    if (typeof dim === 'number' && (!Number.isSafeInteger(dim) || dim < 0))
      throw formatError(`input '${input.name}' has dimension ${dim}`)
    if (axis > 0 && (typeof dim !== 'number' || dim === 0))
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `input '${input.name}' leaves dimension ${axis} open ('${dim ?? '?'}')`,
        'Export the network for a fixed size; only the batch size may be left open.',
      )
  }
  const dims = declaredDims(input)
  if (!(elementCount(dims) <= maximumElements))
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `input '${input.name}' has shape [${dims.join(', ')}]`,
      `Export the network with batch size 1, or use inputs of at most ${maximumElements} elements.`,
    )
  return dims
}

/** A grid on which numbers come from outside. */
export interface FoundGrid {
  readonly bits: number
  readonly signed: boolean
  readonly scale: number
  readonly zeroPoint: number
  readonly range?: { readonly min: number; readonly max: number }
  readonly reason: string
}

function givenGrid(name: string, grid: InputGrid): FoundGrid {
  const scale = grid.scale ?? 2 ** (grid.exponent ?? 0)
  const zeroPoint = grid.zeroPoint ?? 0
  if (
    !(Number.isInteger(grid.bits) && grid.bits >= 1 && grid.bits <= 32) ||
    !(scale >= 2 ** -126 && scale < 2 ** 127) ||
    Math.fround(scale) !== scale ||
    !Number.isSafeInteger(zeroPoint)
  )
    throw new GemgateError(
      'GG_USAGE',
      `the grid of input '${name}' has ${grid.bits} bits, scale ${scale} and zero point ${zeroPoint}`,
      'Give 1 to 32 bits, a positive float32 as scale and an integer zero point.',
    )
  return { bits: grid.bits, signed: grid.signed, scale, zeroPoint, reason: 'the grid that the caller names' }
}

/** The one node that reads a value, behind nodes that only move its elements. */
function soleReader(importer: Importer, name: string): OnnxNode | undefined {
  let value = name
  for (;;) {
    const consumers = importer.index.consumers(value)
    const [reader] = consumers
    if (reader === undefined || consumers.length > 1 || importer.index.isOutput(value)) return undefined
    if (!isMovement(reader) || reader.operator === 'Concat' || reader.operator === 'Pad') return reader
    if (reader.outputs.length !== 1 || reader.inputs[0] !== value) return undefined
    value = reader.outputs[0]!
  }
}

function constantOf(importer: Importer, name: string | undefined): Constant | undefined {
  const binding = importer.binding(name ?? '')
  return binding?.kind === 'constant' ? binding : undefined
}

/** The quantizer that reads an input before anything else: its work is the host's. */
function quantizedBy(importer: Importer, name: string): FoundGrid | undefined {
  const reader = soleReader(importer, name)
  return reader === undefined ? undefined : quantizerGrid(importer, reader)
}

/** The grid of the results of a quantizer with one scale, or undefined for other nodes. */
export function quantizerGrid(importer: Importer, node: OnnxNode): FoundGrid | undefined {
  const [scale, zero, width] = [1, 2, 3].map((at) => constantOf(importer, node.inputs[at]))
  if (scale?.values.length !== 1 || (zero !== undefined && zero.values.length !== 1)) return undefined
  const zeroPoint = zero?.values[0] ?? 0
  if (!Number.isSafeInteger(zeroPoint)) return undefined
  if (node.operator === 'QuantizeLinear') {
    const declared = node.attributes.find((attribute) => attribute.name === 'output_dtype')
    const type = zero?.type ?? (declared?.kind === 'int' && declared.value ? declared.value : onnxTypes.uint8)
    const range = allIntegerRanges.get(type)
    if (range === undefined) return undefined
    const format = rangeBits({ min: range[0], max: range[1], step: 1 })
    const reason = `${nodeLabel(node)} is the host's: round(x / scale) + zero point, ties to even`
    return { ...format, scale: checkScale(node, scale.values[0]!), zeroPoint, reason }
  }
  if ((node.operator === 'Quant' || node.operator === 'IntQuant') && width?.values.length === 1) {
    const bits = width.values[0]!
    const signed = flag(node, 'signed', true)
    const [min, max] = qonnxRange(bits, signed, flag(node, 'narrow', true))
    if (!Number.isInteger(bits) || bits > 32 || bits < 2) return undefined
    const common = { scale: checkScale(node, scale.values[0]!), zeroPoint, range: { min, max } }
    return { bits, signed, ...common, reason: `${nodeLabel(node)} is the host's` }
  }
  return undefined
}

/** What an integer input means: the DequantizeLinear that reads it says so. */
function dequantizedBy(importer: Importer, name: string): { scales: readonly number[]; zeroPoint: number } {
  const reader = soleReader(importer, name)
  const scale = constantOf(importer, reader?.inputs[1])
  const zero = constantOf(importer, reader?.inputs[2])
  if (reader?.operator !== 'DequantizeLinear' || scale?.values.length !== 1)
    return { scales: [1], zeroPoint: 0 }
  return { scales: [scale.values[0]!], zeroPoint: zero?.values[0] ?? 0 }
}
