import type { GraphBuilder } from '../graph/graph-builder.ts'
import {
  elementCount,
  functionOf,
  type IntegerGraph,
  type Operation,
  type Value,
} from '../graph/integer-graph.ts'
import { rebuild } from './rebuild.ts'

type Dense = Extract<Operation, { kind: 'dense' }>
type Rearrange = Extract<Operation, { kind: 'rearrange' }>

/** Lets a matrix read its source's source: through rearrangements, and through added constants. */
export function foldIntoMatrix(graph: IntegerGraph): IntegerGraph {
  return rebuild(graph, ({ value, operation, builder }) => {
    if (operation.kind === 'rearrange') return throughRearrange(value, operation, builder)
    if (operation.kind !== 'dense') return undefined
    let folded: Dense | undefined = operation
    let result: Dense = operation
    while (folded !== undefined) {
      result = folded
      folded = permuted(result, builder) ?? offset(result, builder)
    }
    return result === operation ? undefined : builder.add(value.name, result)
  })
}

/** Two rearrangements in a row are one. */
function throughRearrange(value: Value, operation: Rearrange, builder: GraphBuilder): number | undefined {
  const source = builder.value(operation.source)
  const sameShape =
    source.shape.length === value.shape.length && source.shape.every((n, i) => n === value.shape[i])
  if (operation.indices === undefined && sameShape) return source.id
  if (source.operation.kind !== 'rearrange') return undefined
  const { indices: inner, source: origin } = source.operation
  const outer = operation.indices
  const indices =
    inner === undefined ? outer : outer === undefined ? inner : outer.map((i) => (i < 0 ? -1 : inner[i]!))
  return builder.add(
    value.name,
    indices === undefined
      ? { kind: 'rearrange', source: origin }
      : { kind: 'rearrange', source: origin, indices },
    value.shape,
  )
}

function permuted(dense: Dense, builder: GraphBuilder): Dense | undefined {
  const source = builder.value(dense.source)
  if (source.operation.kind !== 'rearrange') return undefined
  const { indices, source: origin } = source.operation
  if (indices === undefined) return { ...dense, source: origin }
  const inputs = elementCount(builder.value(origin).shape)
  const outputs = dense.bias.length
  const weights = new Int32Array(inputs * outputs)
  for (let j = 0; j < outputs; j++)
    for (let i = 0; i < indices.length; i++) {
      if (indices[i]! < 0) continue
      const at = j * inputs + indices[i]!
      const sum = weights[at]! + dense.weights[j * indices.length + i]!
      if (sum !== (sum | 0)) return undefined
      weights[at] = sum
    }
  return { ...dense, source: origin, weights }
}

/** W (x + c) = W x + W c. */
function offset(dense: Dense, builder: GraphBuilder): Dense | undefined {
  const source = builder.value(dense.source)
  const operation = source.operation
  if (operation.kind !== 'map') return undefined
  if (!operation.functions.every((f) => f.kind === 'affine' && f.multiply === 1)) return undefined
  const inputs = elementCount(source.shape)
  const inner = inputs / source.shape[0]!
  const bias = dense.bias.map((start, j) => {
    let sum = start
    for (let i = 0; i < inputs; i++) {
      const f = functionOf(operation.functions, Math.floor(i / inner))
      if (f.kind === 'affine') sum += dense.weights[j * inputs + i]! * f.add
    }
    return sum
  })
  return { ...dense, source: operation.source, bias }
}
