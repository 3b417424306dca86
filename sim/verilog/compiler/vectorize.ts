import {
  binary,
  constant,
  type Expression,
  isConstant,
  isEqual,
  load,
  loadSignedByte,
  local,
  unary,
} from './expression.ts'
import { laneCount } from './lanes.ts'
import type { Program } from './schedule.ts'
import { expressionsOf, type Statement } from './statement.ts'
import type { VectorConstants } from './vector-constants.ts'

type Store = Extract<Statement, { kind: 'store' }>

const wordBytes = 4
const vectorBytes = wordBytes * laneCount
const bitwise = new Set(['add', 'sub', 'mul', 'and', 'or', 'xor'])
const shifts = new Set(['shl', 'shrS', 'shrU'])
/** Lanes that must agree; the others are stored again one by one. */
const fewestLanes = 3

/**
 * Joins stores to neighbouring words that compute alike into vector stores. All loads still mean old values, so
 * stores may move; the joined stores of a list stand where the last of them stood, in the order of their addresses.
 * @param isUsed whether the word at an address belongs to the design
 */
export function vectorize(
  program: Program,
  constants: VectorConstants,
  isUsed: (address: number) => boolean,
): void {
  const definitions = new Map<number, Expression>()
  let joined = 0
  const visit = (list: Statement[]): void => {
    const stores = new Map<number, Store[]>()
    const positions = new Map<Statement, number>()
    for (const [i, statement] of list.entries()) {
      if (statement.kind === 'set') definitions.set(statement.local, statement.value)
      if (statement.kind === 'if') {
        visit(statement.body)
        visit(statement.otherwise)
      }
      if (statement.kind !== 'store' || statement.value.type !== 32) continue
      positions.set(statement, i)
      const base = statement.address - (statement.address % vectorBytes)
      const known = stores.get(base)
      if (known) known.push(statement)
      else stores.set(base, [statement])
    }
    const candidates = [...stores]
      .filter(([, found]) => found.length >= fewestLanes)
      .map(([base, found]) => ({ base, found, last: Math.max(...found.map((s) => positions.get(s)!)) }))
      // readers have lower addresses than what they read
      .sort((a, b) => a.base - b.base)
    if (candidates.length === 0) return
    const end = candidates.reduce((most, { last }) => Math.max(most, last), 0)
    const vectors: Statement[] = []
    const odds: Statement[] = []
    /** Vectors that hold words which the odd ones read: they must still be old then. */
    const oddReads = new Set<number>()
    const removed = new Set<Statement>()
    const joiner = new Joiner(program, definitions, constants)
    for (const { base, found } of candidates) {
      const lanes = new Array<Store | undefined>(laneCount).fill(undefined)
      for (const store of found) lanes[(store.address - base) / wordBytes] = store
      const covered = lanes.every((store, i) => store || !isUsed(base + wordBytes * i))
      const result = covered ? joiner.join(lanes.map((store) => store?.value)) : undefined
      if (!result) continue
      const { value, odd } = result
      if (odds.length > 0 && oddReads.has(base)) {
        vectors.push(...odds.splice(0))
        oddReads.clear()
      }
      vectors.push(...joiner.takeSets(), { kind: 'store', address: base, value })
      for (const [i, store] of lanes.entries()) {
        if (!store) continue
        removed.add(store)
        if (!odd.has(i)) continue
        odds.push(store)
        addReads(store.value, oddReads)
      }
      joined++
    }
    const result: Statement[] = []
    for (const [i, statement] of list.entries()) {
      if (!removed.has(statement)) result.push(statement)
      if (i === end) for (const added of [...vectors, ...odds]) result.push(added)
    }
    list.splice(0, list.length)
    for (const statement of result) list.push(statement)
  }
  visit(program.statements)
  if (joined > 0) dropUnusedSets(program)
}

/** Finds the vector form of expressions that are alike. */
class Joiner {
  readonly #program: Program
  readonly #definitions: ReadonlyMap<number, Expression>
  readonly #known = new Map<string, Expression>()
  readonly #constants: VectorConstants
  #sets: Statement[] = []
  #pending: string[] = []

