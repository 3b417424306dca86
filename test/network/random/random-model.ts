import { Random } from '../../../src/core/random.ts'
import type { ImportOptions } from '../../../src/network/import/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { ModelKit } from '../import/model-kit.ts'
import { randomEnsemble } from '../trees/random-ensembles.ts'
import { oldNode } from '../trees/tree-models.ts'
import {
  activate,
  concat,
  convSum,
  denseSum,
  flatten,
  pool,
  rearrange,
  residual,
  type Workshop,
} from './layers.ts'
import { type Activation, between, chance, type NumberStyle, pick, quantizeInput } from './number-style.ts'

const plain: NumberStyle = {
  activations: 'qdq',
  activationBits: [8, 8],
  weights: 'int8',
  weightBits: [3, 8],
  powersOfTwo: true,
  perChannel: true,
  zeroPoints: false,
  fused: false,
}

/** Ways in which exporters write quantized numbers. */
export const styles = {
  qdq: plain,
  'qdq with zero points': { ...plain, zeroPoints: true },
  qcdq: { ...plain, activations: 'qcdq', activationBits: [2, 8], weightBits: [2, 8] },
  'int4 weights': { ...plain, weights: 'int4', weightBits: [2, 4] },
  int16: { ...plain, activationBits: [9, 16], weightBits: [2, 4] },
  scales: { ...plain, powersOfTwo: false, perChannel: false, fused: true },
  'scales per channel': { ...plain, powersOfTwo: false, zeroPoints: true, fused: true },
  qonnx: { ...plain, activations: 'quant', activationBits: [1, 8], weights: 'quant', weightBits: [1, 6] },
  'wide qonnx': {
    ...plain,
    activations: 'quant',
    activationBits: [9, 16],
    weights: 'quant',
    weightBits: [2, 5],
  },
  'qonnx scales': {
    ...{ ...plain, powersOfTwo: false, activations: 'quant', activationBits: [1, 5] },
    ...{ weights: 'quant', weightBits: [1, 4], perChannel: false },
  },
} as const satisfies Record<string, NumberStyle>

export type StyleName = keyof typeof styles
export const styleNames = Object.keys(styles) as StyleName[]

export const topologies = [
  'dense',
  'conv',
  'residual',
  'picture residual',
  'concat',
  'moved',
  'trees',
] as const
export type Topology = (typeof topologies)[number]

export interface RandomModel {
  readonly name: string
  readonly model: OnnxModel
  readonly options: ImportOptions
}

/** A random network that is small enough to simulate in every architecture. */
export function randomModel(seed: number, styleName: StyleName, topology: Topology): RandomModel {
  const random = new Random(seed * 7919 + styleNames.indexOf(styleName) * 101 + topologies.indexOf(topology))
  const style: NumberStyle = styles[styleName]
  const shop: Workshop = { random, kit: new ModelKit(), style }
  const picture = topology === 'conv' || topology === 'picture residual'
  const shape = picture
    ? [1, 1 + random.integer(3), 3 + random.integer(4), 3 + random.integer(4)]
    : [1, 1 + random.integer(9)]
  const { x, options } = input(shop, shape)
  finish(shop, bodies[topology](shop, x), topology)
  const domains = styleName.includes('qonnx') ? ['qonnx.custom_op.general'] : []
  const model = shop.kit.model(21, domains)
  const opsets = new Map(model.opsets)
  if (topology === 'trees') opsets.set('ai.onnx.ml', 3)
  return { name: `${topology}, ${styleName}, seed ${seed}`, model: { ...model, opsets }, options }
}

/** Integers, floats that the graph quantizes, or floats on a grid that the caller names. */
function input(shop: Workshop, shape: readonly number[]): { x: Activation; options: ImportOptions } {
  const { random, kit, style } = shop
  const dims = [chance(random, 0.5) ? 1 : 'batch', ...shape.slice(1)]
  const size = 0.5
  if (style.activations !== 'quant' && chance(random, 0.5)) {
    const bits = between(random, style.activationBits)
    const carrier = bits > 8 ? 'int16' : style.fused ? 'int8' : pick(random, ['int8', 'uint8'] as const)
    const scale = 2 ** -(bits > 8 ? 15 : 7)
    const q = kit.input('q', carrier, dims)
    return { x: { name: kit.dequantize(q, scale, carrier), shape, scale, size }, options: {} }
  }
  const name = kit.input('x', 'float', dims)
  if (!style.fused && chance(random, 0.3)) {
    const bits = Math.max(2, between(random, style.activationBits))
    const scale = 2 ** -(bits - 1)
    return { x: { name, shape, scale, size }, options: { input: { bits, signed: true, scale } } }
  }
  return { x: quantizeInput(random, kit, style, { name, shape, size }), options: {} }
}

