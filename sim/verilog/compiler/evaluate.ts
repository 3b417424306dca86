import type { Block } from './block.ts'
import { isState } from './cost.ts'
import {
  binary,
  constant,
  type Expression,
  isBoolean,
  isConstant,
  load,
  loadAt,
  maskOf,
  select,
  typeOf,
  unary,
  type WordType,
} from './expression.ts'
import type { Memory, Node, Slice } from './netlist.ts'
import type { Copy, Placement } from './placement.ts'
import type { Value } from './value.ts'

/** Where values with several uses are kept; gives back the local. */
export type Materialize = (block: Block, e: Expression) => Expression

const deepest = 60

/** Turns words into expressions: single uses are inlined, shared ones become locals. */
export class Evaluator {
  readonly #placement: Placement
  readonly #materialize: Materialize

  constructor(placement: Placement, materialize: Materialize) {
    this.#placement = placement
    this.#materialize = materialize
  }

  /** The value, with all upper bits zero, of a signal of at most 64 bits that code in `block` reads. */
  clean(slices: readonly Slice[], block: Block): Expression {
    for (const { node } of slices)
      if (node && !isState(node)) this.#ensure(this.#placement.copyFor(node, block))
    return clean(this.#value(slices, block))
  }

  /** Evaluates the cone of a word, operands first, without recursion. */
  #ensure(root: Copy): void {
    const stack: Copy[] = [root]
    while (stack.length > 0) {
      const copy = stack[stack.length - 1]!
      let ready = true
      if (!copy.value) {
        for (const slices of copy.node.slices)
          for (const { node } of slices) {
            if (!node || isState(node)) continue
            const operand = this.#placement.copyFor(node, copy.block)
            if (operand.value) continue
            stack.push(operand)
            ready = false
          }
      }
      if (!ready) continue
      stack.pop()
      copy.value ??= this.#keep(copy, this.#compute(copy.node, copy.block))
    }
  }

  #keep(copy: Copy, value: Value): Value {
    const { e } = value
    const shared = copy.uses > 1 && e.operation !== 'constant' && e.operation !== 'local'
    if (!shared && e.depth < deepest) return value
    return { ...value, e: this.#materialize(copy.block, e) }
  }

