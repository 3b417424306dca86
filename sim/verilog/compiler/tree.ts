import type { Bits } from './bits.ts'
import type { Netlist, Node, Slice } from './netlist.ts'

/**
 * What a clock edge does to a register or memory, as the `if`s and `case`s of the source: choices above
 * values. `undefined` is "keeps its value"; for a memory write the value is the enable.
 */
export type Tree = Leaf | Choice | undefined

export interface Leaf {
  readonly kind: 'leaf'
  readonly slices: readonly Slice[]
}

export interface Choice {
  readonly kind: 'choice'
  readonly condition: Condition
  readonly zero: Tree
  readonly one: Tree
}

/** A one-bit signal that something depends on; equal ids are the same signal. */
export interface Condition {
  readonly id: number
  readonly slices: readonly Slice[]
}

/** Leaves of one tree: beyond this the multiplexers stay multiplexers. */
const mostLeaves = 24

/** True for words that several words, registers or memory ports read. */
export type IsShared = (node: Node) => boolean

/**
 * The tree of a register: multiplexers become choices, down to values that are none. A multiplexer that others read
 * too stays one value, unless the register keeps its own value below it.
 */
export function registerTree(data: Bits, own: Bits, netlist: Netlist, isShared: IsShared): Tree {
  const keeps = (bits: Bits) => bits.every((bit, i) => netlist.root(bit) === own[i])
  return new Grower(netlist, keeps, isShared).grow(data)
}

/** The tree of a memory write: where it is `undefined` nothing is written. */
export function enableTree(enable: number, netlist: Netlist): Tree {
  const keeps = (bits: Bits) => netlist.constant(bits[0]!) === 0
  return new Grower(netlist, keeps, () => false).grow(Int32Array.of(enable))
}

/** How deep a value that is kept may lie below a multiplexer that others read. */
const deepestHold = 2

interface Split {
  readonly select: number
  readonly zero: Bits
  readonly one: Bits
  /** Whether others read one of the multiplexers. */
  readonly shared: boolean
}

class Grower {
  readonly #netlist: Netlist
  readonly #keeps: (bits: Bits) => boolean
  #leaves = 1

  readonly #isShared: IsShared

  constructor(netlist: Netlist, keeps: (bits: Bits) => boolean, isShared: IsShared) {
    this.#netlist = netlist
    this.#keeps = keeps
    this.#isShared = isShared
  }

