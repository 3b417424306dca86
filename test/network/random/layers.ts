import type { Random } from '../../../src/core/random.ts'
import type { ModelKit } from '../import/model-kit.ts'
import { type Activation, bias, chance, type NumberStyle, pick, quantize, weights } from './number-style.ts'

/** What a random network is being built with. */
export interface Workshop {
  readonly random: Random
  readonly kit: ModelKit
  readonly style: NumberStyle
}

/** A float tensor that is not quantized yet. */
export type Floating = Omit<Activation, 'scale' | 'integers'>

/** Gemm, or MatMul and Add, without quantization. */
export function denseSum(shop: Workshop, x: Activation, outputs: number): Floating {
  const { random, kit, style } = shop
  const inputs = x.shape[1]!
  const transposed = chance(random, 0.5)
  const withGemm = transposed || chance(random, 0.5)
  const dims = transposed ? [outputs, inputs] : [inputs, outputs]
  const w = weights(random, kit, style, dims, transposed ? 0 : 1, inputs)
  const size = x.size * w.size * Math.sqrt(inputs)
  const withBias = chance(random, 0.8)
  const b = withBias ? bias(random, kit, style, outputs, x.scale, w.scales, size / 2) : ''
  const shape = [1, outputs]
  if (withGemm) {
    const name = kit.node(
      'Gemm',
      withBias ? [x.name, w.name, b] : [x.name, w.name],
      transposed ? { transB: 1 } : {},
    )
    return { name, shape, size }
  }
  const product = kit.node('MatMul', [x.name, w.name])
  return { name: withBias ? kit.node('Add', [product, b]) : product, shape, size }
}

/** Conv without quantization; keeps the picture's size when `same`. */
export function convSum(shop: Workshop, x: Activation, outputs: number, same = false): Floating {
  const { random, kit, style } = shop
  const [, channels, height, width] = x.shape as [number, number, number, number]
  const side = (most: number): number => (same ? pick(random, [1, 3]) : 1 + random.integer(Math.min(3, most)))
  const kernel = [side(height), side(width)] as const
  const pads = same
    ? [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2, (kernel[0] - 1) / 2, (kernel[1] - 1) / 2]
    : chance(random, 0.5)
      ? [0, 0, 0, 0]
      : kernel.concat(kernel).map((k) => random.integer(k))
  const strides = same ? [1, 1] : [1 + random.integer(2), 1 + random.integer(2)]
  const group = channels > 1 && outputs % channels === 0 && chance(random, 0.3) ? channels : 1
  const dims = [outputs, channels / group, ...kernel]
  const fanIn = (channels / group) * kernel[0] * kernel[1]
  const w = weights(random, kit, style, dims, 0, fanIn)
  const size = x.size * w.size * Math.sqrt(fanIn)
  const inputs = [x.name, w.name]
  if (chance(random, 0.8)) inputs.push(bias(random, kit, style, outputs, x.scale, w.scales, size / 2))
  const name = kit.node('Conv', inputs, { kernel_shape: [...kernel], pads, strides, group })
  const length = (axis: 0 | 1, all: number): number =>
    Math.floor((all + pads[axis]! + pads[axis + 2]! - kernel[axis]) / strides[axis]!) + 1
  return { name, shape: [1, outputs, length(0, height), length(1, width)], size }
}

/** A function of each number, then a quantizer. */
export function activate(shop: Workshop, x: Floating): Activation {
  const { random, kit, style } = shop
  const numbers = { shape: x.shape, size: x.size }
  const quantized = (name: string, unsigned = false): Activation =>
    quantize(random, kit, style, { name, ...numbers }, unsigned)
  const common = ['none', 'relu', 'relu', 'clip'] as const
  const free = style.fused ? [] : (['leaky', 'shifted'] as const)
  const real = style.activations === 'quant' ? (['normalized', 'thresholds'] as const) : []
  // Each of its integers is looked at: too many for wide numbers.
  const smooth = style.activations === 'quant' && style.activationBits[1] <= 8 ? (['tanh'] as const) : []
  switch (pick(random, [...common, ...free, ...real, ...smooth])) {
    case 'relu':
      return quantized(kit.node('Relu', [x.name]), true)
    case 'clip': {
      const high = 2 ** Math.round(Math.log2(x.size))
      const limits = [kit.float(pick(random, [0, -high / 2])), kit.float(high)]
      return quantized(kit.node('Clip', [x.name, ...limits]), chance(random, 0.5))
    }
    case 'leaky':
      return quantized(kit.node('LeakyRelu', [x.name], { alpha: { float: pick(random, [0.125, 0.5]) } }))
    case 'shifted': {
      const step = 2 ** Math.round(Math.log2(x.size) - 2)
      const doubled = kit.node('Mul', [x.name, kit.float(pick(random, [0.5, 2, -1]))])
      return quantized(kit.node(pick(random, ['Add', 'Sub']), [doubled, kit.float(step)]))
    }
    case 'normalized':
      return quantized(normalize(shop, x))
    case 'thresholds':
      return { ...thresholds(shop, x), shape: x.shape }
    case 'tanh':
      return quantize(random, kit, style, {
        name: kit.node('Tanh', [x.name]),
        shape: x.shape,
        size: Math.min(0.5, x.size),
      })
    default:
      return quantized(x.name)
  }
}

