/** Expressions of the generated code: typed trees close to WebAssembly instructions. 128: four words of 32 bits. */
export type WordType = 32 | 64 | 128

export type UnaryOperation =
  | 'eqz'
  | 'popcnt'
  | 'wrap'
  | 'extendUnsigned'
  | 'extendSigned'
  | 'sign8'
  | 'sign16'
  | 'sign32'
  | 'splat'

export type BinaryOperation =
  | 'eq'
  | 'ne'
  | 'ltS'
  | 'ltU'
  | 'leS'
  | 'leU'
  | 'add'
  | 'sub'
  | 'mul'
  | 'divS'
  | 'divU'
  | 'remS'
  | 'remU'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shrS'
  | 'shrU'

export type ExpressionOperation =
  | 'constant'
  | 'load'
  | 'loadAt'
  | 'local'
  /** `a` if `c` is not zero, else `b`; both are computed. */
  | 'select'
  /** The same, but only the side that is needed is computed. */
  | 'branch'
  | UnaryOperation
  | BinaryOperation

/**
 * One expression. Loads are rewritten in place to locals when a store would come before them, so a `load`
 * object must not be shared between statements.
 */
export interface Expression {
  operation: ExpressionOperation
  readonly type: WordType
  readonly a?: Expression | undefined
  readonly b?: Expression | undefined
  readonly c?: Expression | undefined
  readonly value?: bigint
  /** Byte address of a load; base of a `loadAt`, whose byte offset is `a`. */
  readonly address?: number
  readonly bytes?: 1 | 2 | 4 | 8 | 16
  /** Whether a load of fewer bytes copies the top bit upwards. */
  readonly signed?: boolean
  local?: number
  readonly depth: number
  readonly size: number
}

export function typeOf(width: number): WordType {
  return width > 32 ? 64 : 32
}

export function maskOf(width: number): bigint {
  return (1n << BigInt(width)) - 1n
}

export function constant(value: bigint, type: WordType): Expression {
  return { operation: 'constant', type, value: BigInt.asIntN(type, value), depth: 1, size: 1 }
}

/** One byte of memory, with copies of its top bit above. */
export function loadSignedByte(address: number): Expression {
  return { operation: 'load', type: 32, address, bytes: 1, signed: true, depth: 1, size: 1 }
}

export function load(address: number, type: WordType): Expression {
  return {
    operation: 'load',
    type,
    address,
    bytes: type === 128 ? 16 : type === 64 ? 8 : 4,
    depth: 1,
    size: 1,
  }
}

export function loadAt(base: number, offset: Expression, bytes: 1 | 2 | 4 | 8, type: WordType): Expression {
  return {
    operation: 'loadAt',
    type,
    address: base,
    bytes,
    a: offset,
    depth: offset.depth + 1,
    size: offset.size + 2,
  }
}

export function local(index: number, type: WordType): Expression {
  return { operation: 'local', type, local: index, depth: 1, size: 1 }
}

export function isConstant(e: Expression, value?: bigint): boolean {
  return e.operation === 'constant' && (value === undefined || e.value === value)
}

/** `one` if the condition is not zero, else `zero`. */
export function select(condition: Expression, ones: Expression, zeros: Expression): Expression {
  if (condition.operation === 'constant') return condition.value === 0n ? zeros : ones
  const one = under(condition, true, ones, deepestKnown)
  const zero = under(condition, false, zeros, deepestKnown)
  if (isConstant(one) && isConstant(zero) && one.value === zero.value) return one
  if (isBoolean(condition) && one.type === 32) {
    if (isConstant(zero, 0n) && isConstant(one, 1n)) return condition
    if (isConstant(zero, 1n) && isConstant(one, 0n)) return unary('eqz', condition)
    if (isConstant(zero, 0n) && isBoolean(one)) return binary('and', condition, one)
    if (isConstant(one, 1n) && isBoolean(zero)) return binary('or', condition, zero)
  }
  if (condition.operation === 'eqz' && condition.a!.type === 32) return select(condition.a!, zero, one)
  return {
    operation: Math.max(one.size, zero.size) < worthBranch ? 'select' : 'branch',
    type: one.type,
    a: one,
    b: zero,
    c: condition,
    depth: Math.max(one.depth, zero.depth, condition.depth) + 1,
    size: one.size + zero.size + condition.size + 1,
  }
}

/** Instructions that only one side needs, from which on a branch is faster than computing both sides. Measured. */
const worthBranch = 12

function isChoice({ operation }: Expression): boolean {
  return operation === 'select' || operation === 'branch'
}

/** How many selects deep a condition that is already known is looked for. */
const deepestKnown = 16

/** The expression where a condition is known. */
function under(condition: Expression, holds: boolean, e: Expression, depth: number): Expression {
  if (!isChoice(e) || depth === 0) return e
  if (isEqual(e.c!, condition)) return under(condition, holds, holds ? e.a! : e.b!, depth - 1)
  const a = under(condition, holds, e.a!, depth - 1)
  const b = under(condition, holds, e.b!, depth - 1)
  return a === e.a && b === e.b ? e : select(e.c!, a, b)
}

