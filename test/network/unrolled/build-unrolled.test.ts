import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { optimiseAdderGraph } from '../../../src/network/adder-graph/index.ts'
import { GraphBuilder, type IntegerGraph } from '../../../src/network/graph/index.ts'
import { buildUnrolled, lowerSegment } from '../../../src/network/unrolled/index.ts'
import { paces } from '../../support/stage.ts'
import { randomInput, wholeSegment } from './random-segment.ts'
import { compiled, expectedWords, simulated } from './stream.ts'

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
    const outputs = simulated(await compiled(module), module, inputs, paces[3]!, random)
    expect(outputs).toEqual(expectedWords(segment, module, inputs))
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
