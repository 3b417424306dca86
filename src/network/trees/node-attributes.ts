import { GemgateError } from '../../core/errors.ts'
import { attributesOf, nodeLabel } from '../onnx/onnx-graph.ts'
import { type OnnxAttribute, type OnnxNode, onnxTypes } from '../onnx/onnx-model.ts'
import { tensorValues } from '../onnx/onnx-tensor.ts'

/** Typed access to the attributes of a tree ensemble; everything wrong is GG_MODEL_FORMAT. */
export class NodeAttributes {
  readonly node: OnnxNode
  readonly #attributes: Map<string, OnnxAttribute>
  #double = false

  constructor(node: OnnxNode, known: readonly string[]) {
    this.node = node
    this.#attributes = attributesOf(node, known)
  }

  /** Whether any number was stored as a double. */
  get double(): boolean {
    return this.#double
  }

  malformed(reason: string): GemgateError {
    return new GemgateError(
      'GG_MODEL_FORMAT',
      `${nodeLabel(this.node)}: ${reason}`,
      'Export the trees again; the ONNX checker (onnx.checker) should accept the file.',
    )
  }

  /** A list of integers that are at least `minimum`. */
  ints(name: string, minimum = 0): readonly number[] {
    const attribute = this.#attributes.get(name)
    if (attribute === undefined) return []
    if (attribute.kind !== 'ints') throw this.malformed(`'${name}' is not a list of integers`)
    for (const value of attribute.value)
      if (!Number.isSafeInteger(value) || value < minimum) throw this.malformed(`'${name}' holds ${value}`)
    return attribute.value
  }

  /** A list of finite numbers (or, with `special`, any) from the list `name` or the tensor `tensorName`. */
  numbers(name: string, tensorName = `${name}_as_tensor`, special = false): readonly number[] {
    const list = this.#attributes.get(name)
    const attribute = list ?? this.#attributes.get(tensorName)
    if (attribute === undefined) return []
    let values: readonly number[]
    if (attribute.kind === 'floats') values = attribute.value.map(Math.fround)
    else if (attribute.kind === 'tensor') {
      const type = attribute.value.type
      if (type !== onnxTypes.float && type !== onnxTypes.double)
        throw this.malformed(`'${attribute.name}' is neither float32 nor double`)
      this.#double ||= type === onnxTypes.double
      values = Array.from(tensorValues(attribute.value))
    } else throw this.malformed(`'${attribute.name}' is not a list of numbers`)
    if (!special)
      for (const value of values)
        if (!Number.isFinite(value)) throw this.malformed(`'${attribute.name}' holds ${value}`)
    return values
  }

  strings(name: string): readonly string[] {
    const attribute = this.#attributes.get(name)
    if (attribute === undefined) return []
    if (attribute.kind !== 'strings') throw this.malformed(`'${name}' is not a list of strings`)
    return attribute.value
  }

  /** A tensor of small integers. */
  integerTensor(name: string): readonly number[] {
    const attribute = this.#attributes.get(name)
    if (attribute === undefined) return []
    if (attribute.kind !== 'tensor') throw this.malformed(`'${name}' is not a tensor`)
    return Array.from(tensorValues(attribute.value))
  }

  int(name: string, missing: number): number {
    const attribute = this.#attributes.get(name)
    if (attribute === undefined) return missing
    if (attribute.kind !== 'int') throw this.malformed(`'${name}' is not an integer`)
    return attribute.value
  }

  string(name: string, missing: string): string {
    const attribute = this.#attributes.get(name)
    if (attribute === undefined) return missing
    if (attribute.kind !== 'string') throw this.malformed(`'${name}' is not a string`)
    return attribute.value
  }

  /** @throws GemgateError GG_MODEL_FORMAT unless all lists have `length` entries. */
  sameLength(length: number, lists: Readonly<Record<string, readonly unknown[]>>): void {
    for (const [name, list] of Object.entries(lists))
      if (list.length !== length)
        throw this.malformed(`'${name}' has ${list.length} entries where ${length} belong`)
  }
}
