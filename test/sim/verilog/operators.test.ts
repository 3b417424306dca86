import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'

const widths = [8, 31, 32, 33, 40, 63, 64]

interface Operator {
  readonly name: string
  readonly verilog: string
  readonly result: (width: number) => number
  /** On mathematical values; the result is cut to its width. */
  readonly reference: (a: bigint, b: bigint, width: number) => bigint
}

const truth = (value: boolean) => (value ? 1n : 0n)
const same = (width: number) => width
const bit = () => 1
const full = (width: number) => (1n << BigInt(width)) - 1n
const shift = (b: bigint, width: number) => BigInt.asUintN(width, b) & 127n

const operators: readonly Operator[] = [
  { name: 'add', verilog: 'a + b', result: same, reference: (a, b) => a + b },
  { name: 'wide_add', verilog: 'a + b', result: (w) => w + 1, reference: (a, b) => a + b },
  { name: 'sub', verilog: 'a - b', result: same, reference: (a, b) => a - b },
  { name: 'mul', verilog: 'a * b', result: same, reference: (a, b) => a * b },
  { name: 'wide_mul', verilog: 'a * b', result: (w) => 2 * w, reference: (a, b) => a * b },
  { name: 'div', verilog: 'a / b', result: same, reference: (a, b) => (b === 0n ? 0n : a / b) },
  { name: 'mod', verilog: 'a % b', result: same, reference: (a, b) => (b === 0n ? 0n : a % b) },
  { name: 'neg', verilog: '-a', result: same, reference: (a) => -a },
  { name: 'not', verilog: '~a', result: same, reference: (a) => ~a },
  { name: 'and', verilog: 'a & b', result: same, reference: (a, b) => a & b },
  { name: 'or', verilog: 'a | b', result: same, reference: (a, b) => a | b },
  { name: 'xnor', verilog: 'a ~^ b', result: same, reference: (a, b) => ~(a ^ b) },
  { name: 'eq', verilog: 'a == b', result: bit, reference: (a, b) => truth(a === b) },
  { name: 'ne', verilog: 'a !== b', result: bit, reference: (a, b) => truth(a !== b) },
  { name: 'lt', verilog: 'a < b', result: bit, reference: (a, b) => truth(a < b) },
  { name: 'le', verilog: 'a <= b', result: bit, reference: (a, b) => truth(a <= b) },
  { name: 'gt', verilog: 'a > b', result: bit, reference: (a, b) => truth(a > b) },
  { name: 'ge', verilog: 'a >= b', result: bit, reference: (a, b) => truth(a >= b) },
  { name: 'shl', verilog: 'a << s', result: same, reference: (a, b, w) => a << shift(b, w) },
  {
    name: 'shr',
    verilog: 'a >> s',
    result: same,
    reference: (a, b, w) => BigInt.asUintN(w, a) >> shift(b, w),
  },
  { name: 'sar', verilog: 'a >>> s', result: same, reference: (a, b, w) => a >> shift(b, w) },
  { name: 'mux', verilog: 's[0] ? a : b', result: same, reference: (a, b, w) => (shift(b, w) & 1n ? a : b) },
  {
    name: 'all',
    verilog: '&a',
    result: bit,
    reference: (a, _, w) => truth(BigInt.asUintN(w, a) === full(w)),
  },
  { name: 'any', verilog: '|a', result: bit, reference: (a) => truth(a !== 0n) },
  {
    name: 'parity',
    verilog: '^a',
    result: bit,
    reference: (a, _, w) => BigInt(BigInt.asUintN(w, a).toString(2).replaceAll('0', '').length & 1),
  },
  {
    name: 'logic',
    verilog: '(!a || b) && s',
    result: bit,
    reference: (a, b, w) => truth((a === 0n || b !== 0n) && shift(b, w) !== 0n),
  },
]

function moduleFor(width: number, signed: boolean): string {
  const s = signed ? 'signed ' : ''
  const outputs = operators.map(({ name, result }) => `output reg [${result(width) - 1}:0] r_${name}`)
  const wires = operators.map(({ name }) => `output [${widthOf(name, width) - 1}:0] c_${name}`)
  return `
module operators(input clk, input ${s}[${width - 1}:0] a, input ${s}[${width - 1}:0] b, ${[...outputs, ...wires].join(', ')});
  wire [6:0] s = b[6:0];
  ${operators.map(({ name, verilog }) => `assign c_${name} = ${verilog};`).join('\n  ')}
  always @(posedge clk) begin
    ${operators.map(({ name, verilog }) => `r_${name} <= ${verilog};`).join('\n    ')}
  end
endmodule`
}

function widthOf(name: string, width: number): number {
  return operators.find((operator) => operator.name === name)!.result(width)
}

/** Values around the edges of the range, and any others. */
function operand(width: number): fc.Arbitrary<bigint> {
  const edges = [
    0n,
    1n,
    2n,
    full(width),
    full(width) - 1n,
    1n << BigInt(width - 1),
    (1n << BigInt(width - 1)) - 1n,
  ]
  return fc.oneof(fc.constantFrom(...edges), fc.bigInt(0n, full(width)), fc.bigInt(0n, 200n))
}

describe.each(widths.flatMap((width) => [[width, false] as const, [width, true] as const]))(
  'operators on %i bits, signed: %s',
  (width, signed) => {
    let simulation: Simulation
    beforeAll(async () => {
      const files = { 'operators.sv': moduleFor(width, signed) }
      simulation = new Simulation(await compileVerilog('operators.sv', { files, cache: false }))
    })

    it('equal big integer arithmetic', () => {
      fc.assert(
        fc.property(operand(width), operand(width), (a, b) => {
          simulation.set('a', a)
          simulation.set('b', b)
          simulation.step()
          const value = (x: bigint) => (signed ? BigInt.asIntN(width, x) : x)
          for (const { name, result, reference } of operators) {
            const expected = BigInt.asUintN(result(width), reference(value(a), value(b), width))
            expect(BigInt(simulation.get(`r_${name}`)), `${name}(${a}, ${b})`).toBe(expected)
            expect(BigInt(simulation.get(`c_${name}`)), `combinational ${name}(${a}, ${b})`).toBe(expected)
          }
        }),
        { numRuns: 300, seed: width * 2 + Number(signed) },
      )
    })
  },
)
