import { GemgateError } from '../../../src/core/errors.ts'
import type { VerilogOptions } from '../compile.ts'
import type { SourceSet } from '../compiler/sources.ts'
import type { ProofTask, ResetSequence } from './proof-task.ts'

export interface ProveOptions
  extends Pick<VerilogOptions, 'top' | 'parameters' | 'defines' | 'include' | 'files'> {
  /** Cycles from the start that are searched for a counterexample, default 20. */
  depth?: number
  /** Longest induction that is tried, default `depth`; 0 for none. */
  induction?: number
  /** A reset input that starts every run: its name, or how it is held. Without it runs start at power-on. */
  reset?: string | ResetSequence
  /**
   * What registers and memories without an initial value hold at the start: `zero`, as in the simulator (the default
   * without a reset), or `any` (the default with one).
   */
  initial?: 'zero' | 'any'
  /**
   * Instances and memories, by hierarchical name, that may give anything: less work. What is proven holds; where only
   * they lead to a failure, the proof is `bounded` and says so.
   */
  free?: readonly string[]
  /** The same for all memories of more bits than this; default none. */
  freeMemories?: number
  /** Seconds of work after which a proof ends with what it knows, default 60. */
  timeout?: number
  signal?: AbortSignal
  /** Folder of proofs that passed, default `.cache/gemgate/proofs` in the working folder; false for none. */
  cache?: string | false
}

const identifier = /^[A-Za-z_$][\w$]*$/

/** The options, checked and complete, as a thread takes them. */
export function proofTask(
  goal: ProofTask['goal'],
  set: SourceSet,
  top: string | undefined,
  options: ProveOptions,
): ProofTask {
  const {
    parameters = {},
    defines = {},
    depth = 20,
    induction = depth,
    free = [],
    freeMemories = Infinity,
  } = options
  const reset = options.reset === undefined ? undefined : fullReset(options.reset)
  const initial = options.initial ?? (reset === undefined ? 'zero' : 'any')
  requireWhole('depth', depth, 1)
  requireWhole('induction', induction, 0)
  if (freeMemories !== Infinity) requireWhole('freeMemories', freeMemories, 0)
  const names = [...(top === undefined ? [] : [top]), ...(reset ? [reset.port] : [])]
  for (const name of [...names, ...Object.keys(parameters), ...Object.keys(defines)])
    if (!identifier.test(name))
      throw new GemgateError(
        'GG_USAGE',
        `'${name}' is no Verilog name`,
        'Use letters, digits and underscores.',
      )
  const { sources, includes } = set
  const files = [...set.files]
  const read = { files, sources, includes, top, parameters, defines: { FORMAL: true as const, ...defines } }
  return { goal, ...read, depth, induction: Math.min(induction, depth), initial, reset, free, freeMemories }
}

function fullReset(reset: string | ResetSequence): Required<ResetSequence> {
  const given = typeof reset === 'string' ? { port: reset } : reset
  const full = { active: 1 as const, cycles: 1, later: 'inactive' as const, ...given }
  requireWhole('reset.cycles', full.cycles, 1)
  return full
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new GemgateError('GG_USAGE', `${name} cannot be ${value}`, `Give a whole number, ${least} or more.`)
}
