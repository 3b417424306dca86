import {
  elementCount,
  type IntegerGraph,
  type Operation,
  type Port,
  type Range,
  type Value,
  type ValueId,
  type Window,
} from './integer-graph.ts'
import { operationRanges } from './ranges.ts'

/** Builds an `IntegerGraph` operation by operation; shapes and ranges follow from the operations. */
export class GraphBuilder {
  readonly #values: Value[] = []
  readonly #inputs: Port[] = []
  readonly #outputs: Port[] = []
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  value(id: ValueId): Value {
    return this.#values[id]!
  }

  /** A graph input with all values of its format, or of a narrower `range`. */
  input(port: Omit<Port, 'value'>, shape: readonly number[], range?: Range): ValueId {
    const span = 2 ** port.bits
    const all = port.signed
      ? { min: -span / 2, max: span / 2 - 1, step: 1 }
      : { min: 0, max: span - 1, step: 1 }
    const id = this.#push(port.name, shape, [range ?? all], { kind: 'input' })
    this.#inputs.push({ ...port, value: id })
    return id
  }

  output(port: Port): void {
    this.#outputs.push(port)
  }

  /**
   * Adds an operation.
   * @param shape needed for `constant` and `rearrange`; follows from the operands otherwise
   * @throws GemgateError GG_MODEL_UNSUPPORTED when an element could reach 2^53
   */
  add(name: string, operation: Exclude<Operation, { kind: 'input' }>, shape?: readonly number[]): ValueId {
    const made = shape ?? this.#shapeOf(operation)
    return this.#push(name, made, operationRanges(operation, this.#values, made), operation)
  }

  build(): IntegerGraph {
    return { name: this.#name, values: this.#values, inputs: this.#inputs, outputs: this.#outputs }
  }

  #push(name: string, shape: readonly number[], ranges: readonly Range[], operation: Operation): ValueId {
    const id = this.#values.length
    this.#values.push({ id, name, shape, ranges, operation })
    return id
  }

  #shapeOf(operation: Exclude<Operation, { kind: 'input' }>): readonly number[] {
    switch (operation.kind) {
      case 'constant':
        return [operation.elements.length]
      case 'dense':
        return [operation.bias.length]
      case 'conv':
        return windowShape(operation.bias.length, this.value(operation.source).shape, operation.window)
      case 'pool': {
        const shape = this.value(operation.source).shape
        return windowShape(shape[0]!, shape, operation.window)
      }
      case 'sum':
        return this.value(operation.terms[0]!.source).shape
      case 'map':
        return this.value(operation.source).shape
      case 'rearrange':
        return [operation.indices?.length ?? elementCount(this.value(operation.source).shape)]
      case 'concat': {
        const shapes = operation.sources.map((id) => this.value(id).shape)
        return shapes[0]!.map((size, axis) =>
          axis === operation.axis ? shapes.reduce((sum, shape) => sum + shape[axis]!, 0) : size,
        )
      }
      case 'argmax':
        return this.value(operation.source).shape.map((size, axis) => (axis === operation.axis ? 1 : size))
      case 'trees':
        return [operation.forest.targets]
    }
  }
}

/** `[channels, height, width]` after a window. */
export function windowShape(
  channels: number,
  shape: readonly number[],
  window: Window,
): [number, number, number] {
  const size = (axis: 0 | 1): number => {
    const padded = shape[axis + 1]! + window.pads[axis] + window.pads[axis + 2]!
    const reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1
    return Math.floor((padded - reach) / window.strides[axis]) + 1
  }
  return [channels, size(0), size(1)]
}
