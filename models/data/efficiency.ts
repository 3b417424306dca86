import { recoilClass } from '../../src/frame/truth.ts'
import type { Attempt } from './generate.ts'

/** keVee bins of a sample's efficiencies. */
export const efficiencyEdges = [0.5, 0.7, 1, 2, 6, 10, 20, 40, 60] as const

/** What the trigger found of the deposits in a keVee bin. */
export interface EfficiencyBin {
  readonly lowKeVee: number
  readonly highKeVee: number
  readonly nuclear: Counted
  readonly electron: Counted
}

export interface Counted {
  readonly deposits: number
  /** Deposits with at least one cluster, and with more than one. */
  readonly found: number
  readonly split: number
}

/** Recoils with a cluster, per class and keVee bin; n edges make n - 1 bins. */
export function triggerEfficiency(attempts: readonly Attempt[], edges: readonly number[]): EfficiencyBin[] {
  return edges.slice(1).map((highKeVee, bin) => {
    const lowKeVee = edges[bin]!
    const inside = attempts.filter(({ keVee }) => keVee >= lowKeVee && keVee < highKeVee)
    const count = (wanted: string): Counted => {
      const own = inside.filter(({ particle }) => recoilClass(particle) === wanted)
      return {
        deposits: own.length,
        found: own.filter(({ clusters }) => clusters > 0).length,
        split: own.filter(({ clusters }) => clusters > 1).length,
      }
    }
    return { lowKeVee, highKeVee, nuclear: count('nuclear'), electron: count('electron') }
  })
}
