import { expect, test } from 'vitest'
import { digitCount } from '../../../src/network/adder-graph/digits.ts'
import { GraphBuilder } from '../../../src/network/graph/graph-builder.ts'
import type { IntegerGraph, ValueId } from '../../../src/network/graph/integer-graph.ts'
import { chooseArchitectures } from '../../../src/network/plan/choose-architecture.ts'
import { splitIntoLayers } from '../../../src/network/plan/layers.ts'

const port = { bits: 8, signed: true, scales: [1], zeroPoint: 0 }
const relu = { kind: 'round', shift: 3, rounding: 'half-even', min: 0, max: 127 } as const
const window = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] } as const

function finish(builder: GraphBuilder, value: ValueId): IntegerGraph {
  builder.output({ name: 'y', value, ...port })
  return builder.build()
}

function convolutional(): IntegerGraph {
  const builder = new GraphBuilder('cnn')
  const x = builder.input({ name: 'x', ...port }, [1, 8, 8])
  const weights = new Int32Array(2 * 9).fill(1)
  const conv = builder.add('conv', {
    kind: 'conv',
    source: x,
    weights,
    bias: new Float64Array(2),
    groups: 1,
    window,
  })
  const active = builder.add('relu', { kind: 'map', source: conv, functions: [relu] })
  const pool = builder.add('pool', {
    kind: 'pool',
    source: active,
    mode: 'max',
    window: { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] },
  })
  const dense = builder.add('head', {
    kind: 'dense',
    source: pool,
    weights: new Int32Array(96).fill(3),
    bias: new Float64Array(3),
  })
  return finish(builder, builder.add('scores', { kind: 'map', source: dense, functions: [relu] }))
}

test('a chain falls into one layer for each matrix or window, with the functions behind it', () => {
  const layers = splitIntoLayers(convolutional())
  expect(layers.map(({ name, kind, values }) => [name, kind, values.length])).toEqual([
    ['conv', 'conv', 2],
    ['pool', 'pool', 1],
    ['head', 'dense', 2],
  ])
  expect(chooseArchitectures(layers, {})).toEqual(['streaming', 'streaming', 'folded'])
  expect(chooseArchitectures(layers, { architecture: 'unrolled' })).toEqual([
    'unrolled',
    'unrolled',
    'unrolled',
  ])
  expect(chooseArchitectures(layers, { layers: { head: 'unrolled' } })).toEqual([
    'streaming',
    'streaming',
    'unrolled',
  ])
})

test('branches make a block, and a constant belongs to every layer that reads it', () => {
  const builder = new GraphBuilder('residual')
  const x = builder.input({ name: 'x', ...port }, [2])
  const ones = builder.add('ones', { kind: 'constant', elements: Float64Array.of(1, 1) }, [2])
  const first = builder.add('first', {
    kind: 'sum',
    terms: [
      { source: x, factor: 1 },
      { source: ones, factor: 2 },
    ],
  })
  const matrix = builder.add('matrix', {
    kind: 'dense',
    source: first,
    weights: Int32Array.of(1, 2, 3, 4),
    bias: new Float64Array(2),
  })
  const skip = builder.add('skip', {
    kind: 'sum',
    terms: [
      { source: matrix, factor: 1 },
      { source: first, factor: 1 },
    ],
  })
  const last = builder.add('last', {
    kind: 'sum',
    terms: [
      { source: skip, factor: 1 },
      { source: ones, factor: 1 },
    ],
  })
  const layers = splitIntoLayers(finish(builder, last))
  expect(layers.map(({ kind, values }) => [kind, values])).toEqual([
    ['other', [ones, first]],
    ['block', [matrix, skip]],
    ['other', [ones, last]],
  ])
  expect(layers[1]!.source).toBe(first)
})

test('wrong requests are refused by name', () => {
  const layers = splitIntoLayers(convolutional())
  expect(() => chooseArchitectures(layers, { layers: { nothing: 'folded' } })).toThrow(/no layer 'nothing'/)
  expect(() => chooseArchitectures(layers, { layers: { conv: 'folded' } })).toThrow(
    /'conv' \(conv\) cannot be folded/,
  )
  expect(() => splitIntoLayers({ ...convolutional(), outputs: [] })).toThrow(/1 inputs and 0 outputs/)
})

test('signed digits are counted as by hand', () => {
  const counts = [0, 1, 2, 3, 5, 7, 11, 15, 85, -3, -128, 127, 171].map(digitCount)
  expect(counts).toEqual([0, 1, 1, 2, 2, 2, 3, 2, 4, 2, 1, 2, 5])
})
