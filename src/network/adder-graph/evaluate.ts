import type { AdderGraph } from './adder-graph.ts'

/** The outputs for one input vector, exactly: this is what an adder graph means. */
export function evaluateAdderGraph(graph: AdderGraph, inputs: readonly (number | bigint)[]): bigint[] {
  const values = inputs.slice(0, graph.inputs).map((value) => BigInt(value))
  for (const { a, b, shiftA, shiftB, subtract } of graph.nodes) {
    const left = values[a]! << BigInt(shiftA)
    const right = values[b]! << BigInt(shiftB)
    values.push(subtract === 'none' ? left + right : subtract === 'b' ? left - right : right - left)
  }
  return graph.outputs.map(({ value, shift, negate }) => {
    if (value < 0) return 0n
    const result = values[value]! << BigInt(shift)
    return negate ? -result : result
  })
}
