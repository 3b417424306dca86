import {
  above,
  add,
  and,
  atLeast,
  type Code,
  call,
  choose,
  constant,
  differs,
  equal,
  forever,
  get,
  giveBack,
  isZero,
  load,
  moduleOn,
  multiply,
  rotateLeft,
  set,
  shiftLeft,
  store,
  subtract,
  truth,
  when,
  xor,
} from './assembler.ts'
import { rowWords, type SidePlan, type SinkPlan, type SourcePlan, type StreamPlan } from './plan.ts'
import type { SideWindow, StreamWindow } from './window.ts'

/** Why `run(cycles)` of a stream module came back; from `broken` on, the number of the sink is added. */
export const stops = { cycles: 0, rows: 1, done: 2, stuck: 3, ended: 4, broken: 5 } as const

const [step, settle, random] = [0, 1, 2]
/** Locals of `run`: cycles left, scratch, and flags of the cycle. */
const [left, scratch, offered, transfer, reached, flags] = [0, 1, 2, 3, 4, 5]

/** A module whose `run(cycles)` does what `streamByCycles` says, on the rows in the window. */
export function streamModule(
  plan: StreamPlan,
  window: StreamWindow,
  endWord: number | undefined,
): Uint8Array {
  const sources = plan.sources.map((side, i) => ({ side, at: window.sources[i]!, taken: flags + i }))
  const sinks = plan.sinks.map((side, k) => ({ side, at: window.sinks[k]!, number: k }))
  const all = (conditions: readonly Code[]) => conditions.reduce((a, b) => and(a, b), constant(1))
  const allSent = all(sources.map(({ at }) => and(equal(load(at.next), load(at.end)), isZero(load(at.rest)))))
  const done = all([
    allSent,
    ...(plan.until ? [get(reached)] : []),
    atLeast(load(window.quiet), constant(Math.min(plan.drain, 0x7fffffff))),
    ...sinks.map(({ at }) => isZero(load(at.rest))),
  ])
  const cycle: Code[] = [
    ...sources.map(({ at }) =>
      when(and(equal(load(at.next), load(at.end)), load(at.rest)), giveBack(constant(stops.rows))),
    ),
    ...sinks.map(({ at }) => when(equal(load(at.next), load(at.end)), giveBack(constant(stops.rows)))),
    ...sources.map(({ side, at }) => offer(side, at, plan.rubbish)),
    ...sinks.map(({ side }, k) => acceptance(side, window.sinks[k]!)),
    plan.settles ? call(settle) : [],
    set(offered, constant(0)),
    set(transfer, constant(0)),
    ...sources.map(({ side, at, taken }) =>
      set(taken, side.ready ? and(load(at.pending), truth(load(4 * side.ready.word))) : load(at.pending)),
    ),
    ...sinks.map(({ side, at, number }) => receive(side, at, window, number)),
    plan.until ? set(reached, truth(load(4 * plan.until.word))) : [],
    call(step),
    ...sources.map(({ side, at, taken }) =>
      when(get(taken), [
        ...store(4 * side.words.length, load(window.cycle), load(at.next)),
        ...store(at.next, add(load(at.next), constant(4 * rowWords(side)))),
        ...store(at.pending, constant(0)),
        ...set(transfer, constant(1)),
      ]),
    ),
    store(window.cycle, add(load(window.cycle), constant(1))),
    when(
      and(allSent, isZero(get(offered))),
      store(window.quiet, add(load(window.quiet), constant(1))),
      store(window.quiet, constant(0)),
    ),
    when(
      get(transfer),
      store(window.idle, constant(0)),
      store(window.idle, add(load(window.idle), constant(1))),
    ),
    when(done, giveBack(constant(stops.done))),
    endWord === undefined ? [] : when(load(4 * endWord), giveBack(constant(stops.ended))),
    when(
      above(load(window.idle), constant(Math.min(plan.patience, 0x7fffffff))),
      giveBack(constant(stops.stuck)),
    ),
    set(left, subtract(get(left), constant(1))),
    when(isZero(get(left)), giveBack(constant(stops.cycles))),
  ]
  return moduleOn([
    { parameters: 1, results: 1, locals: 5, code: randomBody() },
    { parameters: 1, results: 1, locals: flags - 1 + sources.length, code: forever(cycle.flat()) },
  ])
}

/** True unless a random pause falls on this cycle. */
function passes({ threshold }: SidePlan, { random: state }: SideWindow): Code {
  if (threshold === 0) return constant(1)
  return atLeast([...constant(state), ...call(random)], constant(threshold))
}

function offer(side: SourcePlan, at: SideWindow, rubbish: boolean): Code {
  const pass = choose(equal(load(at.next), load(at.end)), constant(0), passes(side, at))
  const item = side.words.flatMap(({ word }, w) => store(4 * word, load(4 * w, get(scratch))))
  const noise = side.words.flatMap(({ word, mask }) =>
    store(4 * word, and([...constant(at.random), ...call(random)], constant(mask))),
  )
  return when(isZero(load(at.pending)), [
    ...when(
      pass,
      [...store(at.pending, constant(1)), ...set(scratch, load(at.next)), ...item],
      rubbish ? noise : [],
    ),
    ...store(4 * side.valid.word, load(at.pending)),
  ])
}

function acceptance(side: SinkPlan, at: SideWindow): Code {
  return side.ready
    ? store(4 * side.ready.word, passes(side, at))
    : side.threshold === 0
      ? []
      : [...passes(side, at), 0x1a]
}

function receive(side: SinkPlan, at: SideWindow, window: StreamWindow, number: number): Code {
  const valid = truth(load(4 * side.valid.word))
  const broken = giveBack(constant(stops.broken + number))
  const changed = side.words.map(({ word }, w) => differs(load(4 * word), load(at.held + 4 * w)))
  const check = [...when(isZero(valid), broken), ...changed.flatMap((condition) => when(condition, broken))]
  const copy = (address: number, base?: Code) =>
    side.words.flatMap(({ word }, w) => store(address + 4 * w, load(4 * word), base))
  const take = [
    ...set(scratch, load(at.next)),
    ...copy(0, get(scratch)),
    ...store(4 * side.words.length, load(window.cycle), get(scratch)),
    ...store(at.next, add(get(scratch), constant(4 * rowWords(side)))),
    ...store(at.pending, constant(0)),
    ...when(load(at.rest), store(at.rest, subtract(load(at.rest), constant(1)))),
    ...set(transfer, constant(1)),
  ]
  const hold = side.ready ? [...copy(at.held), ...store(at.pending, constant(1))] : []
  return [
    ...(side.ready ? when(load(at.pending), check) : []),
    ...when(valid, [
      ...set(offered, constant(1)),
      ...(side.ready ? when(load(4 * side.ready.word), take, hold) : take),
    ]),
  ]
}

/** xoshiro128** on the state at the address that is given. */
function randomBody(): Code {
  const [state, a, b, c, d, result] = [0, 1, 2, 3, 4, 5]
  return [
    ...set(a, load(0, get(state))),
    ...set(b, load(4, get(state))),
    ...set(c, xor(load(8, get(state)), get(a))),
    ...set(d, xor(load(12, get(state)), get(b))),
    ...set(result, multiply(rotateLeft(multiply(get(b), constant(5)), constant(7)), constant(9))),
    ...store(4, xor(get(b), get(c)), get(state)),
    ...store(0, xor(get(a), get(d)), get(state)),
    ...store(8, xor(get(c), shiftLeft(get(b), constant(9))), get(state)),
    ...store(12, rotateLeft(get(d), constant(11)), get(state)),
    ...get(result),
  ]
}
