import { GemgateError } from '../../core/errors.ts'
import { unsupported } from '../onnx/onnx-graph.ts'
import { type OnnxModel, type OnnxNode, onnxTypeName, onnxTypes } from '../onnx/onnx-model.ts'
import { foldConstants, inferTensors, isQuantizer, type Tensor } from '../reference/index.ts'
import type { FloatNetwork, FloatStep, StepKind } from './float-step.ts'
import { linearKind } from './read-linear.ts'
import type { StepContext } from './step-context.ts'
import { stepError } from './step-error.ts'

const remedy = 'Quantize it by hand, or replace the operator before export.'

/** Functions of one number, and whether their results are never negative. */
const functions: Readonly<Record<string, boolean>> = {
  Sigmoid: true,
  HardSigmoid: true,
  Softplus: true,
  Tanh: false,
  Elu: false,
  HardSwish: false,
  LeakyRelu: false,
}

const transparent = new Set(['Identity', 'Dropout', 'Cast'])
const reshapes = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'])

/**
 * Reads a float network as steps.
 * @param inputDims shapes of the inputs, with batch size 1
 * @throws GemgateError GG_MODEL_UNSUPPORTED (naming the node) for what cannot be quantized here, or a
 *   network that is quantized already
 */
export function readFloatNetwork(
  model: OnnxModel,
  inputDims: ReadonlyMap<string, readonly number[]>,
): FloatNetwork {
  const quantizer = model.graph.nodes.find(isQuantizer)
  if (quantizer !== undefined)
    throw unsupported(quantizer, 'the network is quantized already', 'Give the float network.')
  const folded = foldConstants(model, { inputDims, fold: () => true })
  const values = inferTensors(folded, inputDims)
  const constants = new Map<string, Tensor>()
  for (const { name } of folded.graph.initializers) constants.set(name, values.get(name)!)
  const shapes = new Map([...values].map(([name, tensor]) => [name, tensor.dims]))
  for (const input of folded.graph.inputs) checkInput(input.name, values.get(input.name)!)

  const renamed = new Map<string, string>()
  const steps: FloatStep[] = []
  const opset = folded.opsets.get('') ?? 0
  for (const node of folded.graph.nodes) {
    if (node.domain !== '') throw unsupported(node, `domain '${node.domain}' is not quantized here`, remedy)
    const inputs = node.inputs
      .filter((name) => name !== '' && !constants.has(name))
      .map((name) => renamed.get(name) ?? name)
    const output = node.outputs[0]
    if (!output || inputs.length === 0)
      throw unsupported(node, 'it computes nothing from the inputs', 'Remove the node.')
    if (transparent.has(node.operator) && values.get(output)!.type === onnxTypes.float) {
      renamed.set(output, inputs[0]!)
      continue
    }
    const what = translate({ node, opset, constants, shapes })
    steps.push({ name: node.name || output, inputs, output, what })
  }
  return withOutputs(folded, steps, renamed, shapes)
}

function checkInput(name: string, { type, dims }: Tensor): void {
  if (type === onnxTypes.float && dims.length > 0 && dims[0] === 1) return
  throw new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `input '${name}' is ${onnxTypeName(type)} of shape [${dims.join(', ')}]`,
    'Export the network with float32 inputs whose first axis is a batch of 1.',
  )
}

