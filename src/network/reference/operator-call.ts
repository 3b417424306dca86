import { GemgateError } from '../../core/errors.ts'
import { nodeLabel, unsupported } from '../onnx/onnx-graph.ts'
import { type OnnxAttribute, type OnnxNode, onnxTypeName, onnxTypes } from '../onnx/onnx-model.ts'
import { floatRounding, integerWrapping, isFloat, type Precision } from './element-types.ts'
import { countElements, fromOnnxTensor, type Tensor } from './tensor.ts'

/** Elements of the largest tensor that is made: 256 MB. */
export const maximumElements = 2 ** 25

/** ONNX sets no limit; nothing real comes near. */
const maximumRank = 32

/** What bounds one evaluation: what may still be done and made, so that a hostile file ends in an error. */
export interface WorkBudget {
  /** Multiplications and moves. */
  steps: number
  /** Elements of results. */
  elements: number
}

/** The inputs and attributes of one node during evaluation, and the errors it can end in. */
export class OperatorCall {
  readonly node: OnnxNode
  /** Version of the operator set of the node's domain. */
  readonly opset: number
  readonly precision: Precision
  readonly #inputs: readonly (Tensor | undefined)[]
  readonly #budget: WorkBudget
  readonly #attributes = new Map<string, OnnxAttribute>()
  readonly #read = new Set<string>()

  constructor(
    node: OnnxNode,
    opset: number,
    inputs: readonly (Tensor | undefined)[],
    precision: Precision,
    budget: WorkBudget,
  ) {
    this.node = node
    this.opset = opset
    this.precision = precision
    this.#inputs = inputs
    this.#budget = budget
    for (const attribute of node.attributes) this.#attributes.set(attribute.name, attribute)
  }

  get inputCount(): number {
    return this.#inputs.length
  }

  /** @throws GemgateError GG_MODEL_FORMAT when the input is missing */
  input(at: number): Tensor {
    return this.#inputs[at] ?? this.#fail(`input ${at} is missing`)
  }

  optional(at: number): Tensor | undefined {
    return this.#inputs[at]
  }

  /** An input of a floating-point type. */
  float(at: number): Tensor {
    const tensor = this.input(at)
    if (!isFloat(tensor.type)) throw this.refuse(`input ${at} is ${onnxTypeName(tensor.type)}, not a float`)
    return tensor
  }

  /** All inputs, of which none may be missing. */
  all(): Tensor[] {
    return this.#inputs.map((_, at) => this.input(at))
  }

  /** The only element of an input. */
  scalar(at: number): number {
    const { data } = this.input(at)
    if (data.length !== 1) this.#fail(`input ${at} has ${data.length} elements where one belongs`)
    return data[0]!
  }

  hasAttribute(name: string): boolean {
    this.#read.add(name)
    return this.#attributes.has(name)
  }

  number(name: string, missing: number): number {
    const attribute = this.#attribute(name)
    if (attribute === undefined) return missing
    if (attribute.kind === 'int' || attribute.kind === 'float') return attribute.value
    return this.#fail(`attribute '${name}' is not a number`)
  }

