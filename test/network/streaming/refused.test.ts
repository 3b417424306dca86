import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { buildFolded, type FoldedOptions } from '../../../src/network/folded/index.ts'
import { GraphBuilder, type Operation, type Window } from '../../../src/network/graph/index.ts'
import type { GraphSegment } from '../../../src/network/hardware/hardware-module.ts'
import { buildStreaming, type StreamingOptions } from '../../../src/network/streaming/index.ts'

const port = { name: 'x', bits: 4, signed: true, scales: [1], zeroPoint: 0 }
const square: Window = { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] }
const identity: Operation = { kind: 'map', source: 0, functions: [{ kind: 'affine', multiply: 1, add: 0 }] }
const matrix = (inputs: number): Operation => ({
  kind: 'dense',
  source: 0,
  weights: new Int32Array(inputs).fill(1),
  bias: Float64Array.of(0),
})
const pool = (window: Partial<Window>): Operation => ({
  kind: 'pool',
  source: 0,
  mode: 'max',
  window: { ...square, ...window },
})

function segmentOf(shape: readonly number[], ...operations: Operation[]): GraphSegment {
  const builder = new GraphBuilder('refused')
  const source = builder.input(port, shape)
  const values = operations.map((operation, k) =>
    builder.add(`value${k}`, { ...operation, source: k } as Exclude<Operation, { kind: 'input' }>),
  )
  return { graph: builder.build(), source, values, result: values.at(-1)! }
}

function codeOf(build: () => unknown): string {
  try {
    build()
  } catch (error) {
    if (error instanceof GemgateError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'built'
}

const stream = (segment: GraphSegment, options: Partial<StreamingOptions> = {}): string =>
  codeOf(() => buildStreaming(segment, { name: 'layer', ...options }))
const fold = (segment: GraphSegment, options: Partial<FoldedOptions> = {}): string =>
  codeOf(() => buildFolded(segment, { name: 'layer', ...options }))

describe('buildStreaming refuses', () => {
  it.each([
    ['a matrix', segmentOf([1, 3, 3], matrix(9)), /UNSUPPORTED.*'value0'.*dense/],
    ['a vector', segmentOf([3], identity), /UNSUPPORTED.*shape \[3\]/],
    ['two windows', segmentOf([1, 4, 4], pool({}), pool({})), /UNSUPPORTED.*'value1'/],
    ['negative pads', segmentOf([1, 4, 4], pool({ pads: [-1, 0, 0, 0] })), /UNSUPPORTED.*negative pads/],
    ['windows larger than the picture', segmentOf([1, 1, 1], pool({})), /FORMAT.*larger/],
    ['maxima of nothing', segmentOf([1, 4, 4], pool({ pads: [2, 0, 0, 0] })), /UNSUPPORTED.*outside/],
  ])('%s', (_, segment, message) => {
    expect(stream(segment)).toMatch(message)
  })

  it('lanes that are too narrow, and kernels of several beats', () => {
    const segment = segmentOf([1, 4, 4], pool({}), identity)
    const input = { beats: 16, lanes: 1, bits: 3, signed: true }
    expect(stream(segment, { input })).toMatch(/GG_USAGE.*int3.*int4/)
    expect(stream(segment, { input: { ...input, bits: 4, beats: 4 } })).toMatch(/GG_USAGE/)
    expect(stream(segment, { input: { ...input, bits: 4, signed: false } })).toMatch(/GG_USAGE/)
    const conv: Operation = {
      kind: 'conv',
      source: 0,
      weights: new Int32Array(8).fill(1),
      bias: new Float64Array(2),
      groups: 1,
      window: square,
    }
    const kernel: StreamingOptions['kernel'] = (part, options) =>
      buildFolded(part, { ...options, outputLanes: 1 })
    expect(stream(segmentOf([1, 4, 4], conv), { kernel })).toMatch(/GG_USAGE.*kernel.*2 beats/)
  })
})

describe('buildFolded refuses', () => {
  it.each([
    ['a convolution', segmentOf([1, 4, 4], pool({})), /UNSUPPORTED.*'value0'.*pool/],
    ['functions without a matrix', segmentOf([3], identity), /UNSUPPORTED/],
    ['two matrices', segmentOf([3], matrix(3), matrix(1)), /UNSUPPORTED.*'value1'/],
  ])('%s', (_, segment, message) => {
    expect(fold(segment)).toMatch(message)
  })

  it('streams that do not hold the tensor, and numbers that make no sense', () => {
    const segment = segmentOf([6], matrix(6))
    expect(fold(segment, { input: { beats: 2, lanes: 2, bits: 4, signed: true } })).toMatch(
      /GG_USAGE.*6 elements/,
    )
    expect(fold(segment, { input: { beats: 2, lanes: 3, bits: 3, signed: true } })).toMatch(/GG_USAGE/)
    expect(fold(segment, { multipliers: 0 })).toMatch(/GG_USAGE.*multipliers/)
    expect(fold(segment, { multipliers: 1.5 })).toMatch(/GG_USAGE/)
    expect(fold(segment, { reuse: -3 })).toMatch(/GG_USAGE/)
    expect(fold(segment, { clocks: 0 })).toMatch(/GG_USAGE.*in 0 clocks/)
    expect(fold(segment, { outputLanes: 2 })).toMatch(/GG_USAGE.*beats of 2/)
    const large = segmentOf([2 ** 18], matrix(2 ** 18))
    expect(fold(large, { multipliers: 1 })).toMatch(/UNSUPPORTED.*262144 words/)
    expect(fold(segment)).toBe('built')
  })
})
