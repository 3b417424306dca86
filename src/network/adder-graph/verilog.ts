import type { AdderGraph, AdderNode, InputRange } from './adder-graph.ts'
import { rangeBits, type ValueRange, valueRanges } from './measure.ts'

/** A signal that holds a value: `name`, its bits, and whether they are two's complement. */
export interface VerilogSignal {
  readonly name: string
  readonly bits: number
  readonly signed: boolean
}

export interface VerilogInput {
  readonly name: string
  readonly range: InputRange
}

export interface AdderGraphVerilog {
  /** Declarations and assignments, in order, without indentation. */
  readonly lines: readonly string[]
  /** One per output; exact widths. */
  readonly outputs: readonly VerilogSignal[]
}

/**
 * A combinational adder graph as Verilog-2005 wires `${prefix}N`. Inputs are existing signals with exactly
 * `inputSignal(range)` bits; widths are those of the exact ranges; low bits that come from one operand
 * alone are wires, so that an assignment with `+` or `-` is one carry chain and nothing else.
 */
export function emitAdderGraph(
  graph: AdderGraph,
  inputs: readonly VerilogInput[],
  prefix: string,
): AdderGraphVerilog {
  const ranges = valueRanges(
    graph,
    inputs.map(({ range }) => range),
  )
  const signals: VerilogSignal[] = inputs.map(({ name, range }) => ({ name, ...inputSignal(range) }))
  const lines: string[] = []
  const declare = (name: string, range: ValueRange, expression: string): VerilogSignal => {
    const signal = { name, bits: Math.max(1, rangeBits(range)), signed: range.min < 0 }
    lines.push(
      `wire ${signal.signed ? 'signed ' : ''}[${signal.bits - 1}:0] ${name};`,
      `assign ${name} = ${expression};`,
    )
    return signal
  }
  graph.nodes.forEach((node, at) => {
    const value = graph.inputs + at
    const range = ranges[value]!
    const bits = Math.max(1, rangeBits(range))
    signals.push(declare(`${prefix}${value}`, range, sum(node, signals, ranges, bits)))
  })
  const outputs = graph.outputs.map(({ value, shift, negate }, j): VerilogSignal => {
    const name = `${prefix}y${j}`
    if (value < 0) return declare(name, { min: 0, max: 0, step: 0 }, "1'b0")
    const { min, max, step } = ranges[value]!
    const factor = 2 ** shift * (negate ? -1 : 1)
    const range = {
      min: Math.min(min * factor, max * factor),
      max: Math.max(min * factor, max * factor),
      step,
    }
    const signal = signals[value]!
    const zeros = shift > 0 ? `, ${shift}'b0` : ''
    if (!negate) return declare(name, range, shift > 0 ? `{${signal.name}${zeros}}` : signal.name)
    const bits = Math.max(1, rangeBits(range))
    return declare(name, range, `-${slice(signal, 0, bits - shift, shift)}`)
  })
  return { lines, outputs }
}

/** Width and sign of an input signal. */
export function inputSignal(range: InputRange): { readonly bits: number; readonly signed: boolean } {
  return { bits: Math.max(1, rangeBits(range)), signed: range.min < 0 }
}

function sum(
  { a, b, shiftA, shiftB, subtract }: AdderNode,
  signals: readonly VerilogSignal[],
  ranges: readonly ValueRange[],
  bits: number,
): string {
  const lowA = shiftA + ranges[a]!.step
  const lowB = shiftB + ranges[b]!.step
  // Below the later start the earlier operand passes, unless it is subtracted.
  const earlyIsA = lowA <= lowB
  const reversed = earlyIsA ? subtract === 'a' : subtract === 'b'
  const wires = Math.min(bits, reversed ? Math.min(lowA, lowB) : Math.max(lowA, lowB))
  const early = earlyIsA ? signals[a]! : signals[b]!
  const shift = earlyIsA ? shiftA : shiftB
  const high = bits - wires
  const left = slice(signals[a]!, wires - shiftA, high)
  const right = slice(signals[b]!, wires - shiftB, high)
  const chain = subtract === 'a' ? `${right} - ${left}` : `${left} ${subtract === 'b' ? '-' : '+'} ${right}`
  if (wires === 0) return chain
  const low = wires > shift ? slice(early, 0, wires - shift, shift) : `${wires}'b0`
  if (high === 0) return low
  // Inside a concatenation a sum has its operands' width: both have exactly `high` bits.
  return `{${chain}, ${low}}`
}

/** `bits` bits of a signal from bit `from` on (negative: zeros first), sign- or zero-extended, over `zeros`. */
function slice(signal: VerilogSignal, from: number, bits: number, zeros = 0): string {
  const parts: string[] = []
  const lowZeros = zeros + Math.min(bits, Math.max(0, -from))
  const start = Math.max(0, from)
  const wanted = bits - Math.min(bits, Math.max(0, -from))
  const there = Math.max(0, Math.min(signal.bits - start, wanted))
  const extension = wanted - there
  const name = (high: number, low: number): string =>
    signal.bits === 1
      ? signal.name
      : high === low
        ? `${signal.name}[${high}]`
        : `${signal.name}[${high}:${low}]`
  if (extension > 0)
    parts.push(
      signal.signed ? `{${extension}{${name(signal.bits - 1, signal.bits - 1)}}}` : `${extension}'b0`,
    )
  if (there > 0)
    parts.push(there === signal.bits && start === 0 ? signal.name : name(start + there - 1, start))
  if (lowZeros > 0) parts.push(`${lowZeros}'b0`)
  return parts.length === 1 && there === wanted && lowZeros === 0 ? parts[0]! : `{${parts.join(', ')}}`
}
