import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import { type ImportOptions, importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { evaluateModel } from '../../../src/network/reference/evaluate-model.ts'
import { anyScale, integer } from './compare.ts'
import { ModelKit } from './model-kit.ts'
import { randomInput, seeded } from './runtime.ts'

const domains = ['', 'qonnx.custom_op.general', 'onnx.brevitas', 'finn.custom_op.general']
const roundings = ['ROUND', 'CEIL', 'FLOOR', 'UP', 'DOWN', 'HALF_UP', 'HALF_DOWN']

/** Compares integers times scales with the definitions in double precision. */
function compareWithDefinitions(model: OnnxModel, options: ImportOptions, seed: number, rows = 20) {
  const network = importNetwork(model, { oracle: 'qonnx', ...options })
  const { graph } = network
  const random = seeded(seed)
  for (let row = 0; row < rows; row++) {
    const integers = randomInput(graph, 0, random)
    const port = graph.inputs[0]!
    const dims = model.graph.inputs[0]!.dims!.map((dim) => (typeof dim === 'number' ? dim : 1))
    const data = integers.map((q) => (q - port.zeroPoint) * port.scales[0]!)
    const wanted = evaluateModel(model, new Map([[port.name, { type: 1, dims, data }]]), {
      precision: 'float64',
    })
    evaluateGraph(graph, [integers]).forEach((got, k) => {
      const { name, scales, zeroPoint, value } = graph.outputs[k]!
      const inner = got.length / (graph.values[value]!.shape[0] ?? 1)
      const expected = wanted.get(name)!.data
      got.forEach((q, i) => {
        const real = (q - zeroPoint) * scales[scales.length === 1 ? 0 : Math.floor(i / inner)]!
        expect(Math.abs(real - expected[i]!)).toBeLessThanOrEqual(Math.abs(expected[i]!) * 1e-9 + 1e-12)
      })
    })
  }
  return network
}

interface QuantOptions {
  readonly scales: readonly number[]
  readonly dims: readonly number[]
  readonly zero?: number
  readonly bits: number
  readonly signed: boolean
  readonly narrow?: boolean
  readonly rounding?: string
}

function quant(kit: ModelKit, x: string, random: () => number, options: QuantOptions): string {
  const { scales, dims, zero = 0, bits, signed, narrow = false, rounding = 'ROUND' } = options
  return kit.node(
    random() < 0.5 ? 'Quant' : 'IntQuant',
    [x, kit.floats(scales, dims), kit.float(zero), kit.float(bits)],
    { signed: signed ? 1 : 0, narrow: narrow ? 1 : 0, rounding_mode: rounding },
    domains[integer(random, 0, 3)]!,
  )
}

describe("QONNX under the oracle 'qonnx'", () => {
  it('dense networks with any rounding, narrow ranges, zero points and scales by channel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        const scale = (low: number, high: number): number =>
          random() < 0.5
            ? 2 ** Math.round(Math.log2(low + random() * (high - low)))
            : anyScale(random, low, high)
        let size = integer(random, 1, 10)
        let x = kit.input('x', 'float', ['N', size])
        for (let layer = 0; layer < integer(random, 1, 3); layer++) {
          const next = integer(random, 1, 8)
          const perOutput = random() < 0.5
          const floats = Array.from({ length: size * next }, () => random() * 2 - 1)
          const weights = quant(kit, kit.floats(floats, [size, next]), random, {
            scales: Array.from({ length: perOutput ? next : 1 }, () => scale(0.02, 0.3)),
            dims: perOutput ? [1, next] : [],
            bits: integer(random, 1, 6),
            signed: true,
            narrow: random() < 0.5,
            rounding: roundings[integer(random, 0, 6)]!,
          })
          x = kit.node('MatMul', [x, weights])
          const follows = integer(random, 0, 3)
          if (follows < 2) {
            const list = (low: number, high: number) =>
              kit.floats(Array.from({ length: next }, () => Math.fround(low + random() * (high - low))))
            x = kit.node('BatchNormalization', [x, list(-1, 2), list(-1, 1), list(-1, 1), list(0.1, 3)], {
              epsilon: { float: Math.fround(1e-5) },
            })
          } else if (follows === 2)
            x = kit.node('Add', [x, kit.floats(Array.from({ length: next }, () => random() - 0.5))])
          if (random() < 0.5) x = kit.node('Relu', [x])
          const bits = integer(random, 1, 8)
          x = quant(kit, x, random, {
            scales: [scale(0.02, 0.5)],
            dims: [],
            zero: bits > 1 && random() < 0.3 ? integer(random, -3, 3) : 0,
            bits: Math.max(bits, 2),
            signed: random() < 0.5,
            narrow: random() < 0.5,
            rounding: roundings[integer(random, 0, 6)]!,
          })
          size = next
        }
        kit.output(x, 'float')
        compareWithDefinitions(
          kit.model(13, domains.slice(1)),
          { input: { bits: 6, signed: true, scale: scale(0.01, 0.2) } },
          seed,
        )
      }),
      { numRuns: 80, seed: 31 },
    )
  })

  it('every rounding at exact ties', () => {
    for (const rounding of roundings)
      for (const zero of [0, 1, -2])
        for (const signed of [false, true]) {
          const kit = new ModelKit()
          const x = kit.input('x', 'float', [1, 64])
          const y = quant(kit, kit.node('Identity', [x]), () => 0.1, {
            scales: [Math.fround(0.3)],
            dims: [],
            zero,
            bits: 4,
            signed,
            rounding,
          })
          kit.output(y, 'float')
          const scale = Math.fround(0.3) / 4
          compareWithDefinitions(
            kit.model(13, ['qonnx.custom_op.general']),
            { input: { bits: 7, signed: true, scale } },
            5,
            30,
          )
        }
  })

  it('BipolarQuant, MultiThreshold and convolutions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = seeded(seed)
        const kit = new ModelKit()
        const x = kit.input('x', 'float', [1, 2, 6, 6])
        const floats = kit.floats(
          Array.from({ length: 54 }, () => random() - 0.5),
          [3, 2, 3, 3],
        )
        const weights = kit.node('BipolarQuant', [floats, kit.float(0.7)], {}, 'onnx.brevitas')
        let y = kit.node('Conv', [x, weights], { pads: [1, 1, 1, 1] })
        if (random() < 0.5) y = kit.node('BipolarQuant', [y, kit.float(0.3)], {}, 'qonnx.custom_op.general')
        else {
          const perChannel = random() < 0.5
          const rows = perChannel ? 3 : 1
          const thresholds = Array.from({ length: rows * 3 }, () => random() * 4 - 2)
          y = kit.node(
            'MultiThreshold',
            [y, kit.floats(thresholds, [rows, 3])],
            random() < 0.5
              ? { out_scale: { float: 2 }, out_bias: { float: -3 } }
              : { out_scale: { float: 0.25 } },
            'finn.custom_op.general',
          )
        }
        kit.output(kit.node('MaxPool', [y], { kernel_shape: [2, 2], strides: [2, 2] }), 'float')
        const model = kit.model(13, domains.slice(1))
        compareWithDefinitions(
          model,
          { input: { bits: 4, signed: true, scale: anyScale(random, 0.05, 0.3) } },
          seed,
          5,
        )
      }),
      { numRuns: 30, seed: 32 },
    )
  })

  it('Trunc drops low bits, in both versions', () => {
    const random = seeded(3)
    for (const rounding of roundings)
      for (const second of [false, true]) {
        const kit = new ModelKit()
        const x = kit.input('x', 'float', [1, 40])
        const given = quant(kit, x, random, { scales: [0.3], dims: [], bits: 8, signed: true })
        const inputs = [given, kit.float(0.3), kit.float(0), kit.float(8)]
        if (second) inputs.push(kit.float(Math.fround(0.3) * 8), kit.float(0))
        inputs.push(kit.float(second ? 4 : 5))
        kit.output(kit.node('Trunc', inputs, { rounding_mode: rounding }, domains[1]!), 'float')
        compareWithDefinitions(kit.model(13, domains.slice(1)), {}, 4)
      }
  })

  it('needs a grid for a float input, and the host quantizes one that the graph quantizes first', () => {
    const kit = new ModelKit()
    const x = quant(kit, kit.input('x', 'float', [1, 4]), () => 0, {
      scales: [0.3],
      dims: [],
      bits: 5,
      signed: true,
      narrow: true,
    })
    kit.output(kit.node('Relu', [x]), 'float')
    const { graph } = importNetwork(kit.model(13))
    expect(graph.inputs[0]).toMatchObject({ bits: 5, signed: true, zeroPoint: 0 })
    expect(graph.values[0]!.ranges[0]).toEqual({ min: -15, max: 15, step: 1 })
    const bare = new ModelKit()
    const weights = bare.node('BipolarQuant', [bare.floats([1, -1], [2, 1]), bare.float(1)])
    bare.output(bare.node('MatMul', [bare.input('x', 'float', [1, 2]), weights]), 'float')
    expect(() => importNetwork(bare.model(13))).toThrow(/float input 'x' is not quantized by the graph/)
  })
})
