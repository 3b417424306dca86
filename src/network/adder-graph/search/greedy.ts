import type { Random } from '../../../core/random.ts'
import type { SearchState } from './state.ts'

/** Makes values of patterns, always the one that saves most (ties at random), until none saves an adder. */
export function extractGreedily(state: SearchState, random: Random): void {
  const { patterns } = state
  state.tidy()
  for (let level = patterns.top(); level > 0; level = patterns.top()) {
    const at = random.integer(patterns.size(level))
    const slot = patterns.slot(level, at)
    const key = patterns.keys[slot]!
    patterns.take(level, at)
    const pair = Math.floor(key / 128)
    const first = Math.floor(pair / 131072)
    const second = pair - first * 131072
    const code = key - pair * 128
    const saving = state.saving(first, second, code)
    if (saving < 2) continue
    if (saving < level) {
      patterns.put(slot, saving)
      continue
    }
    state.extract(first, second, code)
    state.tidy()
  }
}