const bodies: Readonly<Record<Topology, (shop: Workshop, x: Activation) => Activation>> = {
  dense(shop, x) {
    let y = x
    for (let layers = shop.random.integer(3); layers >= 0; layers--)
      y = activate(shop, denseSum(shop, y, 1 + shop.random.integer(8)))
    return y
  },
  conv(shop, x) {
    let y = x
    for (let layers = 1 + shop.random.integer(2); layers > 0; layers--) {
      y = activate(shop, convSum(shop, y, 1 + shop.random.integer(4)))
      if (y.shape[2]! * y.shape[3]! > 1 && chance(shop.random, 0.4)) y = pool(shop, y)
      if (chance(shop.random, 0.2)) y = rearrange(shop, y)
    }
    return chance(shop.random, 0.5)
      ? y
      : activate(shop, denseSum(shop, flatten(shop, y), 1 + shop.random.integer(4)))
  },
  residual(shop, x) {
    const y = activate(shop, denseSum(shop, x, x.shape[1]!))
    const sum = residual(shop, x, y)
    return chance(shop.random, 0.5) ? sum : activate(shop, denseSum(shop, sum, 3))
  },
  'picture residual'(shop, x) {
    const y = activate(shop, convSum(shop, x, x.shape[1]!, true))
    return residual(shop, y, x)
  },
  concat(shop, x) {
    const [a, b] = [0, 1].map(() => activate(shop, denseSum(shop, x, 1 + shop.random.integer(4))))
    return activate(shop, denseSum(shop, concat(shop, a!, b!), 1 + shop.random.integer(4)))
  },
  moved(shop, x) {
    const y = rearrange(shop, activate(shop, denseSum(shop, rearrange(shop, x), 2 + shop.random.integer(6))))
    return activate(shop, denseSum(shop, y, 1 + shop.random.integer(4)))
  },
  trees(shop, x) {
    const y = chance(shop.random, 0.5) ? x : activate(shop, denseSum(shop, x, 1 + shop.random.integer(4)))
    return y
  },
}

/** The end of the network: integers, floats, an accumulator, the largest class, or trees. */
function finish(shop: Workshop, x: Activation, topology: Topology): void {
  const { random, kit, style } = shop
  if (topology === 'trees') {
    const span = Math.max(2, Math.round(x.size / x.scale))
    const ensemble = randomEnsemble(random, {
      ...{ trees: 1 + random.integer(4), depth: 1 + random.integer(4), features: x.shape[1]!, targets: 1 },
      ...{ modes: ['BRANCH_LEQ', 'BRANCH_LT'], unit: 2 ** -4, weightBits: 6, every: true, early: 0.1 },
      ...{ low: -span, high: span, scale: x.scale },
    })
    kit.nodes.push(oldNode(ensemble, x.name))
    kit.output('scores', 'float', [1, 1])
    return
  }
  const end = pick(random, ['integers', 'floats', 'accumulator', 'argmax', 'softmax'] as const)
  const oneGrid = style.powersOfTwo || !style.perChannel
  if (x.shape.length === 2 && end === 'accumulator' && !style.fused && oneGrid) {
    kit.output(denseSum(shop, x, 1 + random.integer(3)).name, 'float')
    return
  }
  if (x.shape.length === 2 && x.shape[1]! > 1 && (end === 'argmax' || end === 'softmax')) {
    const scores = end === 'softmax' ? kit.node('Softmax', [x.name], { axis: 1 }) : x.name
    kit.output(kit.node('ArgMax', [scores], { axis: 1, keepdims: random.integer(2) }), 'int64')
    return
  }
  const integers = end === 'integers' ? x.integers : undefined
  const producer = kit.nodes.find((node) => node.outputs[0] === integers)
  const zero =
    producer?.operator === 'Clip' ? undefined : kit.tensors.find(({ name }) => name === producer?.inputs[2])
  if (integers === undefined || zero === undefined) kit.output(x.name, 'float')
  else kit.outputs.push({ name: integers, type: zero.type })
}
