import { evaluateGraph, type IntegerGraph, type NetworkVector } from '../../src/network/index.ts'

/** Scores of vectors stored one after the other: `x[rows][inputs]` to `[rows][outputs]`. */
export function evaluateRows(graph: IntegerGraph, x: NetworkVector, rows: number): Float64Array {
  const inputs = x.length / rows
  const scores = Array.from(
    { length: rows },
    (_, row) => evaluateGraph(graph, [x.subarray(row * inputs, (row + 1) * inputs)])[0]!,
  )
  const outputs = scores[0]!.length
  const all = new Float64Array(rows * outputs)
  scores.forEach((one, row) => {
    all.set(one, row * outputs)
  })
  return all
}
