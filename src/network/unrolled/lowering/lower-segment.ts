import { GemgateError } from '../../../core/errors.ts'
import type { AdderGraphOptions } from '../../adder-graph/index.ts'
import { elementCount, functionOf, rangeOf, type Value, type ValueId } from '../../graph/integer-graph.ts'
import type { GraphSegment } from '../../hardware/hardware-module.ts'
import { forestLanes } from '../../trees/lower-forest.ts'
import { liveNetlist } from '../netlist/live-netlist.ts'
import { NetlistBuilder } from '../netlist/netlist-builder.ts'
import type { ScalarNetlist } from '../netlist/scalar-netlist.ts'
import { combine } from './combine.ts'
import { type AdderGraphSource, AdderGraphs } from './graph-source.ts'
import { constantLinear, type Linear, linearNode, nodeOf } from './linear.ts'
import { functionLinear } from './lower-function.ts'
import { argmaxLinear } from './lower-max.ts'
import { convLanes, poolLanes } from './lower-windows.ts'

/**
 * A segment as scalar operations: lanes in and out are the elements of source and result in row-major order.
 * @throws GemgateError GG_MODEL_UNSUPPORTED for what is too large to unroll
 */
export function lowerSegment(
  segment: GraphSegment,
  adderGraph: AdderGraphSource | AdderGraphOptions = {},
): ScalarNetlist {
  const { values } = segment.graph
  const builder = new NetlistBuilder()
  const graphs = new AdderGraphs(adderGraph)
  const made = new Map<ValueId, readonly Linear[]>()
  const source = values[segment.source]!
  builder.label = source.name
  made.set(source.id, inputLanes(builder, source))
  for (const id of segment.values) {
    const value = values[id]!
    builder.label = value.name
    made.set(
      id,
      lanesOf(builder, graphs, value, values, (of) => lanes(made, of, value, values)),
    )
  }
  builder.label = 'result'
  const outputs = lanes(made, segment.result, values[segment.result]!, values)
  return liveNetlist(builder.build(outputs.map((x) => nodeOf(builder, x))))
}

function inputLanes(builder: NetlistBuilder, source: Value): Linear[] {
  const count = elementCount(source.shape)
  const inner = count / (source.shape[0] ?? 1)
  return Array.from({ length: count }, (_, i) =>
    linearNode(builder, builder.input(rangeOf(source, Math.floor(i / inner)))),
  )
}

/** The lanes of an operand; constants may lie outside of the segment. */
function lanes(
  made: Map<ValueId, readonly Linear[]>,
  id: ValueId,
  reader: Value,
  values: readonly Value[],
): readonly Linear[] {
  const found = made.get(id)
  if (found !== undefined) return found
  const { operation, name } = values[id]!
  if (operation.kind === 'constant') return Array.from(operation.elements, constantLinear)
  throw new GemgateError(
    'GG_USAGE',
    `'${reader.name}' reads '${name}', which is not in the segment`,
    'Cut the graph where one tensor alone passes.',
  )
}

function lanesOf(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  value: Value,
  values: readonly Value[],
  of: (id: ValueId) => readonly Linear[],
): readonly Linear[] {
  const { operation, shape } = value
  switch (operation.kind) {
    case 'input':
      throw new GemgateError(
        'GG_USAGE',
        `the input '${value.name}' is in the middle of a segment`,
        'Cut the graph where one tensor alone passes.',
      )
    case 'constant':
      return Array.from(operation.elements, constantLinear)
    case 'dense':
      return combine(builder, graphs, of(operation.source), operation.weights, operation.bias)
    case 'conv':
      return convLanes(
        builder,
        graphs,
        operation,
        of(operation.source),
        values[operation.source]!.shape,
        shape,
      )
    case 'pool':
      return poolLanes(builder, operation, of(operation.source), values[operation.source]!.shape, shape)
    case 'sum': {
      const terms = operation.terms.map(({ source }) => of(source))
      const factors = operation.terms.map(({ factor }) => factor)
      return terms[0]!.map(
        (_, i) =>
          combine(
            builder,
            graphs,
            terms.map((term) => term[i]!),
            factors,
            [0],
          )[0]!,
      )
    }
    case 'map': {
      const x = of(operation.source)
      const inner = x.length / (shape[0] ?? 1)
      return x.map((lane, i) =>
        functionLinear(builder, graphs, functionOf(operation.functions, Math.floor(i / inner)), lane),
      )
    }
    case 'rearrange': {
      const x = of(operation.source)
      return operation.indices === undefined
        ? x
        : Array.from(operation.indices, (i) => (i < 0 ? constantLinear(0) : x[i]!))
    }
    case 'concat':
      return concatLanes(operation.sources.map(of), elementCount(shape.slice(0, operation.axis)))
    case 'argmax': {
      const from = values[operation.source]!.shape
      const x = of(operation.source)
      const size = from[operation.axis]!
      const inner = elementCount(from.slice(operation.axis + 1))
      return Array.from({ length: x.length / size }, (_, k) => {
        const start = Math.floor(k / inner) * size * inner + (k % inner)
        const line = Array.from({ length: size }, (_, m) => x[start + m * inner]!)
        return argmaxLinear(builder, line, operation.last)
      })
    }
    case 'trees':
      return forestLanes(builder, operation.forest, of(operation.source))
  }
}

function concatLanes(sources: readonly (readonly Linear[])[], outer: number): Linear[] {
  const out: Linear[] = []
  for (let o = 0; o < outer; o++)
    for (const source of sources) {
      const chunk = source.length / outer
      out.push(...source.slice(o * chunk, (o + 1) * chunk))
    }
  return out
}
