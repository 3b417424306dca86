import { GemgateError } from '../../core/errors.ts'
import { elementCount, type IntegerGraph, type Port } from '../graph/integer-graph.ts'
import { type Certificate, fusedModel } from '../import/index.ts'
import { type OnnxModel, onnxTypes } from '../onnx/onnx-model.ts'
import { writeOnnx } from '../onnx/onnx-write.ts'
import { evaluateModel } from '../reference/index.ts'
import type { Tensor } from '../reference/tensor.ts'
import { openTensorSession } from './tensor-session.ts'

/** The program that a certificate speaks of: a network's integers by somebody else's arithmetic. */
export interface Oracle extends AsyncDisposable {
  /** What computes: for reports. */
  readonly description: string
  /** @returns the integers of the graph's output for integers of its input; NaN where it is no integer */
  evaluate(input: ArrayLike<number>): Promise<Float64Array>
}

/**
 * Opens the oracle that a certificate names: ONNX Runtime on the file as written or on its fused form, or
 * our own evaluator of the QONNX definitions, which ONNX Runtime does not run.
 * @throws GemgateError GG_DEVICE_UNAVAILABLE without ONNX Runtime
 */
export async function openOracle(
  file: OnnxModel,
  graph: IntegerGraph,
  certificate: Certificate,
): Promise<Oracle> {
  const input = graph.inputs[0]!
  const output = graph.outputs[0]!
  const { model, scores } = withScores(file, output.name)
  const declared = model.graph.inputs.find((value) => value.name === input.name)
  if (declared === undefined)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the model has no input '${input.name}'`,
      'Report this model.',
    )
  const dims = [1, ...graph.values[input.value]!.shape]
  const shape = fitted(declared.dims, dims)
  const feed = (integers: ArrayLike<number>): Tensor => ({
    type: declared.type,
    dims: shape,
    data: isFloat(declared.type) ? dequantize(input, integers, graph) : Float64Array.from(integers),
  })
  const integers = (tensor: Tensor): Float64Array =>
    isFloat(tensor.type) ? quantize(output, tensor.data, graph) : tensor.data
  if (certificate.oracle === 'qonnx')
    return {
      description: 'the QONNX definitions in double precision',
      evaluate: async (x) => {
        const made = evaluateModel(model, new Map([[input.name, feed(x)]]), { precision: 'float64' })
        return integers(made.get(scores)!)
      },
      async [Symbol.asyncDispose]() {},
    }
  const fused = certificate.oracle === 'fused'
  const session = await openTensorSession(writeOnnx(fused ? fusedModel(model) : model))
  return {
    description: `ONNX Runtime ${session.version}${fused ? ' on the fused operators' : ''}`,
    evaluate: async (x) => {
      const made = await session.run(new Map([[input.name, feed(x)]]))
      return integers(made.get(scores)!)
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** Softmax at the end is left out of the graph: then the scores before it are what is compared. */
function withScores(
  model: OnnxModel,
  output: string,
): { readonly model: OnnxModel; readonly scores: string } {
  const producer = model.graph.nodes.find((node) => node.outputs.includes(output))
  const scores = producer?.operator === 'Softmax' ? producer.inputs[0] : undefined
  if (producer === undefined || scores === undefined) return { model, scores: output }
  const nodes = model.graph.nodes.filter((node) => node !== producer)
  const outputs = model.graph.outputs.map((value) =>
    value.name === output ? { ...value, name: scores } : value,
  )
  return { model: { ...model, graph: { ...model.graph, nodes, outputs } }, scores }
}

function isFloat(type: number): boolean {
  return type === onnxTypes.float
}

/** The declared dimensions where they are numbers; symbolic ones are those of one sample. */
function fitted(
  declared: readonly (number | string | undefined)[] | undefined,
  dims: readonly number[],
): readonly number[] {
  if (declared === undefined) return dims
  const known = declared.map((dim, axis) =>
    axis === 0 ? 1 : typeof dim === 'number' && dim > 0 ? dim : (dims[axis] ?? 1),
  )
  return elementCount(known) === elementCount(dims) ? known : dims
}

function scaleAt(port: Port, graph: IntegerGraph, i: number, count: number): number {
  const channels = graph.values[port.value]!.shape[0] ?? 1
  return port.scales[port.scales.length === 1 ? 0 : Math.floor((i * channels) / count)]!
}

function dequantize(port: Port, integers: ArrayLike<number>, graph: IntegerGraph): Float64Array {
  return Float64Array.from(integers, (q, i) =>
    Math.fround((q - port.zeroPoint) * scaleAt(port, graph, i, integers.length)),
  )
}

/** Back to integers; what is further than 2^-10 of a step from one is NaN, which equals nothing. */
function quantize(port: Port, values: Float64Array, graph: IntegerGraph): Float64Array {
  return values.map((value, i) => {
    const q = value / scaleAt(port, graph, i, values.length) + port.zeroPoint
    const integer = Math.round(q) + 0
    return Math.abs(q - integer) <= Math.max(2 ** -10, Math.abs(q) * 2 ** -22) ? integer : Number.NaN
  })
}
