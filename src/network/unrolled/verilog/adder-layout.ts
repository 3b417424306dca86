import { signalFormat } from '../netlist/range-bits.ts'
import type { ScalarNetlist, ScalarOperation } from '../netlist/scalar-netlist.ts'

/** How an adder's bits come about; offsets are exponents of two. */
export interface AdderLayout {
  /** Whether b starts below a. */
  readonly bIsEarly: boolean
  /** Where the operands start. */
  readonly lowA: number
  readonly lowB: number
  /** Low bits that the earlier operand passes unchanged. */
  readonly wires: number
  /** Bits of the carry chain above them; 0 where nothing overlaps. */
  readonly chain: number
  /** Low bits of the sum that are always 0 and not part of the result. */
  readonly dropped: number
}

type Add = Extract<ScalarOperation, { kind: 'add' }>

export function adderLayout({ nodes }: ScalarNetlist, operation: Add, result: number): AdderLayout {
  const [a, b] = [signalFormat(nodes[operation.a]!.range), signalFormat(nodes[operation.b]!.range)]
  const sum = signalFormat(nodes[result]!.range)
  const [lowA, lowB] = [a.low + operation.shiftA, b.low + operation.shiftB]
  const bIsEarly = lowB < lowA
  const early = bIsEarly ? b : a
  const start = Math.min(lowA, lowB)
  const dropped = sum.low - start
  const whole = sum.bits + dropped
  const passes = operation.subtract !== (bIsEarly ? 'b' : 'a')
  const gap = Math.abs(lowA - lowB)
  const wires = passes && gap < whole ? gap : 0
  const apart = passes && wires > 0 && !early.signed && early.bits <= gap && operation.subtract === 'none'
  return { bIsEarly, lowA, lowB, wires, chain: apart ? 0 : whole - wires, dropped }
}
