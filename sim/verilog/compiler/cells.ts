import type { Arithmetic } from './arithmetic.ts'
import { type Bits, repeat, resize, ZERO } from './bits.ts'
import { Divider, power } from './division.ts'
import type { Netlist } from './netlist.ts'
import { unsupported } from './place.ts'
import { type Cell, parameterNumber } from './rtlil.ts'

/** Cells without meaning for a two-state simulation. */
export const ignoredCells = new Set(['$scopeinfo', '$assert', '$assume', '$cover', '$live', '$fair'])

/** Lowers one combinational cell: computes its value from words and binds the output nets to it. */
export function lowerCombinational(cell: Cell, netlist: Netlist, arithmetic: Arithmetic): void {
  const output = cell.ports.get('Y')
  const lower = lowerings.get(cell.type)
  if (!output || !lower) throw refusal(cell, netlist)
  netlist.bind(output, lower(new Operands(cell, output.length), arithmetic, netlist))
}

/** The operands of a cell, extended as Verilog extends them. */
class Operands {
  readonly cell: Cell
  readonly width: number
  readonly a: Bits
  readonly b: Bits
  readonly s: Bits
  readonly aSigned: boolean
  readonly bSigned: boolean

  constructor(cell: Cell, width: number) {
    this.cell = cell
    this.width = width
    this.a = cell.ports.get('A') ?? new Int32Array(0)
    this.b = cell.ports.get('B') ?? new Int32Array(0)
    this.s = cell.ports.get('S') ?? new Int32Array(0)
    this.aSigned = parameterNumber(cell, 'A_SIGNED') === 1
    this.bSigned = parameterNumber(cell, 'B_SIGNED') === 1
  }

  get signed(): boolean {
    return this.aSigned && this.bSigned
  }

  both(width = this.width): [Bits, Bits] {
    return [resize(this.a, width, this.signed), resize(this.b, width, this.signed)]
  }

  get compared(): [Bits, Bits] {
    return this.both(Math.max(this.a.length, this.b.length))
  }
}

type Lowering = (operands: Operands, arithmetic: Arithmetic, netlist: Netlist) => Bits

const bit = (net: number): Bits => Int32Array.of(net)

const lowerings = new Map<string, Lowering>([
  ['$and', (o, x) => x.bitwise('and', ...o.both())],
  ['$or', (o, x) => x.bitwise('or', ...o.both())],
  ['$xor', (o, x) => x.bitwise('xor', ...o.both())],
  ['$xnor', (o, x) => x.not(x.bitwise('xor', ...o.both()))],
  ['$not', (o, x) => x.not(resize(o.a, o.width, o.aSigned))],
  ['$pos', (o) => resize(o.a, o.width, o.aSigned)],
  ['$buf', (o) => o.a],
  ['$neg', (o, x) => x.subtract(repeat(ZERO, o.width), resize(o.a, o.width, o.aSigned))],
  ['$add', (o, x) => x.add(...o.both())],
  ['$sub', (o, x) => x.subtract(...o.both())],
  ['$mul', (o, x) => x.multiply(...o.both())],
  ['$div', (o, x, netlist) => divided(o, new Divider(netlist, x).divide(...dividends(o), o.signed).quotient)],
  [
    '$mod',
    (o, x, netlist) => divided(o, new Divider(netlist, x).divide(...dividends(o), o.signed).remainder),
  ],
  [
    '$divfloor',
    (o, x, netlist) => divided(o, new Divider(netlist, x).divideDown(...dividends(o), o.signed).quotient),
  ],
  [
    '$modfloor',
    (o, x, netlist) => divided(o, new Divider(netlist, x).divideDown(...dividends(o), o.signed).remainder),
  ],
  ['$pow', (o, x) => power(resize(o.a, o.width, o.aSigned), o.b, o.bSigned, x)],
  ['$eq', (o, x) => bit(x.equal(...o.compared))],
  ['$eqx', (o, x) => bit(x.equal(...o.compared))],
  ['$ne', (o, x) => x.not(bit(x.equal(...o.compared)))],
  ['$nex', (o, x) => x.not(bit(x.equal(...o.compared)))],
  ['$lt', (o, x) => bit(x.less(...o.compared, o.signed, false))],
  ['$le', (o, x) => bit(x.less(...o.compared, o.signed, true))],
  ['$gt', (o, x) => bit(x.less(...swap(o.compared), o.signed, false))],
  ['$ge', (o, x) => bit(x.less(...swap(o.compared), o.signed, true))],
  ['$reduce_and', (o, x) => bit(x.all(o.a))],
  ['$reduce_or', (o, x) => bit(x.any(o.a))],
  ['$reduce_bool', (o, x) => bit(x.any(o.a))],
  ['$reduce_xor', (o, x) => bit(x.parity(o.a))],
  ['$reduce_xnor', (o, x) => x.not(bit(x.parity(o.a)))],
  ['$logic_not', (o, x) => x.not(bit(x.any(o.a)))],
  ['$logic_and', (o, x) => x.bitwise('and', bit(x.any(o.a)), bit(x.any(o.b)))],
  ['$logic_or', (o, x) => x.bitwise('or', bit(x.any(o.a)), bit(x.any(o.b)))],
  ['$mux', (o, x) => x.mux(o.s[0]!, o.a, o.b)],
  ['$pmux', priorityMux],
  ['$bwmux', (o, x) => x.bitwise('or', x.bitwise('and', o.a, x.not(o.s)), x.bitwise('and', o.b, o.s))],
  ['$shl', (o, x) => x.shiftLeft(resize(o.a, o.width, o.aSigned), o.b)],
  ['$sshl', (o, x) => x.shiftLeft(resize(o.a, o.width, o.aSigned), o.b)],
  ['$shr', (o, x) => shiftRight(o, x, false)],
  ['$sshr', (o, x) => shiftRight(o, x, o.aSigned)],
  ['$shift', bidirectionalShift],
  ['$shiftx', bidirectionalShift],
])

