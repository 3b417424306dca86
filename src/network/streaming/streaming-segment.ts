import { GemgateError } from '../../core/errors.ts'
import type { Operation, Value } from '../graph/integer-graph.ts'
import type { GraphSegment } from '../hardware/hardware-module.ts'

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>

/** A segment that can be streamed: a window or none, then functions of single elements. */
export interface StreamingSegment {
  readonly source: Value
  readonly result: Value
  /** The value that the window makes. */
  readonly windowed: Value | undefined
  readonly window: Of<'conv'> | Of<'pool'> | undefined
  readonly maps: readonly Of<'map'>[]
}

/**
 * @throws GemgateError GG_MODEL_UNSUPPORTED for anything but conv or pool followed by maps, each reading
 *   the one before
 */
export function readStreamingSegment(segment: GraphSegment): StreamingSegment {
  const { graph } = segment
  const source = graph.values[segment.source]!
  let last = segment.source
  let windowed: Value | undefined
  const maps: Of<'map'>[] = []
  for (const id of segment.values) {
    const value = graph.values[id]!
    const { operation } = value
    const isWindow = operation.kind === 'conv' || operation.kind === 'pool'
    if (isWindow && last === segment.source && windowed === undefined) windowed = value
    else if (operation.kind === 'map') maps.push(operation)
    else throw unsupported(value, `a ${operation.kind} cannot follow in a stream of pixels`)
    if ((operation as Of<'map'>).source !== last) throw unsupported(value, 'it reads another value')
    last = id
  }
  if (last !== segment.result) throw unsupported(graph.values[segment.result]!, 'it is not the last value')
  if (source.shape.length !== 3)
    throw unsupported(source, `its shape [${source.shape}] is not [channels, height, width]`)
  const operation = windowed?.operation as Of<'conv'> | Of<'pool'> | undefined
  return { source, result: graph.values[segment.result]!, windowed, window: operation, maps }
}

function unsupported(value: Value, why: string): GemgateError {
  return new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `'${value.name}' cannot be streamed: ${why}`,
    'Stream a convolution or a pooling with the elementwise functions behind it.',
  )
}
