import type { AdderNode, AdderOutput } from '../../adder-graph/adder-graph.ts'
import { signedDigits } from '../../adder-graph/digits.ts'
import type { AdderGraph, InputRange } from '../../adder-graph/index.ts'
import type { GraphSegment } from '../../hardware/hardware-module.ts'
import { type IntegerMatrix, matrixKey } from './graph-source.ts'
import { lowerSegment } from './lower-segment.ts'

/** A matrix for which `buildUnrolled` will want an adder graph. */
export interface WantedMatrix {
  /** As `matrixKey` gives it. */
  readonly key: string
  readonly matrix: IntegerMatrix
  readonly inputs: readonly InputRange[]
}

/**
 * The matrices of a segment, to optimise them elsewhere (in threads, from a cache) before `buildUnrolled` asks for
 * them. Two dense layers without a function between them may want another matrix then: answer with undefined.
 */
export function constantMatrices(segment: GraphSegment): WantedMatrix[] {
  const wanted = new Map<string, WantedMatrix>()
  lowerSegment(segment, (matrix, inputs) => {
    const key = matrixKey(matrix)
    wanted.set(key, { key, matrix, inputs })
    return plainGraph(matrix)
  })
  return [...wanted.values()]
}

/** One adder after the other, nothing shared: made at once. */
function plainGraph({ rows, columns, values }: IntegerMatrix): AdderGraph {
  const nodes: AdderNode[] = []
  const outputs = Array.from({ length: columns }, (_, j): AdderOutput => {
    let sum: AdderOutput = { value: -1, shift: 0, negate: false }
    for (let i = 0; i < rows; i++)
      for (const { shift, sign } of signedDigits(values[i * columns + j]!)) {
        if (sum.value < 0) {
          sum = { value: i, shift, negate: sign < 0 }
          continue
        }
        const low = Math.min(sum.shift, shift)
        const same = sum.negate === sign < 0
        nodes.push({
          a: sum.value,
          b: i,
          shiftA: sum.shift - low,
          shiftB: shift - low,
          subtract: same ? 'none' : sum.negate ? 'a' : 'b',
        })
        sum = { value: rows + nodes.length - 1, shift: low, negate: same && sum.negate }
      }
    return sum
  })
  return { inputs: rows, nodes, outputs }
}
