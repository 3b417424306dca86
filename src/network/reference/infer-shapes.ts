import { GemgateError } from '../../core/errors.ts'
import { type OnnxModel, type OnnxValue, onnxTypes } from '../onnx/onnx-model.ts'
import { evaluateModel } from './evaluate-model.ts'
import { countElements, type Tensor } from './tensor.ts'

/** Elements of the largest input whose shape is inferred; a training set as batch is refused. */
const maximumInputElements = 2 ** 24

/**
 * The shape of every value, constants included, found by evaluating the network on zeros.
 * @param inputDims shapes to use instead of the declared ones; symbolic and unknown dimensions are 1
 * @throws GemgateError as `evaluateModel`, and GG_MODEL_UNSUPPORTED for an input without a shape
 */
export function inferShapes(
  model: OnnxModel,
  inputDims: ReadonlyMap<string, readonly number[]> = new Map(),
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const [name, tensor] of inferTensors(model, inputDims)) shapes.set(name, tensor.dims)
  return shapes
}

/** As `inferShapes`, with the element types; the elements are those for zeros as inputs. */
export function inferTensors(
  model: OnnxModel,
  inputDims: ReadonlyMap<string, readonly number[]> = new Map(),
): Map<string, Tensor> {
  const constants = new Set(model.graph.initializers.map((tensor) => tensor.name))
  const zeros = new Map<string, Tensor>()
  const declared: OnnxValue[] = []
  for (const input of model.graph.inputs) {
    if (constants.has(input.name)) {
      declared.push(input)
      continue
    }
    const dims = inputDims.get(input.name) ?? declaredDims(input)
    const count = countElements(dims)
    if (!(count <= maximumInputElements))
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `input '${input.name}' has shape [${dims.join(', ')}]`,
        'Export the network with batch size 1 or a symbolic batch.',
      )
    declared.push({ ...input, dims })
    zeros.set(input.name, { type: input.type || onnxTypes.float, dims, data: new Float64Array(count) })
  }
  const fixed = { ...model, graph: { ...model.graph, inputs: declared } }
  return evaluateModel(fixed, zeros, { all: true })
}

/** The declared shape of an input, with 1 for what is left open. */
export function declaredDims(input: OnnxValue): readonly number[] {
  if (input.dims === undefined)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `input '${input.name}' has no declared shape`,
      'Export the network with the shape of its input.',
    )
  return input.dims.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : 1))
}
