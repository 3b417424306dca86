import type { Random } from '../../../core/random.ts'
import { digitCount } from '../digits.ts'
import type { SharedSums, Term } from '../sums.ts'
import { Factors } from './factors.ts'
import { extractGreedily } from './greedy.ts'
import { ruinAndRecreate } from './ruin.ts'
import { SearchState } from './state.ts'

export interface SearchOptions {
  readonly random: Random
  /** Attempts to improve; 0 is the greedy pass alone. */
  readonly attempts: number
  /** Per output: room in a binary tree, 2^depth. */
  readonly rooms: readonly number[]
  readonly arrival: readonly number[]
  /** Called now and then; true ends the search. */
  readonly stop: (adders: number, attempt: number) => boolean
  /** Called at the end unless `stop` ended it. */
  readonly finished: (adders: number) => void
}

/** Attempts between two questions whether to stop. */
const stride = 16

/** Facts about factors hold for every matrix; they are kept until there are many. */
let facts = new Factors()

/** Shares what the columns (sums over the inputs) have in common. */
export function searchSums(
  inputs: number,
  columns: readonly (readonly Term[])[],
  options: SearchOptions,
): SharedSums {
  if (facts.values.length > 4096) facts = new Factors()
  const state = new SearchState(facts, inputs, columns, options.rooms, options.arrival)
  state.patterns.collect()
  state.patterns.listing = true
  extractGreedily(state, options.random)
  state.patterns.clear()
  state.commit()
  for (let attempt = 0; attempt < options.attempts; attempt++) {
    if (attempt % stride === 0 && options.stop(state.cost, attempt)) return state.sums()
    ruinAndRecreate(state, options.random)
  }
  options.finished(state.cost)
  return state.sums()
}

/** Room that the terms take in a binary tree. */
export function roomOf(terms: readonly Term[], arrival: readonly number[]): number {
  return terms.reduce((sum, { value, factor }) => sum + digitCount(factor) * 2 ** (arrival[value] ?? 0), 0)
}
