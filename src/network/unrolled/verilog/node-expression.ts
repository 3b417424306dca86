import { signalFormat } from '../netlist/range-bits.ts'
import type { NodeId, ScalarNetlist } from '../netlist/scalar-netlist.ts'
import { adderLayout } from './adder-layout.ts'
import { type BitExpressions, literal, type Signal } from './bits.ts'
import type { Functions } from './functions.ts'

/** What the emitter needs to write one node. */
export interface Surroundings {
  readonly netlist: ScalarNetlist
  /** The signal of an operand at the reader's place in the pipeline. */
  readonly signal: (operand: NodeId) => Signal
  readonly bits: BitExpressions
  readonly functions: Functions
}

/** The bits of a node, without those below its format, as an expression of exactly its width. */
export function nodeExpression(around: Surroundings, id: NodeId): string {
  const { netlist, signal, bits, functions } = around
  const { operation, range } = netlist.nodes[id]!
  const own = signalFormat(range)
  switch (operation.kind) {
    case 'input':
    case 'constant':
    case 'scale':
      throw new Error(`node ${id} has no expression`)
    case 'add':
      return adder(around, id)
    case 'floor':
      return bits.aligned(signal(operation.a), operation.shift, own.bits)
    case 'even': {
      const a = signal(operation.a)
      const { shift } = operation
      const odd = bits.aligned(a, shift, 1)
      // Without bits below the quotient every argument is a tie.
      const last =
        a.low === shift ? "1'b0" : `${odd} & (${bits.reduced(a, '|', 0, Math.min(a.bits, shift - a.low))})`
      return own.bits === 1 ? last : `{${bits.aligned(a, shift + 1, own.bits - 1)}, ${last}}`
    }
    case 'clamp': {
      const a = signal(operation.a)
      const from = netlist.nodes[operation.a]!.range
      const limit = (value: number): string => literal(value / 2 ** own.low, own.bits)
      const low =
        from.min < operation.min ? `${bits.below(a, operation.min)} ? ${limit(operation.min)} : ` : ''
      const high =
        from.max > operation.max
          ? `~${grouped(bits.below(a, operation.max + 1))} ? ${limit(operation.max)} : `
          : ''
      return `${low}${high}${bits.aligned(a, own.low, own.bits)}`
    }
    case 'at-most':
      return bits.below(signal(operation.a), operation.threshold + 1)
    case 'greater': {
      const [a, b] = [signal(operation.a), signal(operation.b)]
      const low = Math.min(a.low, b.low)
      const signed = a.signed || b.signed
      const needed = ({ bits: width, low: start, signed: own }: Signal): number =>
        width + start - low + Number(signed && !own)
      const width = Math.max(needed(a), needed(b))
      const operand = (x: Signal): string =>
        signed ? `$signed(${bits.aligned(x, low, width)})` : bits.aligned(x, low, width)
      return `${operand(a)} ${operation.orEqual ? '>=' : '>'} ${operand(b)}`
    }
    case 'select': {
      const [yes, no] = [signal(operation.yes), signal(operation.no)]
      const condition = bits.slice(signal(operation.condition), 0, 1)
      return `${condition} ? ${bits.aligned(yes, own.low, own.bits)} : ${bits.aligned(no, own.low, own.bits)}`
    }
    case 'table': {
      const a = signal(operation.a)
      const { min, step } = netlist.nodes[operation.a]!.range
      const name = functions.table(a.bits, own, min / step, operation.outputs)
      return `${name}(${bits.slice(a, 0, a.bits)})`
    }
    case 'significant': {
      const a = signal(operation.a)
      // Bits that are always 0 count for what a float can hold.
      const name = functions.significant(a.bits, operation.bits, own.bits)
      return `${name}(${bits.slice(a, 0, a.bits)})`
    }
  }
}

function adder({ netlist, signal, bits }: Surroundings, id: NodeId): string {
  const { operation, range } = netlist.nodes[id]!
  if (operation.kind !== 'add') throw new Error(`node ${id} is no adder`)
  const own = signalFormat(range)
  const { bIsEarly, lowA, lowB, wires, chain, dropped } = adderLayout(netlist, operation, id)
  const start = Math.min(lowA, lowB)
  const [a, b] = [signal(operation.a), signal(operation.b)]
  const [shiftedA, shiftedB] = [moved(a, operation.shiftA), moved(b, operation.shiftB)]
  const early = bIsEarly ? shiftedB : shiftedA
  const whole = own.bits + dropped
  const pass = Math.max(0, wires - dropped)
  const low = pass > 0 ? bits.aligned(early, start + dropped, pass) : ''
  if (chain === 0) {
    const late = bIsEarly ? shiftedA : shiftedB
    return join(bits.aligned(late, start + wires, whole - wires), low)
  }
  const operand = (x: Signal): string => bits.aligned(x, start + wires, chain)
  const [left, right] = operation.subtract === 'a' ? [shiftedB, shiftedA] : [shiftedA, shiftedB]
  const sum = `${operand(left)} ${operation.subtract === 'none' ? '+' : '-'} ${operand(right)}`
  return join(sum, low)
}

/** The same bits, one exponent higher. */
function moved(signal: Signal, shift: number): Signal {
  return {
    ...signal,
    low: signal.low + shift,
    ...(signal.constant === undefined ? {} : { constant: signal.constant * 2 ** shift }),
  }
}

function join(high: string, low: string): string {
  return low === '' ? high : `{${high}, ${low}}`
}

function grouped(text: string): string {
  return text.startsWith('(') ? text : `(${text})`
}
