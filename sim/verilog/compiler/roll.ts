import { binary, constant, type Expression, local } from './expression.ts'
import type { Program } from './schedule.ts'
import { expressionsOf, type Locals, type Statement } from './statement.ts'

/** Statements of one turn at most, and turns and statements that a loop must save at least. */
const longestBody = 64
const fewestTurns = 4
const fewestStatements = 24

/**
 * Turns runs of vector statements that differ only by regular steps of their addresses into loops: a large regular
 * design is bound by the size of its code. Every load and store keeps its place in the order.
 */
export function rollLoops({ statements, locals }: Program): void {
  const visit = (list: Statement[]): void => {
    for (const statement of list)
      if (statement.kind === 'if') {
        visit(statement.body)
        visit(statement.otherwise)
      }
    if (list.length < fewestStatements) return
    const shapes = list.map(shapeOf)
    const result: Statement[] = []
    for (let at = 0; at < list.length; ) {
      const run = shapes[at] === undefined ? undefined : longestRun(list, shapes, at)
      if (run && isPrivate(list, at, run)) {
        for (const statement of loopOf(list, at, run, locals)) result.push(statement)
        at += run.length * run.turns
      } else result.push(list[at++]!)
    }
    list.splice(0, list.length)
    for (const statement of result) list.push(statement)
  }
  visit(statements)
}

interface Run {
  readonly length: number
  readonly turns: number
}

/** What a vector statement does, without addresses and locals; undefined for others, which no loop takes. */
function shapeOf(statement: Statement): string | undefined {
  if (statement.kind !== 'set' && statement.kind !== 'store') return undefined
  if (statement.value.type !== 128) return undefined
  const text = (e: Expression): string => {
    if (e.operation === 'constant') return `${e.type}:${e.value}`
    if (e.operation === 'loadAt') return '?'
    const parts = [e.a, e.b, e.c].map((part) => (part ? text(part) : '')).join()
    return `${e.operation}${e.type}${e.bytes ?? ''}${e.signed ? 's' : ''}(${parts})`
  }
  const shape = text(statement.value)
  return shape.includes('?') ? undefined : `${statement.kind} ${shape}`
}

/** The run from a place that covers most statements; of equal ones that with the shortest turn. */
function longestRun(
  list: readonly Statement[],
  shapes: readonly (string | undefined)[],
  at: number,
): Run | undefined {
  let best: Run | undefined
  for (let length = 1; length <= longestBody && at + length < list.length; length++) {
    if (shapes[at + length - 1] === undefined) break
    if (shapes[at + length] !== shapes[at]) continue
    const turns = turnsOf(list, shapes, at, length)
    const covered = turns * length
    if (
      turns >= fewestTurns &&
      covered >= fewestStatements &&
      covered > (best ? best.turns * best.length : 0)
    )
      best = { length, turns }
  }
  return best
}

function turnsOf(
  list: readonly Statement[],
  shapes: readonly (string | undefined)[],
  at: number,
  length: number,
): number {
  const steps: (readonly number[])[] = []
  for (let turn = 1; ; turn++) {
    /** Locals of this turn by those of the one before. */
    const renamed = new Map<number, number>()
    for (let i = 0; i < length; i++) {
      const here = at + turn * length + i
      if (here >= list.length || shapes[here] !== shapes[at + i]) return turn
      const [before, now] = [list[here - length]!, list[here]!]
      const found = stepsBetween(before, now, renamed)
      if (!found) return turn
      if (turn === 1) steps.push(found)
      else if (found.some((step, k) => step !== steps[i]![k])) return turn
    }
  }
}

