import type { CheckInfo } from '../engine.ts'
import type { Counterexample } from './counterexample.ts'

/** What is known of one assert, or of all of them together: the weakest. */
export type ProofStatus =
  /** It holds in every reachable state. */
  | 'proven'
  /** It holds in the first `depth` cycles. */
  | 'bounded'
  /** A counterexample was found, and the simulator confirms it. */
  | 'failed'
  /** Neither could be found in the time given. */
  | 'unknown'

export interface ProvenAssert extends CheckInfo {
  readonly status: ProofStatus
  /** For a failed one: the shortest run that breaks it. */
  readonly counterexample?: Counterexample
}

export interface Proof {
  readonly status: ProofStatus
  /** Cycles from the start that were looked at, all runs of them; the proof of an invariant needs few. */
  readonly depth: number
  /** Length of the induction that closed the proof; 0 without one. */
  readonly k: number
  readonly asserts: readonly ProvenAssert[]
  readonly seconds: number
  /** True if it was proven earlier. */
  readonly cached: boolean
  /** What happened, for people: `expect(proof.status, proof.message).toBe('proven')`. */
  readonly message: string
  /**
   * Where the longest induction got stuck: registers and inputs of a run that breaks an assert from a state that keeps
   * them all. If that state cannot be reached, an assert that says so closes the proof.
   */
  readonly stuck?: string
  /** Of the first failed assert. */
  readonly counterexample?: Counterexample
}

/** Whether a cover statement can come true. */
export type CoverStatus =
  | 'reached'
  /** In no reachable state. */
  | 'unreachable'
  /** Not in the first `depth` cycles. */
  | 'bounded'
  | 'unknown'

export interface ReachedCover extends CheckInfo {
  readonly status: CoverStatus
  /** The shortest run that reaches it. */
  readonly witness?: Counterexample
}

export interface Reachability {
  readonly covers: readonly ReachedCover[]
  readonly depth: number
  readonly seconds: number
}