  grow(bits: Bits): Tree {
    if (this.#keeps(bits)) return undefined
    const split = this.#leaves < mostLeaves ? this.#split(bits) : undefined
    if (!split || (split.shared && !this.#leadsToHold(split, deepestHold)))
      return { kind: 'leaf', slices: this.#netlist.slices(bits, undefined) }
    this.#leaves++
    const zero = this.grow(split.zero)
    return choose(split.select, zero, this.grow(split.one), this.#netlist)
  }

  #leadsToHold({ zero, one }: Split, depth: number): boolean {
    return [zero, one].some((bits) => {
      if (this.#keeps(bits)) return true
      const inner = depth > 0 ? this.#split(bits) : undefined
      return inner !== undefined && this.#leadsToHold(inner, depth - 1)
    })
  }

  /** Both values of the first choice above the bits; bits that do not take part are the same in both. */
  #split(bits: Bits): Split | undefined {
    const netlist = this.#netlist
    const gate = bits.length === 1 ? this.#gate(bits[0]!) : undefined
    if (gate) return gate
    let select: number | undefined
    let shared = false
    const zero = bits.slice()
    const one = bits.slice()
    for (let i = 0; i < bits.length; i++) {
      const driver = netlist.driver(bits[i]!)
      if (driver?.node.operation !== 'mux') continue
      const root = netlist.root(driver.node.inputs[2]![0]!)
      select ??= root
      if (root !== select) continue
      shared ||= this.#isShared(driver.node)
      zero[i] = driver.node.inputs[0]![driver.bit]!
      one[i] = driver.node.inputs[1]![driver.bit]!
    }
    return select === undefined ? undefined : { select, zero, one, shared }
  }

  /** An AND of one-bit signals is a choice too, where 0 means that nothing happens. */
  #gate(bit: number): Split | undefined {
    const netlist = this.#netlist
    const zero = Int32Array.of(-1)
    if (!this.#keeps(zero)) return undefined
    const driver = netlist.driver(bit)
    if (driver?.node.operation !== 'and') return undefined
    const [a, b] = driver.node.inputs.map((input) => input[driver.bit]!)
    return { select: netlist.root(a!), zero, one: Int32Array.of(b!), shared: false }
  }
}

/** A choice; conditions that are conjunctions become nested choices where the other side does nothing. */
function choose(select: number, zero: Tree, one: Tree, netlist: Netlist): Tree {
  const constant = netlist.constant(select)
  if (constant !== undefined) return constant ? one : zero
  if (zero === undefined && one === undefined) return undefined
  const driver = netlist.driver(select)!
  const inputs = driver.node.inputs
  if (driver.node.operation === 'not') return choose(inputs[0]![driver.bit]!, one, zero, netlist)
  if (driver.node.operation === 'and' && zero === undefined)
    return choose(
      inputs[0]![driver.bit]!,
      undefined,
      choose(inputs[1]![driver.bit]!, undefined, one, netlist),
      netlist,
    )
  if (driver.node.operation === 'or' && one === undefined)
    return choose(
      inputs[0]![driver.bit]!,
      choose(inputs[1]![driver.bit]!, zero, undefined, netlist),
      undefined,
      netlist,
    )
  const id = netlist.root(select)
  const condition = { id, slices: netlist.slices(Int32Array.of(id), undefined) }
  const [known, other] = [assume(zero, id, false), assume(one, id, true)]
  if (known === undefined && other === undefined) return undefined
  return { kind: 'choice', condition, zero: known, one: other }
}

/** The tree where a condition is known. */
export function assume(tree: Tree, id: number, value: boolean): Tree {
  if (tree?.kind !== 'choice') return tree
  if (tree.condition.id === id) return assume(value ? tree.one : tree.zero, id, value)
  const zero = assume(tree.zero, id, value)
  const one = assume(tree.one, id, value)
  if (zero === tree.zero && one === tree.one) return tree
  return zero === undefined && one === undefined ? undefined : { ...tree, zero, one }
}

/** Calls back for every signal that the tree reads, with the conditions under which it does. */
export function visitTree(
  tree: Tree,
  visit: (slices: readonly Slice[], path: readonly number[], isCondition: boolean) => void,
  path: readonly number[] = [],
): void {
  if (tree === undefined) return
  if (tree.kind === 'leaf') {
    visit(tree.slices, path, false)
    return
  }
  const { condition } = tree
  visit(condition.slices, path, true)
  visitTree(tree.zero, visit, [...path, conditionKey(condition.id, false)])
  visitTree(tree.one, visit, [...path, conditionKey(condition.id, true)])
}

/** The conditions of a tree. */
export function conditionsOf(tree: Tree, found = new Map<number, Condition>()): Map<number, Condition> {
  if (tree?.kind === 'choice') {
    found.set(tree.condition.id, tree.condition)
    conditionsOf(tree.zero, found)
    conditionsOf(tree.one, found)
  }
  return found
}

/** The conditions of a tree that decide whether a value is kept. */
export function holdConditions(tree: Tree, found = new Set<number>()): Set<number> {
  if (tree?.kind === 'choice') {
    if (tree.zero === undefined || tree.one === undefined) found.add(tree.condition.id)
    holdConditions(tree.zero, found)
    holdConditions(tree.one, found)
  }
  return found
}

export function conditionKey(id: number, value: boolean): number {
  return id * 2 + Number(value)
}