/** True if both are surely the same value. */
export function isEqual(a: Expression, b: Expression): boolean {
  if (a === b) return true
  if (a.operation !== b.operation || a.type !== b.type || a.size !== b.size) return false
  if (a.value !== b.value || a.address !== b.address || a.local !== b.local || a.bytes !== b.bytes)
    return false
  const same = (x: Expression | undefined, y: Expression | undefined) =>
    x === y || (x !== undefined && y !== undefined && isEqual(x, y))
  return same(a.a, b.a) && same(a.b, b.b) && same(a.c, b.c)
}

const comparisons = new Set<string>(['eq', 'ne', 'ltS', 'ltU', 'leS', 'leU'])
const inverse: Readonly<Record<string, BinaryOperation>> = { eq: 'ne', ne: 'eq' }

/** True for expressions that are 0 or 1 by construction. */
export function isBoolean(e: Expression): boolean {
  return e.operation === 'eqz' || comparisons.has(e.operation)
}

export function unary(operation: UnaryOperation, a: Expression): Expression {
  const type: WordType =
    operation === 'splat'
      ? 128
      : operation === 'extendUnsigned' || operation === 'extendSigned' || operation === 'sign32'
        ? 64
        : operation === 'eqz' || operation === 'wrap'
          ? 32
          : a.type
  if (a.operation === 'constant' && type !== 128) return constant(foldUnary(operation, a), type)
  if (operation === 'eqz' && inverse[a.operation]) return { ...a, operation: inverse[a.operation]! }
  if (operation === 'wrap' && (a.operation === 'extendUnsigned' || a.operation === 'extendSigned'))
    return a.a!
  return { operation, type, a, depth: a.depth + 1, size: a.size + 1 }
}

function foldUnary(operation: UnaryOperation, a: Expression): bigint {
  const value = a.value!
  switch (operation) {
    case 'eqz':
      return value === 0n ? 1n : 0n
    case 'popcnt':
      return BigInt(BigInt.asUintN(a.type, value).toString(2).replaceAll('0', '').length)
    case 'extendUnsigned':
      return BigInt.asUintN(32, value)
    case 'sign8':
      return BigInt.asIntN(8, value)
    case 'sign16':
      return BigInt.asIntN(16, value)
    case 'sign32':
      return BigInt.asIntN(32, value)
    case 'wrap':
    case 'extendSigned':
    case 'splat':
      return value
  }
}

export function binary(operation: BinaryOperation, a: Expression, b: Expression): Expression {
  const type: WordType = comparisons.has(operation) ? 32 : a.type
  if (type === 128)
    return { operation, type, a, b, depth: Math.max(a.depth, b.depth) + 1, size: a.size + b.size + 1 }
  if (a.operation === 'constant' && b.operation === 'constant') {
    const folded = foldBinary(operation, a.value!, b.value!, a.type)
    if (folded !== undefined) return constant(folded, type)
  }
  const simple = simplify(operation, a, b)
  if (simple) return simple
  return { operation, type, a, b, depth: Math.max(a.depth, b.depth) + 1, size: a.size + b.size + 1 }
}

function simplify(operation: BinaryOperation, a: Expression, b: Expression): Expression | undefined {
  switch (operation) {
    case 'or':
    case 'xor':
    case 'add':
      if (isConstant(a, 0n)) return b
      return isConstant(b, 0n) ? a : undefined
    case 'sub':
    case 'shl':
    case 'shrS':
    case 'shrU':
      return isConstant(b, 0n) ? a : undefined
    case 'and':
      if (isConstant(a, 0n) || isConstant(b, -1n)) return a
      if (isConstant(b, 0n) || isConstant(a, -1n)) return b
      if (b.operation === 'constant' && a.operation === 'and' && a.b?.operation === 'constant')
        return binary('and', a.a!, constant(a.b.value! & b.value!, a.type))
      return undefined
    case 'eq':
      if (isConstant(b, 0n)) return unary('eqz', a)
      return isConstant(a, 0n) ? unary('eqz', b) : undefined
    case 'mul':
      if (isConstant(b, 1n)) return a
      return isConstant(a, 1n) ? b : undefined
    default:
      return undefined
  }
}

function foldBinary(operation: BinaryOperation, a: bigint, b: bigint, type: WordType): bigint | undefined {
  const unsigned = (value: bigint) => BigInt.asUintN(type, value)
  const truth = (value: boolean) => (value ? 1n : 0n)
  switch (operation) {
    case 'eq':
      return truth(a === b)
    case 'ne':
      return truth(a !== b)
    case 'ltS':
      return truth(a < b)
    case 'ltU':
      return truth(unsigned(a) < unsigned(b))
    case 'leS':
      return truth(a <= b)
    case 'leU':
      return truth(unsigned(a) <= unsigned(b))
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'and':
      return a & b
    case 'or':
      return a | b
    case 'xor':
      return a ^ b
    case 'shl':
      return a << (b & BigInt(type - 1))
    case 'shrS':
      return a >> (b & BigInt(type - 1))
    case 'shrU':
      return unsigned(a) >> (b & BigInt(type - 1))
    default:
      // division: rare, and zero divisors are handled by the code around it
      return undefined
  }
}
