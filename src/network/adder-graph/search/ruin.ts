import type { Random } from '../../../core/random.ts'
import { extractGreedily } from './greedy.ts'
import type { SearchState } from './state.ts'

/** Values dissolved at once: 1 ... `2 * ruinSize - 1`. */
const ruinSize = 8

/**
 * One attempt to improve (ruin and recreate): dissolves a few random values into the sums that use them, makes
 * values greedily again, and goes back if that took more adders. Equal solutions are accepted: the search drifts.
 */
export function ruinAndRecreate(state: SearchState, random: Random): void {
  const before = state.cost
  for (let count = 1 + random.integer(2 * ruinSize - 1); count > 0; count--) {
    const value = someValue(state, random)
    if (value >= 0) state.dissolve(value)
  }
  extractGreedily(state, random)
  state.patterns.clear()
  if (state.cost <= before) state.commit()
  else state.rollback()
}

function someValue(state: SearchState, random: Random): number {
  const made = state.values - state.inputs
  for (let tries = 0; tries < 64 && made > 0; tries++) {
    const value = state.inputs + random.integer(made)
    if (state.live(value)) return value
  }
  return -1
}
