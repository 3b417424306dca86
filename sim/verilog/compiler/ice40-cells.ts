import type { Arithmetic } from './arithmetic.ts'
import { type Bits, constantBits, ONE, ZERO } from './bits.ts'
import type { Netlist } from './netlist.ts'
import type { Cell } from './rtlil.ts'
import { clocked, type StateContext } from './state.ts'

/**
 * Cells of a netlist for the iCE40 that come by the thousand; Yosys would need minutes to make modules of them. Their
 * meaning is that of ice40/cells_sim.v, by which all other cells are replaced.
 */
export const ice40Logic: ReadonlySet<string> = new Set(['\\SB_LUT4', '\\SB_CARRY'])

/** Flip-flops with the rising edge and without asynchronous set or reset; they power up as 0. */
export const ice40Registers: ReadonlyMap<string, { readonly enable: boolean; readonly reset?: 0 | 1 }> =
  new Map([
    ['\\SB_DFF', { enable: false }],
    ['\\SB_DFFE', { enable: true }],
    ['\\SB_DFFSR', { enable: false, reset: 0 }],
    ['\\SB_DFFESR', { enable: true, reset: 0 }],
    ['\\SB_DFFSS', { enable: false, reset: 1 }],
    ['\\SB_DFFESS', { enable: true, reset: 1 }],
  ])

/** Black boxes for the cells above. */
export const ice40Declarations = {
  file: 'gemgate-ice40-cells.v',
  text: [
    'SB_LUT4 #(parameter LUT_INIT = 0) (input I0, I1, I2, I3, output O)',
    'SB_CARRY (input I0, I1, CI, output CO)',
    ...[...ice40Registers].map(([type, { enable, reset }]) => {
      const inputs = [
        'C',
        ...(enable ? ['E'] : []),
        ...(reset === undefined ? [] : [reset === 1 ? 'S' : 'R']),
      ]
      return `${type.slice(1)} (input ${inputs.join(', ')}, D, output Q)`
    }),
  ]
    .map((header) => `(* blackbox *) module ${header}; endmodule\n`)
    .join(''),
} as const

/** Lowers a look-up table or a carry. */
export function lowerIce40Logic(cell: Cell, netlist: Netlist, arithmetic: Arithmetic): void {
  if (cell.type === '\\SB_CARRY') {
    const [a, b, carry] = ['I0', 'I1', 'CI'].map((name) => input(cell, netlist, name))
    const one = new Lookup(netlist, arithmetic).of([a!, b!, carry!], 0b11101000)
    netlist.bind(cell.ports.get('CO')!, Int32Array.of(one))
    return
  }
  const table = constantBits(cell.parameters.get('LUT_INIT') ?? "16'0").reduce(
    (value, bit, at) => (bit === ONE ? value | (1 << at) : value),
    0,
  )
  const inputs = ['I0', 'I1', 'I2', 'I3'].map((name) => input(cell, netlist, name))
  const out = new Lookup(netlist, arithmetic).of(inputs, table)
  netlist.bind(cell.ports.get('O')!, Int32Array.of(out))
}

/** Lowers a flip-flop. Operands must already have their drivers. */
export function lowerIce40Register(cell: Cell, context: StateContext): void {
  const { netlist, arithmetic } = context
  const { enable, reset } = ice40Registers.get(cell.type)!
  const output = cell.ports.get('Q')!
  let data: Bits = Int32Array.of(input(cell, netlist, 'D'))
  const level = reset === undefined ? undefined : Int32Array.of(reset === 1 ? ONE : ZERO)
  // the enable goes before the reset: without it nothing happens
  if (level !== undefined) data = arithmetic.mux(input(cell, netlist, reset === 1 ? 'S' : 'R'), data, level)
  if (enable) data = arithmetic.mux(input(cell, netlist, 'E'), output, data)
  const node = netlist.add({ operation: 'register', width: 1, inputs: [], nets: output })
  const next = clocked([{ net: cell.ports.get('C')![0]!, rising: true }], output, data, context)
  netlist.registers.push({ node, data: next, initial: 0n })
}

/** The bit at a port, or the constant behind it; a port that is left open is 0, an enable 1. */
function input(cell: Cell, netlist: Netlist, name: string): number {
  const bit = cell.ports.get(name)?.[0]
  if (bit === undefined) return name === 'E' ? ONE : ZERO
  return netlist.root(bit)
}

/** Expresses tables by the fewest gates that a decomposition by single inputs finds. */
class Lookup {
  readonly #netlist: Netlist
  readonly #arithmetic: Arithmetic

  constructor(netlist: Netlist, arithmetic: Arithmetic) {
    this.#netlist = netlist
    this.#arithmetic = arithmetic
  }

  /** Bit k of `table` is the output where the inputs, first one lowest, read k. */
  of(inputs: readonly number[], table: number): number {
    const rows = 2 ** inputs.length
    if (table === 0) return ZERO
    if (table === 2 ** rows - 1) return ONE
    // a constant or useless input goes first, then one whose halves make a single gate
    let best = 0
    let rank = 4
    for (const [at, bit] of inputs.entries()) {
      const r = bit < 0 ? 0 : cost(...halves(table, at, rows), rows / 2)
      if (r < rank) [best, rank] = [at, r]
    }
    const [zero, one] = halves(table, best, rows)
    const rest = inputs.filter((_, at) => at !== best)
    const bit = inputs[best]!
    if (bit < 0) return this.of(rest, bit === ONE ? one : zero)
    if (zero === one) return this.of(rest, zero)
    const full = 2 ** (rows / 2) - 1
    if (zero === (one ^ full)) return this.#gate('xor', bit, this.of(rest, zero))
    if (zero === 0) return this.#gate('and', bit, this.of(rest, one))
    if (one === full) return this.#gate('or', bit, this.of(rest, zero))
    if (one === 0) return this.#gate('and', this.#not(bit), this.of(rest, zero))
    if (zero === full) return this.#gate('or', this.#not(bit), this.of(rest, one))
    const [low, high] = [zero, one].map((half) => Int32Array.of(this.of(rest, half)))
    return this.#arithmetic.mux(bit, low!, high!)[0]!
  }

  #gate(operation: 'and' | 'or' | 'xor', a: number, b: number): number {
    if (operation === 'and' && b === ONE) return a
    if (operation === 'or' && b === ZERO) return a
    if (operation === 'xor' && b === ZERO) return a
    if (operation === 'xor' && b === ONE) return this.#not(a)
    return this.#netlist.operate(operation, 1, [Int32Array.of(a), Int32Array.of(b)])[0]!
  }

  #not(a: number): number {
    return this.#netlist.operate('not', 1, [Int32Array.of(a)])[0]!
  }
}

/** 0 for an input without influence, 1 for one gate, 2 for a gate with an inverter, 3 for a multiplexer. */
function cost(zero: number, one: number, rows: number): number {
  const full = 2 ** rows - 1
  if (zero === one) return 0
  if (zero === (one ^ full) || zero === 0 || one === full) return 1
  return one === 0 || zero === full ? 2 : 3
}

/** The tables that are left when input `at` is 0 and when it is 1. */
function halves(table: number, at: number, rows: number): [number, number] {
  let zero = 0
  let one = 0
  for (let row = 0, next = 0; row < rows; row++) {
    if ((row >> at) & 1) continue
    zero |= ((table >> row) & 1) << next
    one |= ((table >> (row | (1 << at))) & 1) << next
    next++
  }
  return [zero, one]
}