/** By how much each address moves from one statement to another of the same shape, unless locals differ. */
function stepsBetween(
  before: Statement,
  now: Statement,
  renamed: Map<number, number>,
): readonly number[] | undefined {
  const steps: number[] = []
  const visit = (a: Expression, b: Expression): boolean => {
    if (a.operation === 'local') return (renamed.get(a.local!) ?? a.local) === b.local
    if (a.operation === 'load') steps.push(b.address! - a.address!)
    return (!a.a || visit(a.a, b.a!)) && (!a.b || visit(a.b, b.b!)) && (!a.c || visit(a.c, b.c!))
  }
  if (before.kind === 'set' && now.kind === 'set') {
    if (!visit(before.value, now.value)) return undefined
    renamed.set(before.local, now.local)
  } else if (before.kind === 'store' && now.kind === 'store') {
    if (!visit(before.value, now.value)) return undefined
    steps.push(now.address - before.address)
  }
  return steps
}

/** True if nothing outside a turn reads what it sets. */
function isPrivate(list: readonly Statement[], at: number, run: Run): boolean {
  const turnOf = new Map<number, number>()
  for (let i = 0; i < run.length * run.turns; i++) {
    const statement = list[at + i]!
    if (statement.kind === 'set') turnOf.set(statement.local, Math.floor(i / run.length))
  }
  if (turnOf.size === 0) return true
  let isAlone = true
  const visit = (e: Expression | undefined, turn: number | undefined): void => {
    if (!e) return
    if (e.operation === 'local' && turnOf.has(e.local!) && turnOf.get(e.local!) !== turn) isAlone = false
    visit(e.a, turn)
    visit(e.b, turn)
    visit(e.c, turn)
  }
  for (const [i, statement] of list.entries()) {
    const inside = i >= at && i < at + run.length * run.turns
    const turn = inside ? Math.floor((i - at) / run.length) : undefined
    visitStatement(statement, (e) => visit(e, turn))
  }
  return isAlone
}

function visitStatement(statement: Statement, visit: (e: Expression) => void): void {
  for (const e of expressionsOf(statement)) visit(e)
  if (statement.kind !== 'if' && statement.kind !== 'repeat') return
  for (const inner of statement.body) visitStatement(inner, visit)
  if (statement.kind === 'if') for (const inner of statement.otherwise) visitStatement(inner, visit)
}

function loopOf(list: readonly Statement[], at: number, { length, turns }: Run, locals: Locals): Statement[] {
  const renamed = new Map<number, number>()
  const steps = Array.from(
    { length },
    (_, i) => stepsBetween(list[at + i]!, list[at + length + i]!, renamed)!,
  )
  /** One moving offset for each step. */
  const offsets = new Map<number, number>()
  const offset = (step: number): Expression => {
    let index = offsets.get(step)
    if (index === undefined) offsets.set(step, (index = locals.add(32)))
    return local(index, 32)
  }
  const body = list.slice(at, at + length).map((statement, i): Statement => {
    let next = 0
    const move = (e: Expression): Expression => {
      if (e.operation === 'load') {
        const step = steps[i]![next++]!
        if (step === 0) return e
        return { ...e, operation: 'loadAt', a: offset(step), depth: 2, size: 3 }
      }
      const [a, b, c] = [e.a && move(e.a), e.b && move(e.b), e.c && move(e.c)]
      return a === e.a && b === e.b && c === e.c ? e : { ...e, a, b, c }
    }
    if (statement.kind === 'set') return { ...statement, value: move(statement.value) }
    if (statement.kind !== 'store') return statement
    const value = move(statement.value)
    const step = steps[i]!.at(-1)!
    if (step === 0) return { ...statement, value }
    return { kind: 'storeAt', base: statement.address, offset: offset(step), bytes: 16, value }
  })
  const [first] = [...offsets]
  // nothing moves: the statements are all the same
  if (!first) return list.slice(at, at + length)
  const [step, index] = first
  const more = binary('ne', local(index, 32), constant(BigInt(step * turns), 32))
  return [
    ...[...offsets.values()].map(
      (moving): Statement => ({ kind: 'set', local: moving, value: constant(0n, 32) }),
    ),
    {
      kind: 'repeat',
      body: [
        ...body,
        ...[...offsets].map(
          ([by, moving]): Statement => ({
            kind: 'set',
            local: moving,
            value: binary('add', local(moving, 32), constant(BigInt(by), 32)),
          }),
        ),
      ],
      condition: more,
    },
  ]
}