/** Lets the last steps make the graph outputs under their own names, and drops softmax at the end. */
function withOutputs(
  model: OnnxModel,
  read: readonly FloatStep[],
  renamed: ReadonlyMap<string, string>,
  shapes: ReadonlyMap<string, readonly number[]>,
): FloatNetwork {
  const removed: string[] = []
  const names = new Map<string, string>()
  let steps = [...read]
  for (const { name } of model.graph.outputs) {
    let made = renamed.get(name) ?? name
    const last = steps.find((step) => step.output === made)
    const isRead = steps.some((step) => step.inputs.includes(made))
    if (last !== undefined && isSoftmax(last) && !isRead) {
      removed.push(last.name)
      steps = steps.filter((step) => step !== last)
      made = last.inputs[0]!
    }
    if (names.has(made) || !steps.some((step) => step.output === made))
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `output '${name}' is not computed from the inputs, or is the same as another`,
        'Remove the output.',
      )
    names.set(made, name)
  }
  for (const step of steps)
    if (isSoftmax(step))
      throw stepError(step, 'softmax in the middle of a network', 'GG_MODEL_UNSUPPORTED', remedy)
  const final = (value: string): string => names.get(value) ?? value
  return {
    name: model.graph.name,
    inputs: model.graph.inputs.map(({ name }) => ({ name, dims: shapes.get(name)! })),
    outputs: [...names].map(([made, name]) => ({ name, dims: shapes.get(made)! })),
    steps: steps.map((step) => ({ ...step, inputs: step.inputs.map(final), output: final(step.output) })),
    shapes: new Map([...shapes].map(([value, dims]) => [final(value), dims])),
    removed,
  }
}

function isSoftmax({ what }: FloatStep): boolean {
  return what.kind === 'function' && softmaxes.has(what.node.operator)
}

const softmaxes = new Set(['Softmax', 'LogSoftmax'])

function translate(context: StepContext): StepKind {
  const { node, shapes, constants } = context
  const dynamic = node.inputs.filter((name) => name !== '' && !constants.has(name))
  const constantInputs = dynamic.length < node.inputs.filter((name) => name !== '').length
  const linear = linearKind(context)
  if (linear !== undefined) return linear
  if (softmaxes.has(node.operator)) return { kind: 'function', node, nonNegative: false }
  if (Object.hasOwn(functions, node.operator))
    return { kind: 'function', node, nonNegative: functions[node.operator]! }
  if (reshapes.has(node.operator)) return reshape(node, shapes)
  switch (node.operator) {
    case 'Relu':
      return { kind: 'clamp', min: 0, max: Number.POSITIVE_INFINITY }
    case 'Clip':
      return clip(context)
    case 'Add':
    case 'Sum':
      if (dynamic.length === 2 && !constantInputs && sameShape(shapes, dynamic)) return { kind: 'add' }
      break
    case 'Concat':
      if (!constantInputs) return { kind: 'concat', axis: concatAxis(node, shapes.get(dynamic[0]!)!) }
      break
    case 'MaxPool':
    case 'Transpose':
      if (node.outputs.length === 1) return { kind: 'move', node }
      break
    case 'GlobalMaxPool':
      return { kind: 'move', node }
    case 'ArgMax':
      return { kind: 'argmax', node }
  }
  throw unsupported(node, 'it cannot be quantized here', remedy)
}

function sameShape(shapes: ReadonlyMap<string, readonly number[]>, names: readonly string[]): boolean {
  return new Set(names.map((name) => shapes.get(name)!.join())).size === 1
}

function concatAxis(node: OnnxNode, dims: readonly number[]): number {
  const given = node.attributes.find((attribute) => attribute.name === 'axis')
  const axis = given?.kind === 'int' ? given.value : 1
  return axis < 0 ? axis + dims.length : axis
}

function reshape(node: OnnxNode, shapes: ReadonlyMap<string, readonly number[]>): StepKind {
  const dims = shapes.get(node.outputs[0]!)!
  if (dims[0] !== 1) throw unsupported(node, 'it mixes the batch with other axes', remedy)
  return { kind: 'reshape', dims: dims.slice(1) }
}

function clip({ node, opset, constants }: StepContext): StepKind {
  const bound = (at: 1 | 2, name: string, missing: number): number => {
    if (opset < 11) {
      const given = node.attributes.find((attribute) => attribute.name === name)
      return given?.kind === 'float' ? given.value : missing
    }
    if (!node.inputs[at]) return missing
    const value = constants.get(node.inputs[at])
    if (value?.data.length !== 1) throw unsupported(node, 'its limits are not constants', remedy)
    return value.data[0]!
  }
  return {
    kind: 'clamp',
    min: bound(1, 'min', Number.NEGATIVE_INFINITY),
    max: bound(2, 'max', Number.POSITIVE_INFINITY),
  }
}
