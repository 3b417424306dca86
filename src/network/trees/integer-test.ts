import type { EnsembleBranch } from './ensemble.ts'
import { type FeatureView, lastAtMost } from './feature-view.ts'

/** A test on an integer: a staircase of answers. Up to `ends[0]` the answer is `first`, then it alternates. */
export interface IntegerTest {
  readonly first: boolean
  /** Ascending; the answer changes after each of them. */
  readonly ends: readonly number[]
}

/** The integers for which the float test of a branch holds. */
export function integerTest(branch: EnsembleBranch, view: FeatureView): IntegerTest {
  const { value } = branch
  switch (branch.test) {
    case '<=':
      return staircase(view, true, [lastAtMost(view, value)])
    case '<':
      return staircase(view, true, [lastAtMost(view, value, true)])
    case '>':
      return staircase(view, false, [lastAtMost(view, value)])
    case '>=':
      return staircase(view, false, [lastAtMost(view, value, true)])
    case '==':
      return staircase(view, false, endsOfMembers(view, [value]))
    case '!=':
      return staircase(view, true, endsOfMembers(view, [value]))
    case 'member':
      return staircase(view, false, endsOfMembers(view, branch.members))
  }
}

/** Before and after the integers of each member. */
function endsOfMembers(view: FeatureView, members: readonly number[]): number[] {
  const sorted = [...new Set(members.map((member) => member + 0))].sort((a, b) => a - b)
  return sorted.flatMap((member) => [lastAtMost(view, member, true), lastAtMost(view, member)])
}

/** Drops steps of no length: two equal ends cancel, ends outside the view are never crossed. */
function staircase(view: FeatureView, first: boolean, ends: readonly number[]): IntegerTest {
  let answer = first
  const kept: number[] = []
  for (const end of ends) {
    if (end < view.min) answer = !answer
    else if (end < view.max) {
      if (kept.at(-1) === end) kept.pop()
      else kept.push(end)
    }
  }
  return { first: answer, ends: kept }
}
