import type { Bits } from './bits.ts'
import type { Netlist, Slice } from './netlist.ts'

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

/** The tree of a register: multiplexers become choices, down to values that are none. */
export function registerTree(data: Bits, own: Bits, netlist: Netlist): Tree {
  return new Grower(netlist, (bits) => bits.every((bit, i) => netlist.root(bit) === own[i])).grow(data)
}

/** The tree of a memory write: where it is `undefined` nothing is written. */
export function enableTree(enable: number, netlist: Netlist): Tree {
  return new Grower(netlist, (bits) => netlist.constant(bits[0]!) === 0).grow(Int32Array.of(enable))
}

class Grower {
  readonly #netlist: Netlist
  readonly #keeps: (bits: Bits) => boolean
  #leaves = 1

  constructor(netlist: Netlist, keeps: (bits: Bits) => boolean) {
    this.#netlist = netlist
    this.#keeps = keeps
  }

  grow(bits: Bits): Tree {
    if (this.#keeps(bits)) return undefined
    const split = this.#leaves < mostLeaves ? this.#split(bits) : undefined
    if (!split) return { kind: 'leaf', slices: this.#netlist.slices(bits, undefined) }
    this.#leaves++
    const zero = this.grow(split.zero)
    return choose(split.select, zero, this.grow(split.one), this.#netlist)
  }

  /** Both values of the first choice above the bits; bits that do not take part are the same in both. */
  #split(bits: Bits): { select: number; zero: Bits; one: Bits } | undefined {
    const netlist = this.#netlist
    const gate = bits.length === 1 ? this.#gate(bits[0]!) : undefined
    if (gate) return gate
    let select: number | undefined
    const zero = bits.slice()
    const one = bits.slice()
    for (let i = 0; i < bits.length; i++) {
      const driver = netlist.driver(bits[i]!)
      if (driver?.node.operation !== 'mux') continue
      const root = netlist.root(driver.node.inputs[2]![0]!)
      select ??= root
      if (root !== select) continue
      zero[i] = driver.node.inputs[0]![driver.bit]!
      one[i] = driver.node.inputs[1]![driver.bit]!
    }
    return select === undefined ? undefined : { select, zero, one }
  }

  /** An AND of one-bit signals is a choice too, where 0 means that nothing happens. */
  #gate(bit: number): { select: number; zero: Bits; one: Bits } | undefined {
    const netlist = this.#netlist
    const zero = Int32Array.of(-1)
    if (!this.#keeps(zero)) return undefined
    const driver = netlist.driver(bit)
    if (driver?.node.operation !== 'and') return undefined
    const [a, b] = driver.node.inputs.map((input) => input[driver.bit]!)
    return { select: netlist.root(a!), zero, one: Int32Array.of(b!) }
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

export function conditionKey(id: number, value: boolean): number {
  return id * 2 + Number(value)
}
