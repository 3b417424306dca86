import type { EnsembleLeaf, EnsembleNode } from './ensemble.ts'

/** A node as a file stores it; children are named by keys of the file. */
export type StoredNode =
  | EnsembleLeaf
  | (Omit<Extract<EnsembleNode, { kind: 'branch' }>, 'yes' | 'no'> & {
      readonly yes: string
      readonly no: string
    })

/**
 * The tree that hangs on `root`, children after their parents.
 * @param find the stored node of a key, undefined when there is none
 * @param reached keys seen so far, also by earlier trees; grows
 * @param malformed makes the error to throw
 */
export function collectTree(
  root: string,
  find: (key: string) => StoredNode | undefined,
  reached: Set<string>,
  malformed: (reason: string) => Error,
): EnsembleNode[] {
  const nodes: EnsembleNode[] = []
  const waiting: { key: string; parent: number; side: 'yes' | 'no' }[] = [
    { key: root, parent: -1, side: 'no' },
  ]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { key, parent, side } = next
    const stored = find(key)
    if (stored === undefined) throw malformed(`${key} does not exist but is a child or a root`)
    if (reached.has(key)) throw malformed(`${key} has two parents or lies on a cycle`)
    reached.add(key)
    const index = nodes.length
    if (parent >= 0) nodes[parent] = { ...nodes[parent], [side]: index } as EnsembleNode
    if (stored.kind === 'leaf') {
      nodes.push(stored)
      continue
    }
    nodes.push({ ...stored, yes: 0, no: 0 })
    waiting.push(
      { key: stored.no, parent: index, side: 'no' },
      { key: stored.yes, parent: index, side: 'yes' },
    )
  }
  return nodes
}
