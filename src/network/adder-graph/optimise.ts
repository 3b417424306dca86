import { GemgateError } from '../../core/errors.ts'
import { Random } from '../../core/random.ts'
import type { AdderGraph, InputRange } from './adder-graph.ts'
import { buildGraph } from './build-graph.ts'
import { type ConstantMatrix, constantMatrix } from './matrix.ts'
import { orient } from './orient.ts'
import { roomOf, searchSums } from './search/search.ts'
import { type Part, splitRows } from './split.ts'
import type { SharedSums, Term } from './sums.ts'

export interface AdderGraphOptions {
  /** Seed of every random choice, default 1: equal seed, effort and matrix give the equal graph. */
  readonly seed?: number
  /**
   * Depth allowed above the least possible one; undefined is unlimited: some per cent fewer adders for dense
   * matrices, which are then deeper and wider. For the fewest LUTs give a limit.
   */
  readonly maxExtraDepth?: number
  /**
   * Search effort, deterministic, default 1: about 0.1 s for a 16x16 matrix of 8 bits, 2 s for 32x32, 40 s for
   * 64x64. Time grows in proportion; 0 is a single greedy pass.
   */
  readonly effort?: number
  /** Ends the search early; the graph is then exact as ever, but depends on the speed of the machine. */
  readonly maxMilliseconds?: number
  /** Range of each input, default signed 8 bit: only adder bits depend on it. */
  readonly inputs?: readonly InputRange[]
  /** Depth at which each input arrives, default 0. */
  readonly arrival?: readonly number[]
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: AdderGraphProgress) => void
}

export interface AdderGraphProgress {
  /** The fewest adders so far, without those of parts not yet begun. */
  readonly adders: number
  /** Share of the search, 0 ... 1; the last call has less than 1 when the time limit ended it. */
  readonly done: number
}

/**
 * A small adder graph for `y[j] = sum over i of W[i][j] x[i]` (rows are inputs, columns are outputs).
 * @throws GemgateError GG_USAGE for a malformed matrix, GG_CLOSED when the signal aborts
 */
export function optimiseAdderGraph(
  matrix: ConstantMatrix | readonly ArrayLike<number>[],
  options: AdderGraphOptions = {},
): AdderGraph {
  const constants = constantMatrix(matrix)
  const arrival = options.arrival ?? []
  const maxDepth =
    options.maxExtraDepth === undefined
      ? Number.POSITIVE_INFINITY
      : leastDepth(constants, arrival) + options.maxExtraDepth
  const sums = searchParts(constants, maxDepth, options)
  return orient(buildGraph(sums, { ranges: options.inputs ?? [], arrival, maxDepth }))
}

function searchParts(matrix: ConstantMatrix, maxDepth: number, options: AdderGraphOptions): SharedSums {
  const parts = splitRows(matrix)
  const random = new Random(options.seed ?? 1)
  const started = performance.now()
  const limit = options.maxMilliseconds ?? Number.POSITIVE_INFINITY
  const arrivals = parts.map(({ from, matrix: { rows } }) =>
    Array.from({ length: rows }, (_, i) => options.arrival?.[from + i] ?? 0),
  )
  const needs = parts.map((part, at) =>
    Array.from({ length: matrix.columns }, (_, j) => roomOf(part.matrix, j, arrivals[at]!)),
  )
  // Parts of a column share its room in proportion to their needs.
  const rooms = needs.map((need) =>
    need.map((room, j) => {
      const total = needs.reduce((sum, other) => sum + other[j]!, 0)
      return total === 0 ? 2 ** maxDepth : (2 ** maxDepth * room) / total
    }),
  )
  let adders = 0
  const results = parts.map((part, at) => {
    let now = 0
    const sums = searchSums(part.matrix, {
      random: random.fork('part', at),
      effort: options.effort ?? 1,
      arrival: arrivals[at]!,
      rooms: rooms[at]!,
      stop: (cost, done, until) => {
        now = cost
        options.onProgress?.({ adders: adders + cost, done: (at + done) / parts.length })
        if (options.signal?.aborted === true) throw aborted()
        return performance.now() - started > (limit * (at + until)) / parts.length
      },
    })
    adders += now
    return sums
  })
  return joined(matrix, parts, results)
}

/** Partial sums of the parts as one product. */
function joined(matrix: ConstantMatrix, parts: readonly Part[], results: readonly SharedSums[]): SharedSums {
  const shared: Term[][] = []
  const outputs: Term[][] = Array.from({ length: matrix.columns }, () => [])
  results.forEach((result, at) => {
    const before = matrix.rows + shared.length
    const rename = (terms: readonly Term[]): Term[] =>
      terms.map(({ value, factor }) => ({
        value: value < result.inputs ? parts[at]!.from + value : before + value - result.inputs,
        factor,
      }))
    for (const terms of result.shared) shared.push(rename(terms))
    result.outputs.forEach((terms, j) => {
      outputs[j]!.push(...rename(terms))
    })
  })
  return { inputs: matrix.rows, shared, outputs }
}

export function aborted(): GemgateError {
  return new GemgateError('GG_CLOSED', 'the adder graph search was aborted', 'Start it again')
}

/** Least adder depth: no graph sums n digits in fewer than log2(n) levels. */
export function leastDepth(matrix: ConstantMatrix, arrival: readonly number[] = []): number {
  let most = 1
  for (let j = 0; j < matrix.columns; j++) most = Math.max(most, roomOf(matrix, j, arrival))
  return Math.ceil(Math.log2(most))
}
