import { GemgateError } from '../../core/errors.ts'
import { type OnnxModel, type OnnxNode, onnxTypes } from '../onnx/onnx-model.ts'
import { evaluateModel } from '../reference/index.ts'
import type { Tensor } from '../reference/tensor.ts'

/**
 * The scores of a network without the rounding of its activations: what another machine gets that computes the
 * same weights in floating point. Pairs of QuantizeLinear and DequantizeLinear are passed through, unrounded and
 * unlimited; the output is divided by its scale, so that its unit stays the step of the network's output.
 * @returns scores for one input vector; null where the network has no such form: its output is not quantized with
 *   one scale, or the reference evaluator lacks an operator
 */
export function unquantizedScores(model: OnnxModel): (input: ArrayLike<number>) => Float64Array | null {
  const { nodes } = model.graph
  const input = model.graph.inputs[0]!
  const last = nodes.find(
    (node) => node.operator === 'QuantizeLinear' && node.outputs[0] === model.graph.outputs[0]?.name,
  )
  if (last === undefined) return () => null
  const passed = passThrough(nodes)
  const kept = nodes
    .filter((node) => node.operator !== 'QuantizeLinear' && !passed.has(node.outputs[0]!))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => passed.get(name) ?? name) }))
  const [value, scale, zero] = last.inputs.map((name) => passed.get(name) ?? name)
  const float = {
    ...model,
    graph: { ...model.graph, nodes: kept, outputs: [{ name: value!, type: onnxTypes.float }] },
  }
  const shape = input.dims?.slice(1) ?? []
  return (vector) => {
    const dims = shape.every((side) => typeof side === 'number') ? [1, ...shape] : [1, vector.length]
    const feed = { type: input.type, dims, data: Float64Array.from(vector) }
    const values = evaluated(float, new Map([[input.name, feed]]))
    const step = values?.get(scale!)?.data
    const offset = zero === undefined || zero === '' ? 0 : (values?.get(zero)?.data[0] ?? 0)
    if (step?.length !== 1) return null
    return values!.get(value!)!.data.map((real) => real / step[0]! + offset)
  }
}

function evaluated(model: OnnxModel, feeds: ReadonlyMap<string, Tensor>): Map<string, Tensor> | null {
  try {
    return evaluateModel(model, feeds, { all: true, precision: 'float64' })
  } catch (error) {
    if (error instanceof GemgateError) return null
    throw error
  }
}

/** Value after each dequantized activation by the value before its quantization. */
function passThrough(nodes: readonly OnnxNode[]): Map<string, string> {
  const quantized = new Map(
    nodes
      .filter(({ operator }) => operator === 'QuantizeLinear')
      .map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]),
  )
  const passed = new Map<string, string>()
  for (const { operator, inputs, outputs } of nodes) {
    const before = operator === 'DequantizeLinear' ? quantized.get(inputs[0]!) : undefined
    if (before !== undefined) passed.set(outputs[0]!, passed.get(before) ?? before)
  }
  return passed
}
