import type { AdderGraph } from './adder-graph.ts'
import { buildGraph } from './build-graph.ts'
import { type ConstantMatrix, constantMatrix } from './matrix.ts'

/** The product without any sharing, made in no time: every output a sum of its own. */
export function plainAdderGraph(matrix: ConstantMatrix | readonly ArrayLike<number>[]): AdderGraph {
  const { rows, columns, values } = constantMatrix(matrix)
  const outputs = Array.from({ length: columns }, (_, j) =>
    Array.from({ length: rows }, (_, i) => ({ value: i, factor: values[i * columns + j]! })).filter(
      ({ factor }) => factor !== 0,
    ),
  )
  return buildGraph({ inputs: rows, shared: [], outputs })
}
