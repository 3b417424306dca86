import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateGraph, evaluateValues } from '../../../src/network/graph/evaluate-graph.ts'
import { GraphBuilder } from '../../../src/network/graph/graph-builder.ts'
import { type IntegerGraph, rangeOf } from '../../../src/network/graph/integer-graph.ts'
import { functionRange } from '../../../src/network/graph/ranges.ts'
import { applyFunction } from '../../../src/network/graph/scalar-function.ts'
import * as rewrites from '../../../src/network/rewrite/index.ts'
import { type Dice, randomFunction, randomGraph, randomInputs } from './random-graph.ts'

const dice = fc.infiniteStream(fc.nat()).map((stream): Dice => ({ int: (n) => stream.next().value! % n }))

const passes: Record<string, (graph: IntegerGraph) => IntegerGraph> = {
  shareCommonValues: rewrites.shareCommonValues,
  foldConstantValues: rewrites.foldConstantValues,
  removeDeadValues: rewrites.removeDeadValues,
  foldIntoMatrix: rewrites.foldIntoMatrix,
  fuseMaps: rewrites.fuseMaps,
  simplifyGraph: rewrites.simplifyGraph,
  unifyFunctions: (graph) => rewrites.unifyFunctions(graph, new Set(graph.values.map(({ id }) => id))),
}

describe.each(Object.entries(passes))('%s', (_, pass) => {
  test('keeps every output, element for element', () => {
    fc.assert(
      fc.property(dice, fc.integer({ min: 1, max: 9 }), (d, operations) => {
        const graph = randomGraph(d, operations)
        const rewritten = pass(graph)
        for (let n = 0; n < 4; n++) {
          const inputs = randomInputs(d, graph)
          expect(evaluateGraph(rewritten, inputs)).toEqual(evaluateGraph(graph, inputs))
        }
      }),
      { seed: 4, numRuns: 400 },
    )
  })
})

test('every element lies in its range and on its step', () => {
  fc.assert(
    fc.property(dice, fc.integer({ min: 1, max: 9 }), (d, operations) => {
      const graph = randomGraph(d, operations)
      for (let n = 0; n < 4; n++) {
        const made = evaluateValues(graph, randomInputs(d, graph))
        for (const value of graph.values) {
          const elements = made[value.id]!
          const inner = elements.length / value.shape[0]!
          elements.forEach((element, i) => {
            const { min, max, step } = rangeOf(value, Math.floor(i / inner))
            if (element < min || element > max || element % step !== 0)
              expect.fail(`${value.operation.kind} made ${element}, outside ${min}..${max} by ${step}`)
          })
        }
      }
    }),
    { seed: 5, numRuns: 500 },
  )
})

test('the composition of two functions is the two functions', () => {
  fc.assert(
    fc.property(
      dice,
      fc.integer({ min: -300, max: 100 }),
      fc.integer({ min: 0, max: 400 }),
      (d, min, span) => {
        const range = { min, max: min + span, step: 1 }
        const first = randomFunction(d, range.min, range.max)
        const between = functionRange(first, range)
        const then = randomFunction(d, between.min, between.max)
        const composed = rewrites.composeFunctions(first, then, range)
        if (composed === undefined) return
        for (let x = range.min; x <= range.max; x++)
          expect(applyFunction(composed, x)).toBe(applyFunction(then, applyFunction(first, x)))
      },
    ),
    { seed: 6, numRuns: 2000 },
  )
})

test('simplifying removes rearrangements, identities and repeated work before a matrix', () => {
  const builder = new GraphBuilder('chain')
  const x = builder.input({ name: 'x', bits: 8, signed: true, scales: [1], zeroPoint: 5 }, [2, 2, 2])
  const branches = [0, 1].map(() => {
    const centred = builder.add('centred', {
      kind: 'map',
      source: x,
      functions: [{ kind: 'affine', multiply: 1, add: -5 }],
    })
    const indices = Int32Array.from([0, 2, 4, 6, 1, 3, 5, 7])
    const flat = builder.add('flat', { kind: 'rearrange', source: centred, indices }, [8])
    return builder.add('dense', {
      kind: 'dense',
      source: flat,
      weights: Int32Array.from({ length: 16 }, (_, i) => i),
      bias: Float64Array.of(1, 2),
    })
  })
  const sum = builder.add('sum', { kind: 'sum', terms: branches.map((source) => ({ source, factor: 1 })) })
  const wide = builder.add('wide', {
    kind: 'map',
    source: sum,
    functions: [{ kind: 'round', shift: 0, rounding: 'floor', min: -1e9, max: 1e9 }],
  })
  builder.output({ name: 'y', value: wide, bits: 32, signed: true, scales: [1], zeroPoint: 0 })
  const graph = builder.build()
  const simplified = rewrites.simplifyGraph(graph)
  expect(simplified.values.map((value) => value.operation.kind)).toEqual(['input', 'dense', 'sum'])
  const inputs = [Float64Array.from([1, -2, 3, -4, 5, -6, 7, -8])]
  expect(evaluateGraph(simplified, inputs)).toEqual(evaluateGraph(graph, inputs))
})
