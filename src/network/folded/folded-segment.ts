import { GemgateError } from '../../core/errors.ts'
import { elementCount, type Operation, type Value } from '../graph/integer-graph.ts'
import type { GraphSegment } from '../hardware/hardware-module.ts'

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>

/** A segment that can be folded: a matrix, then functions of single elements. */
export interface FoldedSegment {
  readonly source: Value
  readonly result: Value
  readonly dense: Value
  /** Row-major `[outputs][inputs]` over the source's elements, rearrangements before the matrix included. */
  readonly weights: Float64Array
  readonly bias: Float64Array
  readonly maps: readonly { readonly operation: Of<'map'>; readonly from: Value; readonly to: Value }[]
}

/**
 * @throws GemgateError GG_MODEL_UNSUPPORTED for anything but rearrangements, one dense, and maps, each
 *   reading the one before
 */
export function readFoldedSegment(segment: GraphSegment): FoldedSegment {
  const { graph } = segment
  const source = graph.values[segment.source]!
  const maps: { operation: Of<'map'>; from: Value; to: Value }[] = []
  let dense: Value | undefined
  let last = source
  // Index of the source's element behind each element of the last value; -1 is a zero.
  let order = Int32Array.from({ length: elementCount(source.shape) }, (_, i) => i)
  for (const id of segment.values) {
    const value = graph.values[id]!
    const { operation } = value
    if (operation.kind === 'rearrange' && dense === undefined)
      order = operation.indices?.map((from) => (from < 0 ? -1 : order[from]!)) ?? order
    else if (operation.kind === 'dense' && dense === undefined) dense = value
    else if (operation.kind === 'map' && dense !== undefined) maps.push({ operation, from: last, to: value })
    else throw unsupported(value, `a ${operation.kind} does not belong there`)
    if (operation.source !== last.id) throw unsupported(value, 'it does not read the value before it')
    last = value
  }
  if (dense === undefined || last.id !== segment.result) throw unsupported(last, 'there is no matrix')
  const operation = dense.operation as Of<'dense'>
  const inputs = elementCount(source.shape)
  const outputs = operation.bias.length
  const weights = new Float64Array(outputs * inputs)
  order.forEach((from, i) => {
    if (from < 0) return
    for (let j = 0; j < outputs; j++)
      weights[j * inputs + from] = weights[j * inputs + from]! + operation.weights[j * order.length + i]!
  })
  return { source, result: last, dense, weights, bias: operation.bias, maps }
}

function unsupported(value: Value, why: string): GemgateError {
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `'${value.name}' cannot be folded: ${why}`,
    'Fold a dense layer with the elementwise functions behind it.',
  )
}