function normalize({ random, kit }: Workshop, x: Floating): string {
  const channels = x.shape[1]!
  const each = (of: () => number): string => kit.floats(Array.from({ length: channels }, of))
  const scale = each(() => (chance(random, 0.2) ? -1 : 1) * (0.5 + random.uniform()))
  const shift = each(() => x.size * (random.uniform() - 0.5))
  const mean = each(() => x.size * (random.uniform() - 0.5))
  const variance = each(() => 0.5 + random.uniform())
  return kit.node('BatchNormalization', [x.name, scale, shift, mean, variance], { epsilon: { float: 1e-5 } })
}

/** MultiThreshold with three ascending thresholds for each channel. */
function thresholds({ random, kit }: Workshop, x: Floating): Pick<Activation, 'name' | 'scale' | 'size'> {
  const channels = chance(random, 0.5) ? x.shape[1]! : 1
  const rows = Array.from({ length: channels }, () =>
    Array.from({ length: 3 }, () => Math.fround(x.size * (2 * random.uniform() - 1))).sort((a, b) => a - b),
  )
  const matrix = kit.floats(rows.flat(), [channels, 3])
  const attributes = { out_scale: { float: 0.5 }, out_bias: { float: -0.5 }, out_dtype: 'INT2' }
  return {
    name: kit.node('MultiThreshold', [x.name, matrix], attributes, 'qonnx.custom_op.general'),
    scale: 0.5,
    size: 0.5,
  }
}

/** Max or average pooling of a picture. */
export function pool(shop: Workshop, x: Activation): Activation {
  const { random, kit, style } = shop
  const [, channels, height, width] = x.shape as [number, number, number, number]
  if (chance(random, 0.25)) {
    const shape = [1, channels, 1, 1]
    if (style.fused || chance(random, 0.4)) return { ...x, name: kit.node('GlobalMaxPool', [x.name]), shape }
    return quantize(random, kit, style, {
      name: kit.node('GlobalAveragePool', [x.name]),
      shape,
      size: x.size / 2,
    })
  }
  const kernel = [Math.min(1 + random.integer(3), height), Math.min(1 + random.integer(3), width)]
  const strides = chance(random, 0.5) ? [...kernel] : [1 + random.integer(2), 1 + random.integer(2)]
  const pads = chance(random, 0.7) ? [0, 0, 0, 0] : [...kernel, ...kernel].map((k) => random.integer(k))
  const length = (axis: 0 | 1, all: number): number =>
    Math.floor((all + pads[axis]! + pads[axis + 2]! - kernel[axis]!) / strides[axis]!) + 1
  const shape = [1, channels, length(0, height), length(1, width)]
  const window = { kernel_shape: kernel, strides, pads }
  if (style.fused || chance(random, 0.6)) return { ...x, name: kit.node('MaxPool', [x.name], window), shape }
  const name = kit.node('AveragePool', [x.name], { ...window, count_include_pad: random.integer(2) })
  return quantize(random, kit, style, { name, shape, size: x.size })
}

/** Moves the elements without changing them. */
export function rearrange(shop: Workshop, x: Activation): Activation {
  const { random, kit } = shop
  const count = x.shape.reduce((a, b) => a * b, 1)
  if (x.shape.length === 4) {
    const [, c, h, w] = x.shape as [number, number, number, number]
    if (chance(random, 0.3)) {
      const pads = kit.ints([0, 0, 1, 0, 0, 0, 0, 1])
      return { ...x, name: kit.node('Pad', [x.name, pads]), shape: [1, c, h + 1, w + 1] }
    }
    if (chance(random, 0.5))
      return { ...x, name: kit.node('Transpose', [x.name], { perm: [0, 1, 3, 2] }), shape: [1, c, w, h] }
    return { ...x, name: kit.node('Transpose', [x.name], { perm: [0, 2, 3, 1] }), shape: [1, h, w, c] }
  }
  if (count % 2 === 0 && chance(random, 0.7)) {
    const pairs = kit.node('Reshape', [x.name, kit.ints([1, 2, count / 2])])
    const turned = kit.node('Transpose', [pairs], { perm: [0, 2, 1] })
    return { ...x, name: kit.node('Reshape', [turned, kit.ints([1, count])]), shape: [1, count] }
  }
  const kept = Math.max(1, count - 1)
  const name = kit.node('Slice', [x.name, kit.ints([0]), kit.ints([kept]), kit.ints([1])])
  return { ...x, name, shape: [1, kept] }
}

export function flatten(shop: Workshop, x: Activation): Activation {
  if (x.shape.length === 2) return x
  const count = x.shape.reduce((a, b) => a * b, 1)
  const name = chance(shop.random, 0.5)
    ? shop.kit.node('Flatten', [x.name])
    : shop.kit.node('Reshape', [x.name, shop.kit.ints([1, count])])
  return { ...x, name, shape: [1, count] }
}

/** The sum of two tensors of one shape. */
export function residual(shop: Workshop, a: Activation, b: Activation): Activation {
  const subtract = chance(shop.random, 0.2)
  const name = shop.kit.node(subtract ? 'Sub' : 'Add', [a.name, b.name])
  return activate(shop, { name, shape: a.shape, size: Math.hypot(a.size, b.size) })
}

export function concat(shop: Workshop, a: Activation, b: Activation): Activation {
  const name = shop.kit.node('Concat', [a.name, b.name], { axis: 1 })
  const shape = a.shape.map((size, axis) => (axis === 1 ? size + b.shape[1]! : size))
  return quantize(shop.random, shop.kit, shop.style, { name, shape, size: Math.max(a.size, b.size) })
}
