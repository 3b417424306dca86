import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyFunction, type Rounding } from '../../../src/network/graph/scalar-function.ts'
import type { Chain, Step } from '../../../src/network/import/chain.ts'
import { closeChain } from '../../../src/network/import/close-chain.ts'
import { evaluateExactly, evaluateFloat32 } from '../../../src/network/import/evaluate-chain.ts'
import { exactLevel } from '../../../src/network/import/levels.ts'
import { findMultiplyShift } from '../../../src/network/import/multiply-shift.ts'
import { float32Level, levelOutput, type Quantizer } from '../../../src/network/import/quantizer.ts'
import { compareIntervals, exactly, rootOf } from '../../../src/network/import/rational.ts'

const float = fc.double({ min: 0.01, max: 3, noNaN: true }).map(Math.fround)
const number = fc.oneof(
  float,
  float.map((x) => -x),
  fc.constantFrom(0.5, 0.25, 2, 1),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  number.map((value): Step => ({ kind: 'multiply', value })),
  number.map((value): Step => ({ kind: 'add', value })),
  number.map((value): Step => ({ kind: 'divide', value })),
  float.map((high): Step => ({ kind: 'clip', low: -0.5, high })),
  fc.constant<Step>({ kind: 'clip', low: 0, high: Number.POSITIVE_INFINITY }),
  float.map((slope): Step => ({ kind: 'leaky', slope })),
  fc.tuple(number, number, number, float).map(
    ([scale, bias, mean, variance]): Step => ({
      kind: 'normalize',
      scale,
      bias,
      mean,
      variance,
      epsilon: 0.001,
    }),
  ),
)
const quantizer: fc.Arbitrary<Quantizer> = fc
  .record({
    scale: fc.oneof(float, fc.constantFrom(0.125, 0.5, 1)),
    shift: fc.integer({ min: -3, max: 3 }),
    rounding: fc.constantFrom<Rounding>('half-even', 'floor', 'ceil', 'up', 'down', 'half-up', 'half-down'),
    bits: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ scale, shift, rounding, bits }) => ({
    kind: 'uniform',
    scale,
    shift,
    rounding,
    min: -(2 ** (bits - 1)),
    max: 2 ** (bits - 1) - 1,
    resultOffset: -shift,
  }))

const compose = (functions: readonly Parameters<typeof applyFunction>[0][], q: number): number =>
  functions.reduce((x, f) => applyFunction(f, x), q)

describe('closing a chain', () => {
  it('with exact arithmetic gives the level of every integer', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), quantizer, (chain: Chain, to) => {
        const closed = closeChain(chain, { min: -70, max: 70, step: 1 }, to, false)
        if ('undecided' in closed) throw new Error('undecided')
        for (let q = -70; q <= 70; q++) {
          const level = exactLevel(to, evaluateExactly(chain, q), 0)!
          expect(compose(closed.functions, q)).toBe(levelOutput(to, level))
        }
      }),
      { numRuns: 60, seed: 51 },
    )
  })

  it('in float32 gives the level of every integer', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), quantizer, (steps: Chain, given) => {
        const chain = steps.filter(({ kind }) => kind !== 'normalize')
        const to: Quantizer = {
          ...(given as Quantizer & { kind: 'uniform' }),
          shift: 0,
          resultOffset: 0,
          rounding: 'half-even',
        }
        const closed = closeChain(chain, { min: -4000, max: 4000, step: 4 }, to, true)
        if ('undecided' in closed) throw new Error('undecided')
        for (let q = -4000; q <= 4000; q += 4)
          expect(compose(closed.functions, q)).toBe(
            levelOutput(to, float32Level(to, evaluateFloat32(chain, q))),
          )
      }),
      { numRuns: 50, seed: 52 },
    )
  })

  it('scales that differ by a power of two become one shift, ties to even', () => {
    const to: Quantizer = {
      kind: 'uniform',
      scale: 0.5,
      shift: 0,
      rounding: 'half-even',
      min: -128,
      max: 127,
      resultOffset: 0,
    }
    const closed = closeChain(
      [{ kind: 'multiply', value: 2 ** -6 }],
      { min: -9000, max: 9000, step: 1 },
      to,
      true,
    )
    expect(closed).toMatchObject({ class: 'A' })
  })

  it('a BatchNormalization under a float oracle is taken only clear of every boundary', () => {
    const to: Quantizer = {
      kind: 'uniform',
      scale: 0.5,
      shift: 0,
      rounding: 'half-even',
      min: -8,
      max: 7,
      resultOffset: 0,
    }
    const norm = (bias: number): Chain => [
      { kind: 'normalize', scale: 1, bias, mean: 0, variance: 1, epsilon: 0 },
    ]
    // 0.25 is a tie between two levels.
    expect(closeChain(norm(0.25), { min: -20, max: 20, step: 1 }, to, true)).toHaveProperty('undecided')
    expect(closeChain(norm(0.125), { min: -20, max: 20, step: 1 }, to, true)).toMatchObject({ class: 'B' })
    expect(closeChain(norm(0.25), { min: -20, max: 20, step: 1 }, to, false)).toMatchObject({ class: 'B' })
  })
})

describe('one multiplication and a shift', () => {
  it('meets every step or is not found', () => {
    let found = 0
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        fc.integer({ min: 40, max: 255 }),
        (slope, count) => {
          const starts = Array.from({ length: count }, (_, k) => Math.ceil((k + 0.5) / slope))
          const outputs = Array.from({ length: count + 1 }, (_, k) => k)
          const f = findMultiplyShift({ starts, levels: outputs }, outputs, 1)
          if (f === undefined) return
          found++
          starts.forEach((start, k) => {
            expect(applyFunction(f, start)).toBe(k + 1)
            expect(applyFunction(f, start - 1)).toBe(k)
          })
        },
      ),
      { numRuns: 100, seed: 53 },
    )
    expect(found).toBe(100)
  })
})

describe('exact rational numbers', () => {
  it('hold doubles exactly and compare as they do', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (a, b) => {
          expect(compareIntervals(exactly(a), exactly(b))).toBe(a > b ? 1 : a < b ? -1 : 0)
        },
      ),
      { seed: 54 },
    )
  })

  it('square roots are exact or enclosed', () => {
    expect(compareIntervals(rootOf(exactly(2.25)), exactly(1.5))).toBe(0)
    const root = rootOf(exactly(2))
    expect(root.hi - root.lo).toBe(1n)
    expect(compareIntervals(root, exactly(Math.SQRT2))).not.toBe(undefined)
  })
})
