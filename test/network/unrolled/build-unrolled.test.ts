import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { optimiseAdderGraph } from '../../../src/network/adder-graph/index.ts'
import { GraphBuilder, type IntegerGraph } from '../../../src/network/graph/index.ts'
import {
  buildUnrolled,
  constantMatrices,
  evaluateNetlist,
  lowerSegment,
  matrixKey,
} from '../../../src/network/unrolled/index.ts'
import { paces } from '../../support/paces.ts'
import { randomInput, wholeSegment } from './random-segment.ts'
import { compiled, expected, expectedWords, packed, simulated } from './stream.ts'

const port = { name: 'x', bits: 6, signed: true, scales: [1], zeroPoint: 0 }

function convolution(size: number, pad: number): IntegerGraph {
  const builder = new GraphBuilder('picture')
  const source = builder.input(port, [2, size, size])
  const random = new Random(size)
  const value = builder.add('conv', {
    kind: 'conv',
    source,
    weights: Int32Array.from({ length: 3 * 2 * 9 }, () => random.integer(31) - 15),
    bias: Float64Array.of(3, -7, 100),
    groups: 1,
    window: { kernel: [3, 3], strides: [1, 1], pads: [pad, pad, pad, pad], dilations: [1, 1] },
  })
  builder.output({ ...port, name: 'y', value })
  return builder.build()
}

function dense(): IntegerGraph {
  const builder = new GraphBuilder('net')
  const source = builder.input(port, [4])
  const weights = Int32Array.from([1, -3, 5, 0, 0, 0, 0, 0, 7, 2, -2, 1])
  const value = builder.add('fc', { kind: 'dense', source, weights, bias: Float64Array.of(1, 2, 3) })
  builder.output({ ...port, name: 'y', value })
  return builder.build()
}

