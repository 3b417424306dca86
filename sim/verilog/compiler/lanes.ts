import { isState } from './cost.ts'
import type { Netlist, Node, Register, Slice } from './netlist.ts'

/** Words in one vector. */
export const laneCount = 4

/** Registers that get neighbouring places, in groups of `laneCount`; a place may stay empty. */
export type LaneGroup = readonly (Node | undefined)[]

/** Registers that must have something in common before a vector is worth it. */
const fewest = laneCount
const deepest = 6
const largest = 24

/** What a register becomes, without names: equal shapes differ only in which words and constants they use. */
interface Shape {
  readonly text: string
  /** The words read, in the order of the text. */
  readonly words: readonly Node[]
}

/**
 * Finds registers that are computed alike from words that are alike, and gives them neighbouring places in the same
 * order: then one vector instruction does the work of several. A list of registers of one shape begins, those nearest
 * to the outputs first, and the words they read at one place of the shape follow as lists of their own.
 */
export function groupLanes(netlist: Netlist, fixed: ReadonlySet<Node>): LaneGroup[] {
  return new LaneFinder(netlist, fixed).run()
}

class LaneFinder {
  readonly #netlist: Netlist
  readonly #fixed: ReadonlySet<Node>
  readonly #registers = new Map<Node, Register>()
  readonly #shapes = new Map<Node, Shape>()
  readonly #placed = new Set<Node>()
  readonly #groups: LaneGroup[] = []

  constructor(netlist: Netlist, fixed: ReadonlySet<Node>) {
    this.#netlist = netlist
    this.#fixed = fixed
    for (const register of netlist.registers)
      if (register.node.width <= 32) this.#registers.set(register.node, register)
  }

  run(): LaneGroup[] {
    if (this.#registers.size < fewest) return []
    for (const seeds of this.#seeds()) this.#place(seeds)
    return this.#groups
  }

  /** Registers of one shape and one distance from the outputs, those nearest to the outputs first. */
  #seeds(): Node[][] {
    const distances = this.#distances()
    const classes = new Map<string, { distance: number; nodes: Node[] }>()
    for (const node of this.#registers.keys()) {
      const distance = distances.get(node) ?? 0
      const { text } = this.#shape(node)
      const key = `${distance} ${node.width} ${text}`
      const known = classes.get(key)
      if (known) known.nodes.push(node)
      else classes.set(key, { distance, nodes: [node] })
    }
    return [...classes.values()]
      .filter(({ nodes }) => nodes.length >= fewest)
      .sort((a, b) => a.distance - b.distance)
      .map(({ nodes }) => nodes)
  }

  /** Registers on the shortest way to a register that nothing reads, or that has a fixed place. */
  #distances(): Map<Node, number> {
    const readBy = new Map<Node, number>()
    const sources = new Map<Node, readonly Node[]>()
    for (const node of this.#registers.keys()) {
      const read = [...new Set(this.#shape(node).words)].filter((word) => word !== node)
      sources.set(node, read)
      for (const word of read) readBy.set(word, (readBy.get(word) ?? 0) + 1)
    }
    const distances = new Map<Node, number>()
    let front = [...this.#registers.keys()].filter((node) => !readBy.has(node) || this.#fixed.has(node))
    for (const node of front) distances.set(node, 0)
    for (let distance = 1; front.length > 0; distance++) {
      const next: Node[] = []
      for (const node of front)
        for (const word of sources.get(node) ?? [])
          if (this.#registers.has(word) && !distances.has(word)) {
            distances.set(word, distance)
            next.push(word)
          }
      front = next
    }
    return distances
  }

  /** Gives a list its places, then the lists of words that it reads. */
  #place(start: readonly (Node | undefined)[]): void {
    const lists = [start]
    // level by level: lists of one level lie one behind the other
    for (const list of lists) {
      const seen = new Set<Node>()
      const unique = list.map((node) => {
        if (!node || !this.#isFree(node) || seen.has(node)) return undefined
        seen.add(node)
        return node
      })
      if (seen.size < fewest || seen.size * 2 < list.length) continue
      for (let at = 0; at < unique.length; at += laneCount) {
        const group = unique.slice(at, at + laneCount)
        if (group.filter(Boolean).length < 2) continue
        this.#groups.push(group)
        for (const node of group) if (node) this.#placed.add(node)
      }
      for (const operands of this.#operands(unique)) lists.push(operands)
    }
  }

  #isFree(node: Node): boolean {
    return this.#registers.has(node) && !this.#placed.has(node) && !this.#fixed.has(node)
  }

  /** The words that registers of one shape read, place by place; empty where a register has another shape. */
  #operands(list: readonly (Node | undefined)[]): (Node | undefined)[][] {
    const byShape = new Map<string, (Node | undefined)[]>()
    for (const [i, node] of list.entries()) {
      if (!node) continue
      const { text } = this.#shape(node)
      let same = byShape.get(text)
      if (!same) byShape.set(text, (same = new Array<Node | undefined>(list.length).fill(undefined)))
      same[i] = node
    }
    const lists: (Node | undefined)[][] = []
    for (const same of byShape.values()) {
      const count = same.filter(Boolean).length
      if (count < fewest) continue
      const { words } = this.#shape(same.find(Boolean)!)
      for (const place of words.keys())
        lists.push(same.map((node) => (node ? this.#shape(node).words[place] : undefined)))
    }
    return lists
  }

  #shape(node: Node): Shape {
    let shape = this.#shapes.get(node)
    if (!shape) {
      const words: Node[] = []
      const parts: string[] = []
      this.#write(this.#netlist.slices(this.#registers.get(node)!.data, undefined), deepest, words, parts)
      shape = { text: parts.join(''), words }
      this.#shapes.set(node, shape)
    }
    return shape
  }

  #write(slices: readonly Slice[], depth: number, words: Node[], parts: string[]): void {
    for (const { node, mode, offset, length, kept } of slices) {
      if (!node) {
        parts.push('c')
        continue
      }
      const cut = mode === 'plain' && offset === 0 && length === node.width
      if (!cut) parts.push(mode[0]!, `${offset}:${length}:${kept}`)
      if (isState(node)) {
        parts.push('w')
        words.push(node)
      } else if (depth === 0 || parts.length > largest || node.operation === 'read') parts.push('.')
      else {
        parts.push(node.operation, '(')
        for (const operand of node.slices) {
          this.#write(operand, depth - 1, words, parts)
          parts.push(',')
        }
        parts.push(')')
      }
    }
  }
}