  constructor(program: Program, definitions: ReadonlyMap<number, Expression>, constants: VectorConstants) {
    this.#program = program
    this.#constants = constants
    this.#definitions = definitions
  }

  /** The vector, and the lanes that do not fit in. */
  join(
    lanes: readonly (Expression | undefined)[],
  ): { value: Expression; odd: ReadonlySet<number> } | undefined {
    const attempt = (without: number | undefined) => {
      this.#sets = []
      this.#pending = []
      const { count } = this.#constants
      const chosen = lanes.map((e, i) => (i === without ? undefined : e))
      if (chosen.filter(Boolean).length < fewestLanes) return undefined
      const value = this.#match(chosen)
      if (value) return { value, odd: new Set(without === undefined ? [] : [without]) }
      for (const key of this.#pending) this.#known.delete(key)
      this.#constants.keep(count)
      return undefined
    }
    for (const without of [undefined, 0, 1, 2, 3]) {
      const found = attempt(without)
      if (found) return found
    }
    return undefined
  }

  /** Statements that the last `join` needs in front of it. */
  takeSets(): Statement[] {
    const sets = this.#sets
    this.#sets = []
    return sets
  }

  #match(lanes: readonly (Expression | undefined)[]): Expression | undefined {
    const present = lanes.filter((e) => e !== undefined)
    const [first] = present
    if (!first || present.some(({ type }) => type !== 32)) return undefined
    if (present.every((e) => e.operation === 'constant'))
      return this.#constants.place(lanes.map((e) => e?.value ?? first.value!))
    if (present.every((e) => isEqual(e, first))) return this.#splat(first)
    if (present.every(({ operation }) => operation === 'load')) return neighbours(lanes)
    if (present.every(({ operation }) => operation === 'local')) return this.#locals(lanes)
    if (present.every(({ operation }) => operation === first.operation)) {
      const { operation } = first
      if (bitwise.has(operation)) {
        const a = this.#match(lanes.map((e) => e?.a))
        const b = a && this.#match(lanes.map((e) => e?.b))
        return b && binary(first.operation as 'add', a, b)
      }
      if (shifts.has(operation)) {
        if (!isConstant(first.b!) || !present.every((e) => isConstant(e.b!, first.b!.value)))
          return this.#products(lanes)
        const a = this.#match(lanes.map((e) => e?.a))
        return a && binary(first.operation as 'shl', a, constant(first.b!.value!, 32))
      }
      if (operation === 'sign8' || operation === 'sign16') {
        const by = constant(operation === 'sign8' ? 24n : 16n, 32)
        const a = this.#match(lanes.map((e) => e?.a))
        return a && binary('shrS', binary('shl', a, by), by)
      }
      return undefined
    }
    return this.#products(lanes)
  }

  /** Multiples of values: a value and a shifted value are products too. */
  #products(lanes: readonly (Expression | undefined)[]): Expression | undefined {
    const factors = lanes.map((e) => {
      if (!e) return undefined
      if (e.operation === 'mul' && isConstant(e.b!)) return { of: e.a!, by: e.b!.value! }
      if (e.operation === 'mul' && isConstant(e.a!)) return { of: e.b!, by: e.a!.value! }
      if (e.operation === 'shl' && isConstant(e.b!)) return { of: e.a!, by: 1n << e.b!.value! }
      return { of: e, by: 1n }
    })
    if (factors.every((f) => !f || f.by === 1n)) return undefined
    const of = this.#match(factors.map((f) => f?.of))
    return of && binary('mul', of, this.#constants.place(factors.map((f) => f?.by ?? 1n)))
  }

