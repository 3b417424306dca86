import {
  type Operation,
  type Port,
  type Range,
  rangeOf,
  type Value,
  type ValueId,
} from '../graph/integer-graph.ts'
import { exactly, hull, operationRanges, rangeBits } from '../graph/ranges.ts'
import type { GraphSegment, StreamFormat } from '../hardware/hardware-module.ts'

type Conv = Extract<Operation, { kind: 'conv' }>
type Map = Extract<Operation, { kind: 'map' }>

/**
 * What a convolution does to one window, as a graph of its own: a vector of C * kh * kw lanes (channel by
 * channel, each window row by row) through a matrix and the functions behind it. With groups there is a
 * small matrix for each, so that nothing multiplies by structural zeros.
 * @param format how a lane travels: the bits of the port
 */
export function convolutionKernel(
  name: string,
  conv: Conv,
  source: Value,
  maps: readonly Map[],
  padded: boolean,
  format: StreamFormat,
): GraphSegment {
  const area = conv.window.kernel[0] * conv.window.kernel[1]
  const lanes = source.shape[0]! * area
  const ranges = Array.from({ length: lanes }, (_, lane) => {
    const range = rangeOf(source, Math.floor(lane / area))
    return padded ? hull([range, exactly(0)]) : range
  })
  const values = new Values(name, lanes, ranges, format)
  const outputs = conv.bias.length
  const inputs = lanes / conv.groups
  const each = outputs / conv.groups
  const parts = Array.from({ length: conv.groups }, (_, group) => {
    const from = values.select(group * inputs, inputs, lanes)
    return values.add([each], {
      kind: 'dense',
      source: from,
      weights: conv.weights.slice(group * each * inputs, (group + 1) * each * inputs),
      bias: conv.bias.slice(group * each, (group + 1) * each),
    })
  })
  if (parts.length > 1) values.add([outputs], { kind: 'concat', sources: parts, axis: 0 })
  for (const map of maps) values.add([outputs], { ...map, source: values.last })
  return values.segment()
}

/** Functions of single elements on one pixel: a vector of its channels. */
export function pixelKernel(
  name: string,
  ranges: readonly Range[],
  channels: number,
  maps: readonly Map[],
  format: StreamFormat,
): GraphSegment {
  const values = new Values(name, channels, ranges, format)
  for (const map of maps) values.add([channels], { ...map, source: values.last })
  return values.segment()
}

/** The values of a small graph; unlike GraphBuilder's, its input has a range for each lane. */
class Values {
  readonly #name: string
  readonly #values: Value[]
  readonly #input: Port

  constructor(name: string, lanes: number, ranges: readonly Range[], format: StreamFormat) {
    this.#name = name
    this.#values = [{ id: 0, name: 'window', shape: [lanes], ranges, operation: { kind: 'input' } }]
    const { bits, signed } = format
    this.#input = { name: 'window', value: 0, bits, signed, scales: [1], zeroPoint: 0 }
  }

  get last(): ValueId {
    return this.#values.length - 1
  }

  add(shape: readonly number[], operation: Exclude<Operation, { kind: 'input' }>): ValueId {
    const id = this.#values.length
    const ranges = operationRanges(operation, this.#values, shape)
    this.#values.push({ id, name: `${this.#name}.${operation.kind}${id}`, shape, ranges, operation })
    return id
  }

  /** `count` lanes of the input from `first` on. */
  select(first: number, count: number, lanes: number): ValueId {
    if (count === lanes) return 0
    const indices = Int32Array.from({ length: count }, (_, i) => first + i)
    return this.add([count], { kind: 'rearrange', source: 0, indices })
  }

  segment(): GraphSegment {
    const result = this.#values.at(-1)!
    const { bits, signed } = rangeBits(hull(result.ranges))
    const output: Port = { name: 'result', value: result.id, bits, signed, scales: [1], zeroPoint: 0 }
    return {
      graph: { name: this.#name, values: this.#values, inputs: [this.#input], outputs: [output] },
      source: 0,
      values: this.#values.slice(1).map((value) => value.id),
      result: result.id,
    }
  }
}