function swap([a, b]: [Bits, Bits]): [Bits, Bits] {
  return [b, a]
}

function shiftRight(o: Operands, x: Arithmetic, arithmetic: boolean): Bits {
  const source = resize(o.a, Math.max(o.a.length, o.width), o.aSigned)
  return x.shiftRight(source, o.b, o.width, arithmetic ? source[source.length - 1]! : ZERO)
}

/** Right shift; a negative amount shifts left. */
function bidirectionalShift(o: Operands, x: Arithmetic): Bits {
  if (!o.bSigned) return shiftRight(o, x, false)
  const sign = o.b[o.b.length - 1]!
  const right = shiftRight(o, x, false)
  if (sign === ZERO) return right
  // one more bit, so that the most negative amount has a magnitude
  const amount = x.subtract(repeat(ZERO, o.b.length), o.b)
  const left = x.shiftLeft(resize(o.a, o.width, o.aSigned), amount)
  return x.mux(sign, right, left)
}

function priorityMux(o: Operands, x: Arithmetic): Bits {
  let result = o.a
  for (let i = 0; i < o.s.length; i++)
    result = x.mux(o.s[i]!, result, o.b.subarray(i * o.width, (i + 1) * o.width))
  return result
}

/** Both operands at the width that the division needs. */
function dividends(o: Operands): [Bits, Bits] {
  return o.both(Math.max(o.a.length, o.b.length, o.width))
}

function divided(o: Operands, result: Bits): Bits {
  return result.subarray(0, o.width)
}

const remedies: readonly (readonly [RegExp, string, string])[] = [
  [/^\$(tribuf|_TBUF_)/, 'a tri-state driver', 'Use separate signals and a multiplexer.'],
  [/^\$ff$/, 'the global clock of formal tools', 'Use a clock that is an input.'],
  [/^[^$]/, 'a module without a body (black box)', 'Add the source of the module, or a model of it.'],
]

export function refusal(cell: Cell, netlist: Netlist): Error {
  const known = remedies.find(([pattern]) => pattern.test(cell.type))
  const what = known?.[1] ?? `the cell type ${cell.type} is not supported`
  const output = cell.ports.get('Q') ?? cell.ports.get('Y')
  const signal = output && netlist.signalName(output)
  return unsupported(
    signal === undefined ? what : `${what} drives '${signal}'`,
    known?.[2] ?? 'Write this part of the design differently.',
    cell,
  )
}
