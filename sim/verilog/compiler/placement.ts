import { type Block, pathOf, type Reader } from './block.ts'
import { costOf, isState } from './cost.ts'
import type { Netlist, Node, Slice } from './netlist.ts'
import type { Value } from './value.ts'

/** One place where a word is computed, for its users there and in the blocks inside. */
export interface Copy {
  readonly node: Node
  readonly block: Block
  uses: number
  value: Value | undefined
}

/** Words at most this costly are computed again in each block rather than always. */
const cheap = 4
const mostCopies = 8

/**
 * Decides where each word is computed: in the block that contains all its users, or, if that block would
 * compute it often in vain, in several blocks.
 */
export class Placement {
  readonly #copies: (Copy[] | undefined)[] = []

  constructor(netlist: Netlist, order: readonly Node[], readers: readonly Reader[]) {
    const needs: (Set<Block> | undefined)[] = new Array(netlist.nodes.length)
    const need = ({ node }: Slice, block: Block) => {
      if (!node || isState(node)) return
      const blocks = needs[node.id]
      if (blocks) blocks.add(block)
      else needs[node.id] = new Set([block])
    }
    for (const { slices, block } of readers) for (const slice of slices) need(slice, block)
    const backwards = [...order].reverse()
    for (const node of backwards) {
      const blocks = needs[node.id]
      if (!blocks) continue
      const copies = chooseBlocks(node, outermost(blocks)).map((block) => ({
        node,
        block,
        uses: 0,
        value: undefined,
      }))
      this.#copies[node.id] = copies
      for (const { block } of copies)
        for (const slices of node.slices) for (const slice of slices) need(slice, block)
    }
    const use = ({ node }: Slice, block: Block) => {
      if (node && !isState(node)) this.copyFor(node, block).uses++
    }
    for (const { slices, block } of readers) for (const slice of slices) use(slice, block)
    for (const node of backwards)
      for (const { block } of this.#copies[node.id] ?? [])
        for (const slices of node.slices) for (const slice of slices) use(slice, block)
  }

  /** The copy of a word that code in a block sees. */
  copyFor(node: Node, block: Block): Copy {
    const copies = this.#copies[node.id]!
    if (copies.length === 1) return copies[0]!
    for (let at: Block | undefined = block; at; at = at.parent)
      for (const copy of copies) if (copy.block === at) return copy
    throw new Error(`no copy of word ${node.id} is visible`)
  }
}

/** Drops the blocks that lie inside others of the set. */
function outermost(blocks: ReadonlySet<Block>): Block[] {
  if (blocks.size === 1) return [...blocks]
  return [...blocks].filter((block) => {
    for (let at = block.parent; at; at = at.parent) if (blocks.has(at)) return false
    return true
  })
}

function chooseBlocks(node: Node, blocks: Block[]): Block[] {
  if (blocks.length === 1) return blocks
  const few = blocks.length <= mostCopies
  if (
    few &&
    (costOf(node) <= cheap || blocks.every((a, i) => blocks.slice(i + 1).every((b) => exclude(a, b))))
  )
    return blocks
  return [blocks.reduce(common)]
}

/** True if the blocks lie on the two sides of one branch. */
function exclude(a: Block, b: Block): boolean {
  const outer = common(a, b)
  const sideOf = (block: Block) => pathOf(block).find(({ parent }) => parent === outer)
  return sideOf(a)?.branch === sideOf(b)?.branch
}

function common(a: Block, b: Block): Block {
  let [x, y] = [a, b]
  while (x !== y) {
    if (x.depth >= y.depth && x.parent) x = x.parent
    else y = y.parent!
  }
  return x
}
