import { GemgateError } from '../../core/errors.ts'
import { Random } from '../../core/random.ts'
import type { AdderGraph, InputRange } from './adder-graph.ts'
import { buildGraph } from './build-graph.ts'
import { digitCount } from './digits.ts'
import { type ConstantMatrix, constantMatrix } from './matrix.ts'
import { roomOf, searchSums } from './search/search.ts'
import { type Part, splitRows } from './split.ts'
import type { SharedSums, Term } from './sums.ts'

export interface AdderGraphOptions {
  /** Seed of every random choice, default 1: equal seed, effort and matrix give the equal graph. */
  readonly seed?: number
  /** Depth allowed above the least possible one; undefined is unlimited. */
  readonly maxExtraDepth?: number
  /** Search effort, deterministic: default 1, time grows in proportion; 0 is a single greedy pass. */
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
  return buildGraph(sums, { ranges: options.inputs ?? [], arrival, maxDepth })
}

function searchParts(matrix: ConstantMatrix, maxDepth: number, options: AdderGraphOptions): SharedSums {
  const parts = splitRows(matrix)
  const random = new Random(options.seed ?? 1)
  const started = performance.now()
  const limit = options.maxMilliseconds ?? Number.POSITIVE_INFINITY
  let adders = 0
  const arrival = (part: Part): number[] =>
    Array.from({ length: part.rows }, (_, i) => options.arrival?.[part.from + i] ?? 0)
  const needs = parts.map((part) => part.columns.map((terms) => roomOf(terms, arrival(part))))
  const results = parts.map((part, at) => {
    const attempts = attemptsFor(part, options.effort ?? 1)
    let now = 0
    let done = 0
    const report = (): void =>
      options.onProgress?.({ adders: adders + now, done: (at + done) / parts.length })
    const sums = searchSums(part.rows, part.columns, {
      random: random.fork('part', at),
      attempts,
      arrival: arrival(part),
      // Parts of a column share its room in proportion to their needs.
      rooms: part.columns.map((_, j) => {
        const total = needs.reduce((sum, need) => sum + need[j]!, 0)
        return total === 0 ? 0 : (2 ** maxDepth * needs[at]![j]!) / total
      }),
      stop: (cost, attempt) => {
        now = cost
        done = attempt / attempts
        report()
        if (options.signal?.aborted === true) throw aborted()
        return performance.now() - started > (limit * (at + 1)) / parts.length
      },
      finished: (cost) => {
        now = cost
        done = 1
        report()
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

/** Attempts at effort 1: larger problems need more of them for the same gain. */
function attemptsFor(part: Part, effort: number): number {
  let digits = 0
  for (const terms of part.columns) for (const { factor } of terms) digits += digitCount(factor)
  return Math.round(effort * 0.045 * digits ** 1.4)
}

export function aborted(): GemgateError {
  return new GemgateError('GG_CLOSED', 'the adder graph search was aborted', 'Start it again')
}

/** Least adder depth: no graph sums n digits in fewer than log2(n) levels. */
export function leastDepth(
  { rows, columns, values }: ConstantMatrix,
  arrival: readonly number[] = [],
): number {
  let most = 0
  for (let j = 0; j < columns; j++) {
    let share = 0
    for (let i = 0; i < rows; i++) share += digitCount(values[i * columns + j]!) * 2 ** (arrival[i] ?? 0)
    if (share > 0) most = Math.max(most, Math.ceil(Math.log2(share)))
  }
  return most
}
