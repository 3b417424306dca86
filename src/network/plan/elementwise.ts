import { GraphBuilder } from '../graph/graph-builder.ts'
import type { Range, Value } from '../graph/integer-graph.ts'
import type { GraphSegment } from '../hardware/hardware-module.ts'

/**
 * Functions of single elements on a picture, as a segment on one pixel: a vector of its channels.
 * @param segment maps only, one after the other
 */
export function pixelSegment(segment: GraphSegment): GraphSegment {
  const source = segment.graph.values[segment.source]!
  const builder = new GraphBuilder(segment.graph.name)
  const channels = source.shape[0]!
  const values: number[] = []
  let last = builder.input(
    { name: source.name, bits: 32, signed: true, scales: [1], zeroPoint: 0 },
    [channels],
    hullOf(source),
  )
  const first = last
  for (const id of segment.values) {
    const { operation, name } = segment.graph.values[id]!
    if (operation.kind !== 'map') throw new Error(`'${name}' is not elementwise`)
    last = builder.add(name, { ...operation, source: last })
    values.push(last)
  }
  builder.output({ name: 'pixel', value: last, bits: 32, signed: true, scales: [1], zeroPoint: 0 })
  return { graph: builder.build(), source: first, values, result: last }
}

function hullOf(value: Value): Range {
  const { ranges } = value
  return {
    min: Math.min(...ranges.map((range) => range.min)),
    max: Math.max(...ranges.map((range) => range.max)),
    step: Math.min(...ranges.map((range) => range.step)),
  }
}
