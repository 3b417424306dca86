import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { ClusterMachine } from '../../../src/gateware/cluster-program/cluster-machine.ts'
import { clusterProgram } from '../../../src/gateware/cluster-program/cluster-program.ts'
import { networkTable } from '../../../src/gateware/cluster-program/network-table.ts'
import type { ScalarFunction } from '../../../src/network/graph/scalar-function.ts'
import { evaluateGraph, type IntegerGraph, type Value } from '../../../src/network/index.ts'
import { decodeEventPacket } from '../../../src/trigger/event-packet.ts'
import { randomImage } from '../../support/images.ts'
import { expectedPacket, machineFrame, packetDifference } from './cluster-frames.ts'

interface Layer {
  readonly outputs: number
  readonly weights: Int32Array
  readonly bias: Float64Array
  readonly function?: ScalarFunction
}

/** A graph of dense layers, each followed by its function; ranges are not used. */
function network(layers: readonly Layer[]): IntegerGraph {
  const values: Value[] = []
  const add = (size: number, operation: Value['operation']): void => {
    values.push({
      id: values.length,
      name: '',
      shape: [size],
      ranges: [{ min: 0, max: 0, step: 1 }],
      operation,
    })
  }
  add(9, { kind: 'input' })
  for (const { outputs, weights, bias, function: f } of layers) {
    add(outputs, { kind: 'dense', source: values.length - 1, weights, bias })
    if (f !== undefined) add(outputs, { kind: 'map', source: values.length - 1, functions: [f] })
  }
  const port = { name: '', scales: [1], zeroPoint: 0, signed: true }
  return {
    name: '',
    values,
    inputs: [{ ...port, bits: 8, value: 0 }],
    outputs: [{ ...port, bits: 16, value: values.length - 1 }],
  }
}

const round = (shift: number, min: number, max: number): ScalarFunction => ({
  kind: 'round',
  rounding: 'half-even',
  shift,
  min,
  max,
})

function randomLayers(random: Random): Layer[] {
  const sizes = [9, 1 + random.integer(12), 1 + random.integer(9), 3]
  // Few bits make ties.
  const bits = 1 + random.integer(8)
  return sizes.slice(1).map((outputs, k) => {
    const last = k === 2
    const [min, max] = last
      ? [-32768, 32767]
      : [random.integer(2) === 0 ? 0 : -128, 127 + random.integer(129)]
    return {
      outputs,
      weights: Int32Array.from(
        { length: outputs * sizes[k]! },
        () => random.integer(2 ** bits) - 2 ** (bits - 1),
      ),
      bias: Float64Array.from({ length: outputs }, () => random.integer(1 << 20) - (1 << 19)).map((b) =>
        random.integer(2) === 0 ? b : b >> 12,
      ),
      function: round(random.integer(last ? 3 : 12), min, max),
    }
  })
}

describe('networkTable', () => {
  it('lets the program compute any network of dense layers and half-even rounding', () => {
    const random = new Random(21)
    let clusters = 0
    for (let run = 0; run < 40; run++) {
      const graph = network(randomLayers(random))
      const image = randomImage(random, 24, 24, 0.1)
      const machine = new ClusterMachine(clusterProgram(graph).words, 24, 4)
      const expected = expectedPacket(image, (f, s) => s.set(evaluateGraph(graph, [f])[0]!), 4)
      expect(packetDifference(expected, machine.run(machineFrame(image))), `network ${run}`).toBe('')
      clusters += decodeEventPacket(expected).clusters.length
    }
    expect(clusters).toBeGreaterThan(60)
  })

  it('takes a last layer without a function as the scores', () => {
    const weights = Int32Array.from({ length: 27 }, (_, i) => i - 13)
    const table = networkTable(network([{ outputs: 3, weights, bias: Float64Array.of(5, -6, 70000) }]))
    expect(table.slice(0, 7)).toEqual([3, 5, 0, 0, -32768, -1, 32767])
    expect(table.slice(7, 9)).toEqual([5, 0])
    expect(table.slice(9, 14)).toEqual([
      (115 << 8) | 116,
      (117 << 8) | 118,
      (119 << 8) | 120,
      (121 << 8) | 122,
      (123 << 8) | 128,
    ])
    expect(table.at(-1)).toBe(0)
    expect(table).toHaveLength(7 + 3 * 7 + 1)
  })

  const dense = (outputs: number, inputs: number, f?: ScalarFunction): Layer => ({
    outputs,
    weights: new Int32Array(outputs * inputs).fill(1),
    bias: new Float64Array(outputs),
    ...(f === undefined ? {} : { function: f }),
  })
  it.each<[string, Layer[]]>([
    ['the weight 128', [{ ...dense(3, 9), weights: new Int32Array(27).fill(128) }]],
    ['the bias', [{ ...dense(3, 9), bias: new Float64Array(3).fill(2 ** 31) }]],
    ['does not end with one rounding', [dense(4, 9), dense(3, 4)]],
    ['does not end with one rounding', [dense(4, 9, round(3, 0, 256)), dense(3, 4)]],
    ['does not end with one rounding', [dense(4, 9, round(-1, 0, 127)), dense(3, 4)]],
    ['does not end with one rounding', [dense(3, 9, { kind: 'affine', multiply: 2, add: 0 })]],
    ['other than 9 inputs', [dense(3, 8)]],
    ['2 of them in the last', [dense(2, 9)]],
    ['28 outputs in all layers', [dense(25, 9, round(3, 0, 127)), dense(3, 25)]],
  ])('refuses a network with %s', (text, layers) => {
    expect(() => networkTable(network(layers))).toThrow(text)
    expect(() => networkTable(network(layers))).toThrow(
      expect.objectContaining({ code: 'GG_MODEL_UNSUPPORTED' }),
    )
  })
})
