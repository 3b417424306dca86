import { constant, type Expression, local, type WordType } from './expression.ts'
import type { Memory } from './netlist.ts'
import type { Program } from './schedule.ts'
import { expressionsOf, type MemoryStatement, type Statement } from './statement.ts'

/** A statement with its place in the tree and in time. */
interface Site {
  readonly statement: Statement
  readonly list: Statement[]
  readonly parent: Site | undefined
  readonly time: number
}

interface Access {
  readonly site: Site
  readonly load: Expression
}

/**
 * All flip-flops and memories change at once, but statements run one after the other. Where a register is
 * stored before a later read, its old value is first kept in a local; where a memory is written before a
 * later read, the write moves behind it.
 */
export function resolveHazards(program: Program, memoryAt: (address: number) => Memory): void {
  const survey = new Survey(memoryAt)
  survey.walk(program.statements, undefined)
  const edits = new Edits()
  for (const loads of survey.loads.values()) keepOldValue(loads, survey, edits, program)
  for (const [memory, writes] of survey.writes)
    delayWrites(writes, survey.reads.get(memory) ?? [], edits, program)
  edits.apply(program.statements)
}

class Survey {
  /** Stores of each word; on the sides of branches there may be several. */
  readonly stores = new Map<number, Site[]>()
  /** Loads of the same address and type. */
  readonly loads = new Map<string, Access[]>()
  readonly writes = new Map<Memory, Site[]>()
  readonly reads = new Map<Memory, Access[]>()
  readonly #memoryAt: (address: number) => Memory
  #time = 0

  constructor(memoryAt: (address: number) => Memory) {
    this.#memoryAt = memoryAt
  }

  walk(list: Statement[], parent: Site | undefined): void {
    for (const statement of list) {
      const site: Site = { statement, list, parent, time: this.#time++ }
      for (const e of expressionsOf(statement)) this.#scan(e, site)
      if (statement.kind === 'store') {
        for (const word of wordsOf(statement.address, statement.value.type)) push(this.stores, word, site)
      } else if (statement.kind === 'write') push(this.writes, statement.memory, site)
      else if (statement.kind === 'if') {
        this.walk(statement.body, site)
        this.walk(statement.otherwise, site)
      }
    }
  }

  #scan(root: Expression, site: Site): void {
    if (root.operation === 'load')
      push(this.loads, `${root.address} ${root.type} ${root.bytes}`, { site, load: root })
    if (root.operation === 'loadAt') push(this.reads, this.#memoryAt(root.address!), { site, load: root })
    if (root.a) this.#scan(root.a, site)
    if (root.b) this.#scan(root.b, site)
    if (root.c) this.#scan(root.c, site)
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Insertions, collected first so that places stay valid. */
class Edits {
  readonly before = new Map<Statement, Statement[]>()
  readonly after = new Map<Statement, Statement[]>()
  readonly removed = new Set<Statement>()

  apply(list: Statement[]): void {
    const result: Statement[] = []
    for (const statement of list) {
      if (statement.kind === 'if') {
        this.apply(statement.body)
        this.apply(statement.otherwise)
      }
      result.push(...(this.before.get(statement) ?? []))
      if (!this.removed.has(statement)) result.push(statement)
      result.push(...(this.after.get(statement) ?? []))
    }
    list.splice(0, list.length)
    for (const statement of result) list.push(statement)
  }
}

/** Addresses of the words that a load or store touches. */
function wordsOf(address: number, type: WordType): number[] {
  const first = address - (address % 4)
  return Array.from({ length: type / 32 }, (_, i) => first + 4 * i)
}

function keepOldValue(loads: Access[], survey: Survey, edits: Edits, program: Program): void {
  const { type, address } = loads[0]!.load
  const stores = [...new Set(wordsOf(address!, type).flatMap((word) => survey.stores.get(word) ?? []))]
  if (stores.length === 0) return
  const late = loads.filter(({ site }) => stores.some((store) => precedes(store, site)))
  if (late.length === 0) return
  const early = stores.filter((store) => late.some(({ site }) => precedes(store, site)))
  const list = commonList([...early, ...late.map(({ site }) => site)])
  const first = early.reduce((a, b) => (b.time < a.time ? b : a))
  const index = program.locals.add(type)
  push(edits.before, memberOf(first, list).statement, {
    kind: 'set',
    local: index,
    value: { ...loads[0]!.load },
  })
  for (const { load: e } of late) Object.assign(e, local(index, type))
}

function delayWrites(writes: Site[], reads: Access[], edits: Edits, program: Program): void {
  const portOf = (site: Site) => (site.statement as MemoryStatement).port
  const late = reads.map(({ site }) => site).filter((read) => writes.some((write) => precedes(write, read)))
  const inOrder = writes.every((site, i) => i === 0 || portOf(site) >= portOf(writes[i - 1]!))
  if (late.length === 0 && inOrder) return
  const list = commonList([...writes, ...late])
  const last = [...writes, ...late].reduce((a, b) => (b.time > a.time ? b : a))
  const anchor = memberOf(last, list).statement
  for (const site of [...writes].sort((a, b) => portOf(a) - portOf(b))) {
    const write = site.statement as MemoryStatement
    const capture = (e: Expression): Expression => {
      if (e.operation === 'constant') return e
      const index = program.locals.add(e.type)
      push(edits.before, write, { kind: 'set', local: index, value: e })
      return local(index, e.type)
    }
    let { enable } = write
    if (site.list !== list || enable.operation !== 'constant') {
      // inside a block that is not entered the enable keeps this 0
      const index = program.locals.add(32)
      const entry = memberOf(site, list).statement
      if (site.list !== list)
        push(edits.before, entry, { kind: 'set', local: index, value: constant(0n, 32) })
      push(edits.before, write, { kind: 'set', local: index, value: enable })
      enable = local(index, 32)
    }
    push(edits.after, anchor, {
      ...write,
      enable,
      index: capture(write.index),
      parts: write.parts.map(({ data, mask }) => ({ data: capture(data), mask: mask && capture(mask) })),
    })
    edits.removed.add(write)
  }
}

/** True if both can run in one cycle, the first before the second. */
function precedes(first: Site, second: Site): boolean {
  if (first.time >= second.time) return false
  const list = commonList([first, second])
  // inside one statement of the common list: on the two sides of a branch
  return memberOf(first, list) !== memberOf(second, list)
}

/** The innermost list that contains all sites, directly or in nested blocks. */
function commonList(sites: readonly Site[]): Statement[] {
  const chains = sites.map((site) => chainOf(site).map(({ list }) => list))
  const [first, ...others] = chains
  return first!.find((list) => others.every((chain) => chain.includes(list)))!
}

function memberOf(site: Site, list: Statement[]): Site {
  return chainOf(site).find((at) => at.list === list)!
}

/** The site and the blocks around it, innermost first. */
function chainOf(site: Site): Site[] {
  const chain: Site[] = []
  for (let at: Site | undefined = site; at; at = at.parent) chain.push(at)
  return chain
}