  #read(node: Node, block: Block): Value {
    if (!isState(node)) return this.#placement.copyFor(node, block).value!
    return { e: load(node.address, typeOf(node.width)), width: node.width, bits: node.width, signed: false }
  }

  #value(slices: readonly Slice[], block: Block): Value {
    if (slices.length === 1) return this.#slice(slices[0]!, block)
    const width = slices.reduce((sum, slice) => sum + slice.length, 0)
    const type = typeOf(width)
    let e = constant(0n, type)
    let offset = 0
    let bits = 0
    let signed = false
    for (const [i, slice] of slices.entries()) {
      const part = this.#slice(slice, block)
      const last = i === slices.length - 1
      const useSign = last && part.signed && part.bits > part.width
      const raw = last ? part.e : clean(part)
      const word = raw.type === type ? raw : unary(useSign ? 'extendSigned' : 'extendUnsigned', raw)
      e = binary('or', e, binary('shl', word, constant(BigInt(offset), type)))
      const length = last ? (useSign ? type : part.bits) : Math.min(part.bits, part.width)
      if (length > 0) bits = Math.min(type, offset + length)
      if (last) signed = useSign
      offset += slice.length
    }
    return { e, width, bits, signed }
  }

  #slice(slice: Slice, block: Block): Value {
    const { length, offset, node } = slice
    const type = typeOf(length)
    if (!node) {
      const bits = slice.value === 0n ? 0 : slice.value.toString(2).length
      return { e: constant(slice.value, type), width: length, bits, signed: false }
    }
    const source = this.#read(node, block)
    const size = source.e.type
    const at = (count: number) => constant(BigInt(count), size)
    if (slice.mode === 'repeat') {
      const bit = binary('and', binary('shrU', source.e, at(offset)), at(1))
      const plain = source.bits <= 1 && offset === 0 ? source.e : bit
      return { e: negate(convert(plain, type, false)), width: length, bits: type, signed: true }
    }
    if (slice.mode === 'sign') {
      const e = signExtract(source, offset, slice.kept, node.width)
      return { e: convert(e, type, true), width: length, bits: type, signed: true }
    }
    const e = convert(binary('shrU', source.e, at(offset)), type, false)
    const bits = Math.min(Math.max(source.bits - offset, 0), type)
    const signed = source.signed && offset === 0 && length === node.width
    return { e: bits === 0 ? constant(0n, type) : e, width: length, bits, signed }
  }

  #compute(node: Node, block: Block): Value {
    const { width, signed } = node
    const type = typeOf(width)
    const operand = (i: number) => this.#value(node.slices[i]!, block)
    const dirty = (e: Expression): Value => ({ e, width, bits: type, signed: false })
    const truth = (e: Expression): Value => ({ e, width: 1, bits: 1, signed: false })
    switch (node.operation) {
      case 'read':
        return this.#memoryRead(node, clean(operand(0)))
      case 'and': {
        const [a, b] = [operand(0), operand(1)]
        const bits = Math.min(a.bits, b.bits)
        return { e: binary('and', a.e, b.e), width, bits, signed: a.signed && b.signed }
      }
      case 'or':
      case 'xor': {
        const [a, b] = [operand(0), operand(1)]
        const bits = Math.max(a.bits, b.bits)
        return { e: binary(node.operation, a.e, b.e), width, bits, signed: a.signed && b.signed }
      }
      case 'not': {
        const a = operand(0)
        if (width === 1) return truth(unary('eqz', clean(a)))
        return { ...dirty(binary('xor', a.e, constant(-1n, type))), signed: a.signed }
      }
      case 'add':
      case 'mul': {
        const [a, b] = [operand(0), operand(1)]
        const bits = node.operation === 'add' ? Math.max(a.bits, b.bits) + 1 : a.bits + b.bits
        return { e: binary(node.operation, a.e, b.e), width, bits: Math.min(bits, type), signed: false }
      }
      case 'sub':
        return dirty(binary('sub', operand(0).e, operand(1).e))
      case 'div':
      case 'mod':
        return this.#divide(node, block, operand(0), operand(1))
      case 'shl':
        return dirty(this.#shift(block, 'shl', operand(0).e, operand(1)))
      case 'shr': {
        const a = operand(0)
        const bits = Math.min(a.bits, width)
        return { e: this.#shift(block, 'shrU', clean(a), operand(1)), width, bits, signed: false }
      }
      case 'sar':
        return { ...dirty(this.#shift(block, 'shrS', signOf(operand(0)), operand(1))), signed: true }
      case 'mux': {
        const [zero, one] = [operand(0), operand(1)]
        const e = select(clean(operand(2)), one.e, zero.e)
        const both = (zero.signed || isConstant(zero.e, 0n)) && (one.signed || isConstant(one.e, 0n))
        return { e, width, bits: Math.max(zero.bits, one.bits), signed: both }
      }
      case 'eq': {
        const [a, b] = [operand(0), operand(1)]
        if (a.signed && b.signed) return truth(binary('eq', a.e, b.e))
        return truth(binary('eq', clean(a), clean(b)))
      }
      case 'lt':
      case 'le':
        if (signed)
          return truth(
            binary(node.operation === 'lt' ? 'ltS' : 'leS', signOf(operand(0)), signOf(operand(1))),
          )
        return truth(binary(node.operation === 'lt' ? 'ltU' : 'leU', clean(operand(0)), clean(operand(1))))
      case 'any':
        return truth(nonzero(clean(operand(0))))
      case 'all': {
        const a = operand(0)
        if (a.signed) return truth(binary('eq', a.e, constant(-1n, a.e.type)))
        return truth(binary('eq', clean(a), constant(maskOf(a.width), a.e.type)))
      }
      case 'parity': {
        const count = convert(unary('popcnt', clean(operand(0))), 32, false)
        return truth(binary('and', count, constant(1n, 32)))
      }
      case 'input':
      case 'register':
        return this.#read(node, block)
    }
  }

  #memoryRead(node: Node, index: Expression): Value {
    const memory = node.memory!
    const part = memory.parts[node.part]!
    const e = loadAt(
      memory.base + part.byte,
      memoryOffset(memory, index),
      memoryBytes(memory, node.part),
      typeOf(node.width),
    )
    return { e, width: node.width, bits: node.width, signed: false }
  }

  /** Amounts that shift everything out are separate: WebAssembly takes them modulo the word size. */
  #shift(block: Block, operation: 'shl' | 'shrU' | 'shrS', a: Expression, amount: Value): Expression {
    const { type } = a
    const by = convert(clean(amount), type, false)
    const longest = Math.min(amount.bits, amount.width)
    if (2 ** longest - 1 < type) return binary(operation, a, by)
    const b = this.#once(block, by)
    const inside = binary('ltU', b, constant(BigInt(type), type))
    if (operation === 'shrS') return binary('shrS', a, select(inside, b, constant(BigInt(type - 1), type)))
    return select(inside, binary(operation, a, b), constant(0n, type))
  }

  /** A zero divisor gives 0 for quotient and remainder, and the one overflow must not trap. */
  #divide(node: Node, block: Block, left: Value, right: Value): Value {
    const { width, signed } = node
    const type = typeOf(width)
    const a = this.#once(block, signed ? signOf(left) : clean(left))
    const b = this.#once(block, signed ? signOf(right) : clean(right))
    const zero = constant(0n, type)
    const isZero = unary('eqz', b)
    // dividing by 1 instead keeps the instruction from trapping; the result is then replaced
    const minusOne = binary('eq', b, constant(-1n, type))
    const unsafe = signed ? binary('or', isZero, minusOne) : isZero
    const divisor = select(unsafe, constant(1n, type), b)
    const quotient = node.operation === 'div'
    const raw = binary(quotient ? (signed ? 'divS' : 'divU') : signed ? 'remS' : 'remU', a, divisor)
    const overOne = quotient ? binary('sub', zero, a) : zero
    const safe = signed ? select(minusOne, overOne, raw) : raw
    return { e: select(isZero, zero, safe), width, bits: signed ? type : width, signed: false }
  }

  /** An expression that may be used twice. */
  #once(block: Block, e: Expression): Expression {
    return e.operation === 'constant' || e.operation === 'local' ? e : this.#materialize(block, e)
  }
}

