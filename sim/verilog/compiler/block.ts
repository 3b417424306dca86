import { type Sink, visitSink } from './graph.ts'
import type { Slice } from './netlist.ts'
import type { Condition, Tree } from './tree.ts'

/** A part of the clock edge: everything (the root), or one side of a branch. */
export interface Block {
  readonly parent: Block | undefined
  readonly depth: number
  /** The same for both sides of a branch, and only for them. */
  readonly branch: symbol | undefined
  readonly units: Unit[]
}

/** What remains to be done for a sink inside a block. */
export interface Item {
  readonly sink: Sink
  readonly tree: Tree
}

export interface Branch {
  readonly condition: Condition
  readonly zero: Block
  readonly one: Block
}

export type Unit =
  | { readonly item: Item; readonly branch?: undefined }
  | { readonly branch: Branch; readonly item?: undefined }

/** Something that reads words, in the block where it is done. */
export interface Reader {
  readonly slices: readonly Slice[]
  readonly block: Block
}

export function rootBlock(): Block {
  return { parent: undefined, depth: 0, branch: undefined, units: [] }
}

/** The blocks around and including this one, innermost first. */
export function pathOf(block: Block): Block[] {
  const path: Block[] = []
  for (let at: Block | undefined = block; at; at = at.parent) path.push(at)
  return path
}

/** Everything that the units of a block and of the blocks in it read. */
export function readersIn(block: Block): Reader[] {
  const readers: Reader[] = []
  for (const { item, branch } of block.units) {
    if (item) visitSink(item.sink, item.tree, (slices) => readers.push({ slices, block }))
    else {
      readers.push({ slices: branch.condition.slices, block })
      for (const side of [branch.one, branch.zero]) for (const reader of readersIn(side)) readers.push(reader)
    }
  }
  return readers
}
