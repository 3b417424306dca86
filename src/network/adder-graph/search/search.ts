import type { Random } from '../../../core/random.ts'
import { digitCount } from '../digits.ts'
import { type ConstantMatrix, transposed } from '../matrix.ts'
import type { SharedSums, Term } from '../sums.ts'
import { Factors } from './factors.ts'
import { extractGreedily } from './greedy.ts'
import { sumsByPairs } from './pairs.ts'
import { ruinAndRecreate } from './ruin.ts'
import { SearchState } from './state.ts'
import { transposedSums } from './transpose.ts'

export interface SearchOptions {
  readonly random: Random
  /** 0 is the greedy pass alone. */
  readonly effort: number
  /** Per output: room in a binary tree, 2^depth. */
  readonly rooms: readonly number[]
  readonly arrival: readonly number[]
  /**
   * Called now and then with the adders and the share of the work that is done; true ends the phase of the
   * search that may take the share `until` of the time.
   */
  readonly stop: (adders: number, done: number, until: number) => boolean
}

/** Attempts at effort 1; smaller matrices need fewer. */
const mostAttempts = 30_000

/** Share of the time for the beginning. */
const beginningShare = 0.35

/** Attempts between two questions whether to stop. */
const stride = 16

/** Facts about factors hold for every matrix; they are kept until there are many. */
let facts = new Factors()

/** Shares what the columns of a matrix have in common: the better of two beginnings, improved. */
export function searchSums(matrix: ConstantMatrix, options: SearchOptions): SharedSums {
  const { random, effort, stop } = options
  if (facts.values.length > 4096) facts = new Factors()
  const state = beginning(matrix, options)
  const attempts = Math.round(effort * Math.min(mostAttempts, 0.0065 * digitsOf(matrix) ** 1.6))
  for (let attempt = 0; attempt < attempts; attempt++) {
    const done = beginningShare + ((1 - beginningShare) * attempt) / attempts
    if (attempt % stride === 0 && stop(state.cost, done, 1)) return state.sums()
    ruinAndRecreate(state, random)
  }
  stop(state.cost, 1, 1)
  return state.sums()
}

function beginning(
  matrix: ConstantMatrix,
  { random, effort, rooms, arrival, stop }: SearchOptions,
): SearchState {
  const greedy = new SearchState(facts, matrix.rows, rooms, arrival)
  greedy.load({ inputs: matrix.rows, shared: [], outputs: columnsOf(matrix) })
  greedy.patterns.collect()
  greedy.patterns.listing = true
  extractGreedily(greedy, random)
  greedy.patterns.clear()
  greedy.commit()
  // Pairs go deep.
  if (effort === 0 || rooms.some(Number.isFinite)) return greedy
  const sums = pairs(matrix, random, effort, (done) =>
    stop(greedy.cost, done * beginningShare, beginningShare),
  )
  if (sums === undefined) return greedy
  const other = new SearchState(facts, matrix.rows, rooms, arrival)
  other.load(sums)
  other.patterns.listing = true
  other.tidy()
  other.commit()
  return other.cost < greedy.cost ? other : greedy
}

/** Pairs of inputs with many outputs share best: a tall matrix is worked on transposed. */
function pairs(
  matrix: ConstantMatrix,
  random: Random,
  effort: number,
  stop: (done: number) => boolean,
): SharedSums | undefined {
  const tall = matrix.rows > matrix.columns
  const wide = tall ? transposed(matrix) : matrix
  const attempts = Math.round(6 * effort * (wide.columns / 16) ** 2)
  const sums = sumsByPairs(wide, { random, attempts, stop })
  return sums === undefined || !tall ? sums : transposedSums(sums)
}

function columnsOf({ rows, columns, values }: ConstantMatrix): Term[][] {
  return Array.from({ length: columns }, (_, j) =>
    Array.from({ length: rows }, (_, i) => ({ value: i, factor: values[i * columns + j]! })).filter(
      ({ factor }) => factor !== 0,
    ),
  )
}

function digitsOf({ values }: ConstantMatrix): number {
  let digits = 0
  for (const value of values) digits += digitCount(value)
  return digits
}

/** Room that a column takes in a binary tree. */
export function roomOf(
  { rows, columns, values }: ConstantMatrix,
  j: number,
  arrival: readonly number[],
): number {
  let room = 0
  for (let i = 0; i < rows; i++) room += digitCount(values[i * columns + j]!) * 2 ** (arrival[i] ?? 0)
  return room
}