  /** An attribute that must be given. */
  required(name: string): number {
    if (!this.#attributes.has(name)) this.#fail(`attribute '${name}' is missing`)
    return this.number(name, 0)
  }

  flag(name: string, missing: boolean): boolean {
    return this.number(name, missing ? 1 : 0) !== 0
  }

  text(name: string, missing: string): string {
    const attribute = this.#attribute(name)
    if (attribute === undefined) return missing
    if (attribute.kind === 'string') return attribute.value
    return this.#fail(`attribute '${name}' is not a string`)
  }

  numbers(name: string): readonly number[] | undefined {
    const attribute = this.#attribute(name)
    if (attribute === undefined) return undefined
    if (attribute.kind === 'ints' || attribute.kind === 'floats') return attribute.value
    return this.#fail(`attribute '${name}' is not a list of numbers`)
  }

  texts(name: string): readonly string[] | undefined {
    const attribute = this.#attribute(name)
    if (attribute === undefined) return undefined
    if (attribute.kind === 'strings') return attribute.value
    return this.#fail(`attribute '${name}' is not a list of strings`)
  }

  tensor(name: string): Tensor | undefined {
    const attribute = this.#attribute(name)
    if (attribute === undefined) return undefined
    if (attribute.kind === 'tensor') {
      this.#occupy(countElements(attribute.value.dims))
      return fromOnnxTensor(attribute.value)
    }
    return this.#fail(`attribute '${name}' is not a tensor`)
  }

  /** Allows an attribute that cannot change the results. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name)
  }

  /** @throws GemgateError GG_MODEL_UNSUPPORTED for an attribute that the operator did not look at */
  checkAttributes(): void {
    for (const name of this.#attributes.keys())
      if (!this.#read.has(name))
        throw this.refuse(`attribute '${name}' is not supported`, 'Export the network without it.')
  }

  /** An axis counted from the front; negative ones count from the end. */
  axis(axis: number, rank: number): number {
    const from = axis < 0 ? axis + rank : axis
    if (!Number.isInteger(from) || from < 0 || from >= rank)
      this.#fail(`axis ${axis} does not exist in ${rank} dimensions`)
    return from
  }

  /** An array for a result; limits its size. */
  allocate(dims: readonly number[]): Float64Array {
    for (const dim of dims)
      if (!Number.isSafeInteger(dim) || dim < 0) this.#fail(`its result would have dimension ${dim}`)
    this.checkRank(dims)
    const count = countElements(dims)
    if (count > maximumElements)
      throw this.refuse(`its result has shape [${dims.join(', ')}], too large`, 'Use a smaller network.')
    this.#occupy(count)
    this.spend(count)
    return new Float64Array(count)
  }

  checkRank(dims: readonly number[]): void {
    if (dims.length > maximumRank) throw this.refuse(`its result has ${dims.length} axes`)
  }

  /** Counts multiplications and moves. */
  spend(steps: number): void {
    this.#budget.steps -= steps
    if (!(this.#budget.steps >= 0))
      throw this.refuse('the network takes too many operations to evaluate', 'Use a smaller network.')
  }

  /** A result; floats are rounded to their type and integers brought into theirs, in place. */
  make(type: number, dims: readonly number[], data: Float64Array): Tensor {
    if (isFloat(type)) {
      if (this.precision === 'float32' && type !== onnxTypes.double) {
        const round = floatRounding(type, this.precision)
        for (let i = 0; i < data.length; i++) data[i] = round(data[i]!)
      }
    } else {
      const wrap = integerWrapping(type)
      for (let i = 0; i < data.length; i++) {
        const value = wrap(data[i]!)
        if (Number.isNaN(value))
          throw this.refuse(`a result of type ${onnxTypeName(type)} is ${data[i]}, which is not exact here`)
        data[i] = value + 0
      }
    }
    return { type, dims, data }
  }

  /** The same elements under another shape. */
  reshaped(tensor: Tensor, dims: readonly number[]): Tensor {
    if (countElements(dims) !== tensor.data.length)
      this.#fail(`shape [${tensor.dims.join(', ')}] does not become [${dims.join(', ')}]`)
    return { type: tensor.type, dims, data: tensor.data }
  }

  /** The error for what the evaluator does not implement. */
  refuse(reason: string, remedy = 'Export the network with standard operators and types.'): GemgateError {
    return unsupported(this.node, reason, remedy)
  }

  /** The error for a node that contradicts itself or ONNX. */
  malformed(reason: string): GemgateError {
    return new GemgateError(
      'GG_MODEL_FORMAT',
      `${nodeLabel(this.node)}: ${reason}`,
      'Export the network again.',
    )
  }

  #occupy(elements: number): void {
    this.#budget.elements -= elements
    if (!(this.#budget.elements >= 0))
      throw this.refuse('the results of the network are too large to hold', 'Use a smaller network.')
  }

  #attribute(name: string): OnnxAttribute | undefined {
    this.#read.add(name)
    return this.#attributes.get(name)
  }

  #fail(reason: string): never {
    throw this.malformed(reason)
  }
}

/** Evaluates a node: one tensor for each output, as many as the node asks for or fewer. */
export type Operator = (call: OperatorCall) => Tensor[]
