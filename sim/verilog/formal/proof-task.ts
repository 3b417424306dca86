import type { ErrorCode } from '../../../src/core/errors.ts'
import type { CheckInfo } from '../engine.ts'
import type { ProofClock } from './proof-clock.ts'
import type { KnownBits } from './sat-log.ts'

/** An input that brings the design into a known state before anything is proven of it. */
export interface ResetSequence {
  /** Name of the one bit wide input. */
  readonly port: string
  /** Level that resets, default 1. */
  readonly active?: 0 | 1
  /** Cycles for which it is held at the start, default 1. */
  readonly cycles?: number
  /** What it does afterwards: stays `inactive` (the default), or comes back at `any` time. */
  readonly later?: 'inactive' | 'any'
}

/** What a thread is asked to do; plain data. */
export interface ProofTask {
  /** Asserts must hold always; covers must come true once. */
  readonly goal: 'assert' | 'cover'
  readonly files: readonly (readonly [string, string])[]
  readonly sources: readonly string[]
  readonly includes: readonly string[]
  readonly top: string | undefined
  readonly parameters: Readonly<Record<string, number | bigint | string>>
  readonly defines: Readonly<Record<string, string | number | true>>
  readonly depth: number
  readonly induction: number
  readonly initial: 'zero' | 'any'
  readonly reset: Required<ResetSequence> | undefined
  /** Instances and memories that give anything, by hierarchical name. */
  readonly free: readonly string[]
  /** Memories of more bits read as anything. */
  readonly freeMemories: number
}

/** What a thread says on its way. */
export type ProofProgress =
  | { readonly started: true }
  | { readonly checks: readonly CheckInfo[] }
  | { readonly reached: Reached }
  /** No goal fails in the first cycles. */
  | { readonly depth: number }

/** A run that reaches a check, as the solver found it; numbers are unsigned. */
export interface Trace {
  /** Registers at the start, by hierarchical name; words of memories as `name[index]`. */
  readonly initial: ReadonlyMap<string, KnownBits>
  /** Per cycle every input by name, the clock apart. */
  readonly inputs: readonly ReadonlyMap<string, bigint>[]
  /** With several clocks the steps are moments, and the clocks are among the inputs. */
  readonly clock: ProofClock
}

/** One check that came true (cover) or did not hold (assert), and the run that shows it. */
export interface Reached {
  readonly check: CheckInfo
  /** Counted from 1. */
  readonly cycle: number
  readonly trace: Trace
}

/** How the search ended for the checks that were not reached. */
export interface Verdict {
  /** `spurious`: only what was set free leads further; `stopped`: the time ran out. */
  readonly status: 'proven' | 'bounded' | 'spurious' | 'stopped'
  /** Cycles from the start in which none of them is reached. */
  readonly depth: number
  /** Length of the induction that closed the proof; 0 if none did. */
  readonly k: number
  /** The run at which the longest induction got stuck, for people. */
  readonly stuck?: string
}

export interface ProofAnswer {
  readonly checks: readonly CheckInfo[]
  readonly reached: readonly Reached[]
  /** Absent if every check was reached. */
  readonly rest?: Verdict
}

/** A typed error on its way between threads, with its place. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  readonly file?: string
  readonly line?: number
}
