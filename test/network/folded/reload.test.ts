import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { buildFolded, type FoldedModule, reloadImage } from '../../../src/network/folded/index.ts'
import { evaluateGraph, GraphBuilder, type ScalarFunction } from '../../../src/network/graph/index.ts'
import type { GraphSegment } from '../../../src/network/hardware/hardware-module.ts'
import { randomTensor } from '../streaming/random-layer.ts'
import { fullSpeed, runModule, simulateModule } from '../streaming/run-module.ts'

type Kind = 'round' | 'thresholds' | 'table' | 'float32-scale' | undefined

/** A layer of fixed shape with random numbers. */
function layer(
  random: Random,
  kind: Kind,
  inputs = 10,
  outputs = 5,
  span = 127,
  shared = false,
): GraphSegment {
  const builder = new GraphBuilder('layer')
  const port = { bits: 6, signed: true, scales: [1], zeroPoint: 0 }
  const source = builder.input({ name: 'x', ...port }, [inputs])
  const pick = (): number => random.integer(2 * span + 1) - span
  const weights = Int32Array.from({ length: inputs * outputs }, pick)
  weights[0] = span
  weights[1] = -span
  const bias = Float64Array.from({ length: outputs }, () => pick() * 10)
  const values = [builder.add('dense', { kind: 'dense', source, weights, bias })]
  if (kind !== undefined) {
    const functions = Array.from({ length: shared ? 1 : outputs }, () => randomOf(random, kind))
    values.push(builder.add('map', { kind: 'map', source: values[0]!, functions }))
  }
  const result = values.at(-1)!
  builder.output({ name: 'y', ...port, value: result, bits: 32 })
  return { graph: builder.build(), source, values, result }
}

function randomOf(random: Random, kind: NonNullable<Kind>): ScalarFunction {
  const outputs = (count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, k) => (k === 0 ? -8 : k === 1 ? 7 : random.integer(16) - 8))
  switch (kind) {
    case 'round':
      return { kind, shift: 4 + random.integer(4), rounding: 'half-even', min: -128, max: 127 }
    case 'thresholds': {
      const thresholds = Float64Array.from({ length: 3 }, () => random.integer(20_000) - 10_000).sort()
      return { kind, thresholds, outputs: outputs(4) }
    }
    case 'table':
      return { kind, first: -2000 + random.integer(100), outputs: outputs(4000) }
    case 'float32-scale':
      return {
        kind,
        multiplier: Math.fround((1 + random.integer(99)) / 5000),
        zeroPoint: 3,
        min: -128,
        max: 127,
      }
  }
}

function write(dut: Dut, module: FoldedModule, segment: GraphSegment): void {
  const words = reloadImage(module, segment)
  dut.stream({
    source: { valid: 'w_enable', data: ['w_address', 'w_data'] },
    items: words.map(({ address, data }) => [address, data]),
    drain: 0,
  })
}

describe('reloadImage', () => {
  it.each([undefined, 'round', 'thresholds', 'table', 'float32-scale'] as const)(
    'changes weights, biases and functions (%s) of a running module',
    async (kind) => {
      const random = new Random(5)
      // One function for all outputs now must not mean one for ever.
      const first = layer(random, kind, 10, 5, 127, true)
      const module = buildFolded(first, { name: 'layer', multipliers: 6, reloadable: true })
      const dut = await simulateModule(module)
      const shapes = { input: [10], output: [5] }
      for (const segment of [first, layer(random, kind), first, layer(random, kind)]) {
        write(dut, module, segment)
        const tensors = Array.from({ length: 10 }, () => randomTensor(random, segment))
        const run = runModule(dut, module, shapes, tensors, fullSpeed, random)
        expect(run.outputs).toEqual(tensors.map((tensor) => evaluateGraph(segment.graph, [tensor])[0]))
      }
    },
  )

  it('starts with the numbers it was built for, also when they come from files', async () => {
    const random = new Random(6)
    const segment = layer(random, 'round', 120, 5)
    const module = buildFolded(segment, { name: 'layer', multipliers: 1, reloadable: true })
    expect([...module.files.keys()].filter((file) => file.endsWith('.hex'))).toEqual(['layer_weights_0.hex'])
    const dut = await simulateModule(module)
    const tensors = [randomTensor(random, segment), randomTensor(random, segment)]
    const run = runModule(dut, module, { input: [120], output: [5] }, tensors, fullSpeed, random)
    expect(run.outputs).toEqual(tensors.map((tensor) => evaluateGraph(segment.graph, [tensor])[0]))
  })

  it('refuses other shapes, numbers that do not fit, and modules with fixed numbers', () => {
    const random = new Random(7)
    const first = layer(random, 'round')
    const module = buildFolded(first, { name: 'layer', reloadable: true })
    expect(() => reloadImage(module, layer(random, 'round', 11))).toThrow(/shape/)
    expect(() => reloadImage(module, layer(random, 'round', 10, 5, 128))).toThrow(/fit/)
    expect(() => reloadImage(module, layer(random, 'thresholds'))).toThrow(/kinds/)
    const fixed = buildFolded(first, { name: 'layer' })
    expect(() => reloadImage(fixed, first)).toThrow(/cannot be reloaded/)
  })
})