/** Zero above the width. */
export function clean(value: Value): Expression {
  if (value.bits <= value.width || value.width >= value.e.type) return value.e
  return binary('and', value.e, constant(maskOf(value.width), value.e.type))
}

/** Copies of the top bit above the width. */
function signOf(value: Value): Expression {
  if (value.signed || value.bits < value.width) return value.e
  return signBits(value.e, 0, value.width)
}

function signExtract(source: Value, offset: number, kept: number, width: number): Expression {
  if (source.signed && offset + kept === width)
    return binary('shrS', source.e, constant(BigInt(offset), source.e.type))
  if (source.bits < offset + kept) return binary('shrU', source.e, constant(BigInt(offset), source.e.type))
  return signBits(source.e, offset, kept)
}

function signBits(e: Expression, offset: number, kept: number): Expression {
  const size = e.type
  const by = (count: number) => constant(BigInt(count), size)
  if (offset + kept === size) return binary('shrS', e, by(offset))
  if (offset === 0 && kept === 8) return unary('sign8', e)
  if (offset === 0 && kept === 16) return unary('sign16', e)
  if (offset === 0 && kept === 32) return unary('sign32', e)
  return binary('shrS', binary('shl', e, by(size - offset - kept)), by(size - kept))
}

export function convert(e: Expression, type: WordType, signed: boolean): Expression {
  if (e.type === type) return e
  if (type === 32) return unary('wrap', e)
  return unary(signed ? 'extendSigned' : 'extendUnsigned', e)
}

function negate(e: Expression): Expression {
  return binary('sub', constant(0n, e.type), e)
}

export function nonzero(e: Expression): Expression {
  return isBoolean(e) ? e : binary('ne', e, constant(0n, e.type))
}

export function memoryOffset(memory: Memory, index: Expression): Expression {
  const word = convert(index, 32, false)
  const shift = Math.log2(memory.stride)
  if (Number.isInteger(shift)) return binary('shl', word, constant(BigInt(shift), 32))
  return binary('mul', word, constant(BigInt(memory.stride), 32))
}

export function memoryBytes(memory: Memory, part: number): 1 | 2 | 4 | 8 {
  if (memory.stride <= 4) return memory.stride as 1 | 2 | 4
  return memory.parts[part]!.width > 32 ? 8 : 4
}
