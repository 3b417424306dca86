import type { Node } from './netlist.ts'

/** True for words that live in memory and are never computed. */
export function isState(node: Node): boolean {
  return node.operation === 'input' || node.operation === 'register'
}

const operationCosts: Readonly<Record<string, number>> = { div: 25, mod: 25, mul: 3, read: 4 }

/** Instructions that computing a word takes, roughly. */
export function costOf(node: Node): number {
  const operands = node.slices.reduce((sum, slices) => sum + slices.length, 0)
  return operands + (operationCosts[node.operation] ?? 1)
}