describe('buildUnrolled', () => {
  it('asks for one adder graph for all places of a convolution, borders included', () => {
    const asked: string[] = []
    lowerSegment(wholeSegment(convolution(5, 1)), (matrix, inputs) => {
      asked.push(`${matrix.rows}x${matrix.columns}`)
      return optimiseAdderGraph(matrix, { inputs })
    })
    expect(asked).toEqual(['18x3'])
  })

  it('asks once for columns that differ by a sign and a power of two, and takes undefined for an answer', () => {
    const builder = new GraphBuilder('columns')
    const source = builder.input(port, [3])
    const weights = Int32Array.from([1, 3, -5, -2, -6, 10, 0, 0, 0, 4, 12, -20, 7, 0, 1])
    const bias = Float64Array.of(1, 2, 3, 4, 5)
    const value = builder.add('fc', { kind: 'dense', source, weights, bias })
    builder.output({ ...port, name: 'y', value })
    const segment = wholeSegment(builder.build())
    const asked: number[][] = []
    const netlist = lowerSegment(segment, ({ rows, columns }) => {
      asked.push([rows, columns])
      return undefined
    })
    expect(asked).toEqual([[3, 2]])
    const input = Float64Array.of(-32, 31, 7)
    expect(evaluateNetlist(netlist, input)).toEqual(expected(segment, input))
  })

  it('names the matrices beforehand that it will ask for', () => {
    const builder = new GraphBuilder('two')
    const source = builder.input(port, [3])
    const random = new Random(8)
    const weights = (count: number): Int32Array =>
      Int32Array.from({ length: count }, () => random.integer(9) + 1)
    const first = builder.add('a', { kind: 'dense', source, weights: weights(12), bias: new Float64Array(4) })
    const clamp = { kind: 'round', shift: 2, rounding: 'half-even', min: 0, max: 63 } as const
    const relu = builder.add('relu', { kind: 'map', source: first, functions: [clamp] })
    const value = builder.add('b', {
      kind: 'dense',
      source: relu,
      weights: weights(8),
      bias: new Float64Array(2),
    })
    builder.output({ ...port, name: 'y', value })
    const segment = wholeSegment(builder.build())
    const wanted = constantMatrices(segment)
    const graphs = new Map(
      wanted.map(({ key, matrix, inputs }) => [key, optimiseAdderGraph(matrix, { inputs })]),
    )
    const module = buildUnrolled(segment, {
      name: 'two',
      adderGraph: (matrix) => graphs.get(matrixKey(matrix))!,
    })
    expect(wanted.map(({ matrix }) => [matrix.rows, matrix.columns])).toEqual([
      [3, 4],
      [4, 2],
    ])
    expect(module.resources.luts).toBeGreaterThan(20)
  })

  it('describes what it made', () => {
    const module = buildUnrolled(wholeSegment(dense()), { name: 'fc', levelsPerStage: 1 })
    expect(module).toMatchObject({
      name: 'fc',
      architecture: 'unrolled',
      library: [],
      input: { beats: 1, lanes: 4, bits: 6, signed: true },
      output: { beats: 1, lanes: 3, bits: 10, signed: true },
      interval: 1,
    })
    expect([...module.files.keys()]).toEqual(['fc.sv'])
    expect(module.latency).toBeGreaterThanOrEqual(3)
    expect(module.resources.ffs).toBeGreaterThan(30)
    expect(module.files.get('fc.sv')).toContain(`Latency ${module.latency} clocks`)
  })

  it('takes wider lanes on both sides', async () => {
    const segment = wholeSegment(dense())
    const module = buildUnrolled(segment, {
      name: 'fc',
      input: { beats: 1, lanes: 4, bits: 8, signed: true },
      output: { beats: 1, lanes: 3, bits: 32, signed: true },
    })
    const random = new Random(1)
    const inputs = Array.from({ length: 30 }, () => randomInput(segment, random))
    const outputs = await simulated(await compiled(module), module, inputs, paces[3]!)
    expect(outputs).toEqual(expectedWords(segment, module, inputs))
  })

  it('makes a register of a segment without operations', async () => {
    const { graph, source } = wholeSegment(dense())
    const segment = { graph, source, values: [], result: source }
    const module = buildUnrolled(segment, { name: 'pass' })
    expect(module.latency).toBe(1)
    const random = new Random(4)
    const inputs = Array.from({ length: 10 }, () => randomInput(segment, random))
    const outputs = await simulated(await compiled(module), module, inputs, paces[3]!)
    expect(outputs).toEqual(inputs.map((input) => packed(input, module.output)))
  })

  it.each([
    [{ beats: 1, lanes: 4, bits: 5, signed: true }],
    [{ beats: 1, lanes: 4, bits: 8, signed: false }],
    [{ beats: 1, lanes: 3, bits: 6, signed: true }],
    [{ beats: 4, lanes: 1, bits: 6, signed: true }],
  ])('refuses the input format %j', (input) => {
    expect(() => buildUnrolled(wholeSegment(dense()), { name: 'fc', input })).toThrow(
      expect.objectContaining({ code: 'GG_USAGE' }),
    )
  })

  it('refuses an adder graph of another matrix', () => {
    const adderGraph = (): ReturnType<typeof optimiseAdderGraph> => optimiseAdderGraph([[1], [2], [3], [4]])
    expect(() => buildUnrolled(wholeSegment(dense()), { name: 'fc', adderGraph })).toThrow(
      expect.objectContaining({ code: 'GG_USAGE' }),
    )
  })

  it('refuses less than one adder per stage, names that are no names, and values from outside', () => {
    const segment = wholeSegment(dense())
    for (const levelsPerStage of [0, -1, Number.NaN])
      expect(() => buildUnrolled(segment, { name: 'fc', levelsPerStage })).toThrow(
        expect.objectContaining({ code: 'GG_USAGE' }),
      )
    expect(() => buildUnrolled(segment, { name: '1 2' })).toThrow(
      expect.objectContaining({ code: 'GG_USAGE' }),
    )
    const graph = convolution(3, 0)
    expect(() => buildUnrolled({ graph, source: 1, values: [1], result: 1 }, { name: 'fc' })).toThrow(
      expect.objectContaining({ code: 'GG_USAGE' }),
    )
  })
})
