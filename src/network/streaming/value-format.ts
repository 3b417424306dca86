import { GemgateError } from '../../core/errors.ts'
import { elementCount, type IntegerGraph, type Value, type ValueId } from '../graph/integer-graph.ts'
import { hull, rangeBits } from '../graph/ranges.ts'
import type { StreamFormat } from '../hardware/hardware-module.ts'
import { formatText } from './pipeline-text.ts'

/**
 * How a value travels: a picture `[C, H, W]` pixel by pixel, everything else as one beat. Elements have the
 * width of their exact range; an input of the graph has the width that its port declares.
 */
export function valueFormat(graph: IntegerGraph, id: ValueId): StreamFormat {
  const value = graph.values[id]!
  const port = graph.inputs.find((input) => input.value === id)
  const { bits, signed } = port ?? rangeBits(hull(value.ranges))
  const pixels = value.shape.length === 3 ? elementCount(value.shape.slice(1)) : 1
  return { beats: pixels, lanes: elementCount(value.shape) / pixels, bits, signed }
}

/**
 * @param shape beats and lanes that the module needs
 * @throws GemgateError GG_USAGE when the stream has another shape or cannot hold the value's elements
 */
export function checkFormat(
  value: Value,
  format: StreamFormat,
  shape: { readonly beats: number; readonly lanes: number },
): void {
  const { bits, signed } = rangeBits(hull(value.ranges))
  const enough = format.signed ? format.bits >= bits + (signed ? 0 : 1) : !signed && format.bits >= bits
  if (enough && format.beats === shape.beats && format.lanes === shape.lanes) return
  throw new GemgateError(
    'GG_USAGE',
    `'${value.name}' arrives as ${formatText(format)}, needed are ${formatText({ ...shape, bits, signed })} or wider`,
    'Put an adapter in between.',
  )
}
