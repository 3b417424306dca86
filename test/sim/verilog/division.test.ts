import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileVerilog, Simulation, type VerilogOptions } from '../../../sim/verilog/index.ts'

async function start(text: string, options: Omit<VerilogOptions, 'engine'> = {}): Promise<Simulation> {
  return new Simulation(
    await compileVerilog('dut.sv', { cache: false, files: { 'dut.sv': text }, ...options }),
  )
}

/** Numbers of every length up to the width, and the corners. */
function numbers(width: number): fc.Arbitrary<bigint> {
  const of = (bits: number) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n)
  const top = 1n << BigInt(width - 1)
  return fc.oneof(
    of(width),
    fc.integer({ min: 1, max: width }).chain(of),
    fc.constantFrom(0n, 1n, top, 2n * top - 1n),
  )
}

const set = (simulation: Simulation, name: string, value: bigint) => simulation.set(name, value)

describe('division', () => {
  it.each([
    ['', 65, 65],
    ['signed', 65, 65],
    ['signed', 130, 70],
    ['', 128, 20],
    ['', 40, 100],
    ['signed', 33, 64],
  ])('%s of %i by %i bits', async (sign, wa, wb) => {
    const wide = Math.max(wa, wb)
    const simulation = await start(`
      module dut(input ${sign} [${wa - 1}:0] a, input ${sign} [${wb - 1}:0] b,
        output [${wide - 1}:0] q, output [${wide - 1}:0] r);
        assign q = a / b;
        assign r = a % b;
      endmodule`)
    const value = (bits: bigint, width: number) => (sign ? BigInt.asIntN(width, bits) : bits)
    fc.assert(
      fc.property(numbers(wa), numbers(wb), (a, b) => {
        set(simulation, 'a', a)
        set(simulation, 'b', b)
        const [x, y] = [value(a, wa), value(b, wb)]
        // by zero: 0
        const expected = y === 0n ? [0n, 0n] : [x / y, x % y].map((n) => BigInt.asUintN(wide, n))
        expect(['q', 'r'].map((name) => BigInt(simulation.get(name)))).toEqual(expected)
      }),
      { numRuns: 60, seed: wa },
    )
  })
})

describe('powers with variable exponents', () => {
  it.each([
    ['', 8, 4],
    ['signed', 20, 6],
    ['', 70, 8],
    ['signed', 12, 12],
  ])('%s of %i bits, exponents of %i', async (sign, width, exponentBits) => {
    const simulation = await start(`
      module dut(input ${sign} [${width - 1}:0] a, input ${sign} [${exponentBits - 1}:0] e, output [${width - 1}:0] y);
        assign y = a ** e;
      endmodule`)
    const modulus = 1n << BigInt(width)
    const powerOf = (base: bigint, exponent: bigint): bigint => {
      if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n
      let result = 1n
      for (let i = 0n; i < exponent; i++) result = (result * base) % modulus
      return result
    }
    fc.assert(
      fc.property(numbers(width), numbers(exponentBits), (a, e) => {
        const [base, exponent] = sign ? [BigInt.asIntN(width, a), BigInt.asIntN(exponentBits, e)] : [a, e]
        set(simulation, 'a', a)
        set(simulation, 'e', e)
        expect(BigInt(simulation.get('y'))).toBe(BigInt.asUintN(width, powerOf(base, exponent)))
      }),
      { numRuns: 60, seed: width },
    )
  })
})

it('parameters may be negative, of any size', async () => {
  const text = `module dut #(parameter P = 1, parameter signed [7:0] Q = 2, parameter NAME = "x")
      (output signed [63:0] p, output signed [7:0] q, output below, output isY);
      assign p = P;
      assign q = Q;
      assign below = P < 0;
      assign isY = NAME == "y";
    endmodule`
  for (const P of [-1, -3n, -(2n ** 40n) - 7n, 5, 2n ** 31n]) {
    const simulation = await start(text, { parameters: { P, Q: -4, NAME: 'y' } })
    const values = ['p', 'q', 'below', 'isY'].map((name) => BigInt(simulation.get(name)))
    expect(values).toEqual([BigInt.asUintN(64, BigInt(P)), 252n, P < 0 ? 1n : 0n, 1n])
    expect(simulation.design.top).toBe('dut')
  }
})
