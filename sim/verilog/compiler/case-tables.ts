import { type Bits, FLOATING, ONE, ZERO } from './bits.ts'
import type { Netlist } from './netlist.ts'
import type { Cell, Module } from './rtlil.ts'

/** A `case` of one signal whose results are all constants: a table of `2 ** address.length` words. */
export interface CaseTable {
  readonly address: Bits
  /** Word after word, lowest bit first. */
  readonly content: Bits
}

/** Fewer branches are quicker as multiplexers. */
const fewestBranches = 8
const widestAddress = 12
/** Table words per branch, at most: a sparse case would be mostly default. */
const sparsest = 8

/**
 * The multiplexers that are tables in truth, by the names of their cells. Yosys finds those that stand in one process, not
 * those whose constants come through wires, as of an array with one `assign` per element.
 */
export function caseTables(module: Module, netlist: Netlist): Map<string, CaseTable> {
  const comparisons = constantComparisons(module, netlist)
  const tables = new Map<string, CaseTable>()
  for (const cell of module.cells) {
    const table = cell.type === '$pmux' ? tableOf(cell, comparisons, netlist) : undefined
    if (table) tables.set(cell.name, table)
  }
  return tables
}

interface Comparison {
  readonly signal: Bits
  readonly constant: number
}

/** Which net says that a signal has which value. */
function constantComparisons(module: Module, netlist: Netlist): Map<number, Comparison> {
  const found = new Map<number, Comparison>()
  for (const { type, ports } of module.cells) {
    if (type !== '$eq' && type !== '$logic_not') continue
    const [a, b] = [rooted(ports.get('A')!, netlist), rooted(ports.get('B') ?? new Int32Array(0), netlist)]
    const [signal, other] = a.every(isConstant) ? [b, a] : [a, b]
    if (signal.length > widestAddress || signal.some(isConstant) || !other.every(isConstant)) continue
    if (type === '$eq' && other.length !== signal.length) continue
    const output = netlist.root(ports.get('Y')![0]!)
    found.set(output, {
      signal,
      constant: other.reduce((value, bit, i) => value + (bit === ONE ? 2 ** i : 0), 0),
    })
  }
  return found
}

function tableOf(
  cell: Cell,
  comparisons: ReadonlyMap<number, Comparison>,
  netlist: Netlist,
): CaseTable | undefined {
  const selects = rooted(cell.ports.get('S')!, netlist)
  if (selects.length < fewestBranches) return undefined
  const branches = [...selects].map((select) => comparisons.get(select))
  const address = branches[0]?.signal
  if (!address || 2 ** address.length > sparsest * selects.length) return undefined
  const isSame = (signal: Bits) =>
    signal.length === address.length && signal.every((bit, i) => bit === address[i])
  if (!branches.every((branch) => branch && isSame(branch.signal))) return undefined
  const otherwise = rooted(cell.ports.get('A')!, netlist)
  const results = rooted(cell.ports.get('B')!, netlist)
  if (!otherwise.every(isConstant) || !results.every(isConstant)) return undefined
  const width = otherwise.length
  const content = new Int32Array(width * 2 ** address.length)
  for (let at = 0; at < content.length; at += width) content.set(otherwise, at)
  for (const [i, branch] of branches.entries())
    content.set(results.subarray(i * width, (i + 1) * width), branch!.constant * width)
  return { address, content: content.map((bit) => (bit === ONE ? ONE : ZERO)) }
}

function rooted(bits: Bits, netlist: Netlist): Bits {
  return bits.map((bit) => netlist.root(bit))
}

/** Known in every run; z must go on to be refused. */
function isConstant(bit: number): boolean {
  return bit < 0 && bit !== FLOATING
}