  #splat(e: Expression): Expression | undefined {
    return e.operation === 'local'
      ? this.#once(`splat ${e.local}`, () => unary('splat', signedByte(this.#definitions.get(e.local!)) ?? e))
      : unary('splat', clone(e))
  }

  /** Lanes kept in locals: the vector of what they were set to. */
  #locals(lanes: readonly (Expression | undefined)[]): Expression | undefined {
    const key = lanes.map((e) => e?.local ?? '').join()
    return this.#once(key, () => {
      const values = lanes.map((e) => e && this.#definitions.get(e.local!))
      return lanes.some((e, i) => e && !values[i]) ? undefined : this.#match(values)
    })
  }

  /** A vector that several need, in a local. */
  #once(key: string, make: () => Expression | undefined): Expression | undefined {
    const known = this.#known.get(key)
    if (known) return known
    const value = make()
    if (!value) return undefined
    const index = this.#program.locals.add(128)
    this.#sets.push({ kind: 'set', local: index, value })
    const kept = local(index, 128)
    this.#known.set(key, kept)
    this.#pending.push(key)
    return kept
  }
}

function neighbours(lanes: readonly (Expression | undefined)[]): Expression | undefined {
  const at = lanes.findIndex((e) => e !== undefined)
  const base = lanes[at]!.address! - wordBytes * at
  if (base < 0 || lanes.some((e, i) => e && e.address !== base + wordBytes * i)) return undefined
  return load(base, 128)
}

function addReads(e: Expression, bases: Set<number>): void {
  if (e.operation === 'load') bases.add(e.address! - (e.address! % vectorBytes))
  for (const part of [e.a, e.b, e.c]) if (part) addReads(part, bases)
}

/** A byte cut out of a word and sign-extended, as a load of that byte. */
function signedByte(e: Expression | undefined): Expression | undefined {
  if (e?.operation === 'sign8' && e.a!.operation === 'load') return loadSignedByte(e.a!.address!)
  if (e?.operation !== 'shrS' || !isConstant(e.b!, 24n)) return undefined
  if (e.a!.operation === 'load') return loadSignedByte(e.a!.address! + 3)
  const { operation, a, b } = e.a!
  if (operation !== 'shl' || a!.operation !== 'load' || b!.operation !== 'constant') return undefined
  const byte = (24n - b!.value!) / 8n
  return b!.value! % 8n === 0n ? loadSignedByte(a!.address! + Number(byte)) : undefined
}

/** Loads are rewritten in place later, so each statement needs its own. */
function clone(e: Expression): Expression {
  return {
    ...e,
    ...(e.a ? { a: clone(e.a) } : {}),
    ...(e.b ? { b: clone(e.b) } : {}),
    ...(e.c ? { c: clone(e.c) } : {}),
  }
}

/** Removes what was only needed lane by lane. */
function dropUnusedSets(program: Program): void {
  const uses = new Int32Array(program.locals.types.length)
  const dropped = new Set<number>()
  const values = new Map<number, Expression[]>()
  const count = (e: Expression, by: number): void => {
    if (e.operation === 'local') {
      uses[e.local!]! += by
      if (by < 0) dropIfUnused(e.local!)
    }
    if (e.a) count(e.a, by)
    if (e.b) count(e.b, by)
    if (e.c) count(e.c, by)
  }
  const dropIfUnused = (index: number): void => {
    if (uses[index]! > 0 || dropped.has(index)) return
    dropped.add(index)
    for (const value of values.get(index) ?? []) count(value, -1)
  }
  const survey = (list: readonly Statement[]): void => {
    for (const statement of list) {
      for (const e of expressionsOf(statement)) count(e, 1)
      if (statement.kind === 'set') {
        const known = values.get(statement.local)
        if (known) known.push(statement.value)
        else values.set(statement.local, [statement.value])
      }
      if (statement.kind === 'if') {
        survey(statement.body)
        survey(statement.otherwise)
      }
    }
  }
  survey(program.statements)
  for (const index of values.keys()) dropIfUnused(index)
  const sweep = (list: Statement[]): void => {
    const kept = list.filter((statement) => statement.kind !== 'set' || !dropped.has(statement.local))
    list.splice(0, list.length)
    for (const statement of kept) {
      if (statement.kind === 'if') {
        sweep(statement.body)
        sweep(statement.otherwise)
      }
      list.push(statement)
    }
  }
  sweep(program.statements)
}
