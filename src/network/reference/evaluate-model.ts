import { GemgateError } from '../../core/errors.ts'
import { nodeLabel } from '../onnx/onnx-graph.ts'
import { type OnnxModel, type OnnxNode, type OnnxValue, onnxTypeName } from '../onnx/onnx-model.ts'
import type { Precision } from './element-types.ts'
import { OperatorCall, type WorkBudget } from './operator-call.ts'
import { findOperator } from './registry.ts'
import { countElements, fromOnnxTensor, type Tensor } from './tensor.ts'

export interface EvaluateOptions {
  /** Answers every value, not the outputs only. */
  readonly all?: boolean
  /** 'float32' by default: what ONNX defines. 'float64' does not round floating-point results. */
  readonly precision?: Precision
}

/** The oldest operator set whose operators broadcast as today's do. */
const oldestOpset = 6
/** The newest operator set whose changes have been looked at. */
const newestOpset = 27

/** Multiplications and moves that one evaluation may take: about half a minute. */
const stepLimit = 2 ** 34

/** Elements that the results of one evaluation may have together: 512 MB. */
const elementLimit = 2 ** 26

/** Elements that the constants of a model may have together: 512 MB. */
const constantLimit = 2 ** 26

/**
 * Evaluates a network by the definitions of its operators. Sums are accumulated in double and rounded once:
 * ONNX does not define their order, and where float32 is exact in any order the result is the same.
 * @param inputs one tensor for each graph input that is not a constant
 * @returns the graph outputs by name, or every value with `all`
 * @throws GemgateError GG_MODEL_UNSUPPORTED for operators, attributes or types that are not implemented,
 *   GG_MODEL_FORMAT for a graph that contradicts itself, GG_FILE_SHAPE for inputs that do not fit
 */
export function evaluateModel(
  model: OnnxModel,
  inputs: ReadonlyMap<string, Tensor>,
  options: EvaluateOptions = {},
): Map<string, Tensor> {
  checkConstants(model)
  const values = new Map<string, Tensor>()
  for (const tensor of model.graph.initializers) values.set(tensor.name, fromOnnxTensor(tensor))
  for (const input of model.graph.inputs) bindInput(input, inputs.get(input.name), values)
  const evaluator = new NodeEvaluator(model, options.precision)
  for (const node of model.graph.nodes) {
    const results = evaluator.evaluate(node, values)
    for (const [name, tensor] of results) values.set(name, tensor)
  }
  if (options.all) return values
  return new Map(model.graph.outputs.map((output) => [output.name, made(values, output.name)]))
}

/** @throws GemgateError GG_MODEL_UNSUPPORTED when the constants of a model are too large to hold as doubles */
export function checkConstants(model: OnnxModel): void {
  let elements = 0
  for (const tensor of model.graph.initializers) elements += countElements(tensor.dims)
  if (!(elements <= constantLimit))
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the constants of the network have ${elements} elements`,
      'Use a smaller network.',
    )
}

function made(values: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = values.get(name)
  if (tensor === undefined)
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `nothing makes the graph output '${name}'`,
      'Export the network again.',
    )
  return tensor
}

function bindInput(input: OnnxValue, tensor: Tensor | undefined, values: Map<string, Tensor>): void {
  if (tensor === undefined) {
    if (values.has(input.name)) return
    throw new GemgateError('GG_FILE_SHAPE', `there is no data for input '${input.name}'`, 'Give one tensor.')
  }
  const wanted = input.dims
  const fits =
    wanted === undefined ||
    (wanted.length === tensor.dims.length &&
      wanted.every((dim, axis) => typeof dim !== 'number' || dim === tensor.dims[axis]))
  if (!fits || countElements(tensor.dims) !== tensor.data.length)
    throw new GemgateError(
      'GG_FILE_SHAPE',
      `input '${input.name}' has shape [${wanted?.map((dim) => dim ?? '?').join(', ')}], the data [${tensor.dims.join(', ')}] with ${tensor.data.length} elements`,
      'Give data of the shape that the network declares.',
    )
  if (input.type !== 0 && input.type !== tensor.type)
    throw new GemgateError(
      'GG_FILE_SHAPE',
      `input '${input.name}' is ${onnxTypeName(input.type)}, the data ${onnxTypeName(tensor.type)}`,
      'Give data of the type that the network declares.',
    )
  values.set(input.name, tensor)
}

/** Evaluates the nodes of one model; all its nodes share one limit of work. */
export class NodeEvaluator {
  readonly #opsets: ReadonlyMap<string, number>
  readonly #precision: Precision
  readonly #budget: WorkBudget = { steps: stepLimit, elements: elementLimit }

  constructor(model: OnnxModel, precision: Precision = 'float32') {
    this.#opsets = model.opsets
    this.#precision = precision
  }

  /**
   * The results of a node by value name.
   * @throws GemgateError as `evaluateModel`
   */
  evaluate(node: OnnxNode, values: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
    const operator = findOperator(node)
    if (operator === undefined)
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `${nodeLabel(node)}: operator '${node.operator}'${node.domain === '' ? '' : ` of domain '${node.domain}'`} is not implemented`,
        'Export the network with other operators.',
      )
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)))
    const missing = node.inputs.find((name) => name !== '' && !values.has(name))
    if (missing !== undefined)
      throw new GemgateError(
        'GG_MODEL_FORMAT',
        `${nodeLabel(node)} reads '${missing}', which nothing before it makes`,
        'Sort the nodes of the graph, or export the network again.',
      )
    const call = new OperatorCall(node, this.#opset(node), inputs, this.#precision, this.#budget)
    const results = operator(call)
    call.checkAttributes()
    const named = new Map<string, Tensor>()
    node.outputs.forEach((name, at) => {
      if (name === '') return
      if (results[at] === undefined) throw call.refuse(`its output ${at} is not implemented`)
      call.checkRank(results[at].dims)
      if (named.has(name) || values.has(name)) throw call.malformed(`value '${name}' is made twice`)
      named.set(name, results[at])
    })
    return named
  }

  #opset(node: OnnxNode): number {
    const version = this.#opsets.get(node.domain)
    if (node.domain !== '') return version ?? 1
    if (version === undefined)
      throw new GemgateError(
        'GG_MODEL_FORMAT',
        'the model does not say which version of the standard operators it uses',
        'Export the network again.',
      )
    if (version < oldestOpset || version > newestOpset)
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `${nodeLabel(node)}: operator set ${version} is outside ${oldestOpset} to ${newestOpset}`,
        'Export the network for an operator set between 11 and 21.',
      )
    return version
  }
}
