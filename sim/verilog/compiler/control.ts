import type { FunctionBody } from './encode.ts'
import { binary, constant, type Expression, load } from './expression.ts'
import { Locals, type Statement } from './statement.ts'

/** Addresses of words that the control functions share, 0 for those that a design does not need. */
export interface ControlWords {
  /** Number of the running cycle of the main clock, 1 for the first: 64 bits. */
  readonly cycle: number
  /** Not 0 when `run` has to end after this cycle. */
  readonly stop: number
  /** Not 0 when the design did not come to rest. */
  readonly unsettled: number
  readonly changed: number
  readonly fired: number
  readonly again: number
  readonly rounds: number
  /** The main clock; 0 for none. */
  readonly clock: number
  /** The level that the only clock had at the last `settle`. */
  readonly before: number
}

/** What a design has, which decides what the control functions do. */
export interface ControlPlan {
  readonly words: ControlWords
  /** The only clock edge, or undefined if edges are looked for. */
  readonly single: { readonly rising: boolean; readonly clocked: boolean } | undefined
  /** Something follows levels, and how often that is tried. */
  readonly levels: 'none' | 'once' | number
  readonly observesEdges: boolean
  readonly observesRest: boolean
  readonly counts: boolean
}

const zero = constant(0n, 32)
const one = constant(1n, 32)

const call = (name: string): Statement => ({ kind: 'call', function: name })
const set = (address: number, value: Expression): Statement => ({ kind: 'store', address, value })
const word = (address: number): Expression => load(address, 32)
const when = (condition: Expression, body: Statement[], otherwise: Statement[] = []): Statement => ({
  kind: 'if',
  condition,
  body,
  otherwise,
})

/** The functions that run the others in order: `evaluate`, `begin`, `cycle`, `step` and `settle`. */
export function controlFunctions(plan: ControlPlan): Map<string, FunctionBody> {
  const functions = plan.single ? singleClock(plan, plan.single) : manyClocks(plan)
  const locals = () => new Locals()
  return new Map(
    Object.entries(functions).map(([name, statements]) => [name, { statements, locals: locals() }]),
  )
}

/** Repeats the passes over levels until nothing moves, or marks the design as restless. */
function settleLevels({ levels, words }: ControlPlan): Statement[] {
  if (levels === 'none') return []
  if (levels === 'once') return [call('levels')]
  return [
    set(words.rounds, constant(BigInt(levels), 32)),
    {
      kind: 'repeat',
      body: [
        set(words.changed, zero),
        call('levels'),
        set(words.rounds, binary('sub', word(words.rounds), one)),
        when(binary('and', word(words.changed), binary('eq', word(words.rounds), zero)), [
          set(words.unsettled, one),
          set(words.stop, one),
          set(words.changed, zero),
        ]),
      ],
      condition: word(words.changed),
    },
  ]
}

function countCycle({ counts, words }: ControlPlan): Statement[] {
  if (!counts) return []
  const value = binary('add', load(words.cycle, 64), constant(1n, 64))
  return [{ kind: 'store', address: words.cycle, value }]
}

/** One clock, whose edge `step` makes without looking for it. */
function singleClock(
  plan: ControlPlan,
  single: NonNullable<ControlPlan['single']>,
): Record<string, Statement[]> {
  const { words, observesEdges, observesRest } = plan
  const rest = observesRest ? [call('observe')] : []
  const edge = [...(observesEdges ? [call('report')] : []), call('update')]
  const level = binary('and', word(words.clock), one)
  const made = single.rising ? level : binary('eq', level, zero)
  const watched = single.clocked
    ? [when(binary('ne', level, word(words.before)), [set(words.before, level), when(made, edge)])]
    : []
  const extras = [...countCycle(plan), ...settleLevels(plan), ...rest]
  const after = plan.levels === 'none' || plan.levels === 'once' ? [] : settleLevels(plan)
  return {
    ...(extras.length + after.length > 0 || observesEdges ? { step: [...extras, ...edge, ...after] } : {}),
    settle: [...watched, ...settleLevels(plan), call('outputs')],
  }
}

/** Any number of clocks: edges are looked for until there are none. */
function manyClocks(plan: ControlPlan): Record<string, Statement[]> {
  const { words, observesEdges, observesRest, levels } = plan
  const rest = observesRest ? [call('observe')] : []
  const again = set(words.again, one)
  const edges: Statement[] = [
    call('edges'),
    when(word(words.fired), [...(observesEdges ? [call('report')] : []), call('update'), again]),
  ]
  const pass: Statement[] =
    levels === 'none'
      ? edges
      : [set(words.changed, zero), call('levels'), when(word(words.changed), [again], edges)]
  const limit = typeof levels === 'number' ? levels : roundLimit(0)
  const evaluate: Statement[] = [
    set(words.rounds, constant(BigInt(limit), 32)),
    {
      kind: 'repeat',
      body: [
        set(words.again, zero),
        ...pass,
        set(words.rounds, binary('sub', word(words.rounds), one)),
        when(binary('and', word(words.again), binary('eq', word(words.rounds), zero)), [
          set(words.unsettled, one),
          set(words.stop, one),
          set(words.again, zero),
        ]),
      ],
      condition: word(words.again),
    },
  ]
  const drive = (value: Expression) => (words.clock > 0 ? [set(words.clock, value)] : [])
  const begin = [...drive(zero), call('evaluate')]
  const cycle = [
    ...countCycle(plan),
    ...rest,
    ...drive(one),
    call('evaluate'),
    ...drive(zero),
    call('evaluate'),
  ]
  return {
    evaluate,
    begin,
    cycle,
    step: [call('begin'), call('cycle')],
    settle: [call('evaluate'), call('outputs')],
    start: [...settleLevels(plan), call('prime')],
  }
}

/** Rounds after which a design counts as restless; odd, so that what swings between two values shows both. */
export function roundLimit(levels: number): number {
  return 101 + 2 * levels
}
