import type { Random } from '../../../src/core/random.ts'
import type { Carrier, ModelKit } from '../import/model-kit.ts'

/** How a random network writes its numbers. */
export interface NumberStyle {
  /** QuantizeLinear and DequantizeLinear; the same with a Clip between (QCDQ); or QONNX's Quant. */
  readonly activations: 'qdq' | 'qcdq' | 'quant'
  readonly activationBits: readonly [number, number]
  readonly weights: 'int8' | 'int4' | 'quant'
  readonly weightBits: readonly [number, number]
  /** Scales are powers of two; otherwise any float32. */
  readonly powersOfTwo: boolean
  readonly perChannel: boolean
  readonly zeroPoints: boolean
  /** Keeps to what ONNX Runtime's fused operators take: one carrier for all, Relu and Clip only. */
  readonly fused: boolean
}

/** A float tensor whose numbers are integers times a scale. */
export interface Activation {
  readonly name: string
  /** The integers themselves, where the file has them as a tensor. */
  readonly integers?: string
  /** With a batch axis of 1. */
  readonly shape: readonly number[]
  readonly scale: number
  /** Typical size of its numbers. */
  readonly size: number
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
export const between = (random: Random, [low, high]: readonly [number, number]): number =>
  low + random.integer(high - low + 1)
export const chance = (random: Random, share: number): boolean => random.uniform() < share

const roundings = ['ROUND', 'CEIL', 'FLOOR', 'UP', 'DOWN', 'HALF_UP', 'HALF_DOWN', 'ROUND_TO_ZERO']
const quantDomain = 'qonnx.custom_op.general'

/** A scale near a number. */
export function scaleNear(random: Random, style: NumberStyle, size: number): number {
  const power = 2 ** Math.round(Math.log2(size))
  return style.powersOfTwo ? power : Math.fround(power * (0.7 + 0.6 * random.uniform()))
}

/** The quantizer of the network's input, which is the host's work: at least two bits, to the nearest. */
export function quantizeInput(
  random: Random,
  kit: ModelKit,
  style: NumberStyle,
  x: Omit<Activation, 'scale'>,
): Activation {
  const [low, high] = style.activationBits
  return quantize(random, kit, { ...style, activationBits: [Math.max(2, low), high] }, x, false, ['ROUND'])
}

/** Quantizes a float tensor so that its numbers use most of the range. */
export function quantize(
  random: Random,
  kit: ModelKit,
  style: NumberStyle,
  x: Omit<Activation, 'scale'>,
  wantUnsigned = false,
  modes: readonly string[] = roundings,
): Activation {
  const unsigned = wantUnsigned && !style.fused
  const bits = between(random, style.activationBits)
  const span = unsigned ? 2 ** bits : 2 ** (bits - 1)
  const scale = scaleNear(random, style, (x.size * 2.5) / span)
  const known = { shape: x.shape, scale, size: Math.min(x.size, span * scale) }
  if (style.activations === 'quant') {
    if (bits === 1)
      return { name: kit.node('BipolarQuant', [x.name, kit.float(scale)], {}, quantDomain), ...known }
    const attributes = {
      signed: unsigned ? 0 : 1,
      narrow: random.integer(2),
      rounding_mode: chance(random, 0.5) ? 'ROUND' : pick(random, modes),
    }
    const name = kit.node(
      'Quant',
      [x.name, kit.float(scale), kit.float(0), kit.float(bits)],
      attributes,
      quantDomain,
    )
    return { name, ...known }
  }
  const carrier: Carrier = bits > 8 ? (unsigned ? 'uint16' : 'int16') : unsigned ? 'uint8' : 'int8'
  const zero = style.zeroPoints && chance(random, 0.4) ? 1 + random.integer(9) : 0
  let integers = kit.quantize(x.name, scale, carrier, zero)
  if (style.activations === 'qcdq' && bits < 8) {
    const [low, high] = unsigned ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
    integers = kit.node('Clip', [
      integers,
      kit.constant(carrier, [], [low]),
      kit.constant(carrier, [], [high]),
    ])
  }
  return { name: kit.dequantize(integers, scale, carrier, zero), integers, ...known }
}

export interface Weights {
  readonly name: string
  /** One, or one for each output. */
  readonly scales: readonly number[]
  /** Typical size of a weight. */
  readonly size: number
}

/**
 * Weights such that the outputs are about as large as the inputs.
 * @param outputAxis axis of `dims` that counts outputs
 * @param fanIn inputs of one output
 */
export function weights(
  random: Random,
  kit: ModelKit,
  style: NumberStyle,
  dims: readonly number[],
  outputAxis: number,
  fanIn: number,
): Weights {
  const bits =
    style.weights === 'int4'
      ? Math.min(4, between(random, style.weightBits))
      : between(random, style.weightBits)
  const most = bits === 1 ? 1 : 2 ** (bits - 1) - 1
  const count = dims.reduce((a, b) => a * b, 1)
  const integer = (): number => (bits === 1 ? 2 * random.integer(2) - 1 : random.integer(2 * most + 1) - most)
  const values = Array.from({ length: count }, integer)
  const outputs = dims[outputAxis]!
  const channels = style.perChannel && chance(random, 0.6) ? outputs : 1
  const wanted = 1 / (0.6 * most * Math.sqrt(fanIn))
  const scales = Array.from({ length: channels }, () =>
    scaleNear(random, style, wanted * 2 ** (random.uniform() - 0.5)),
  )
  const size = 0.6 * most * scales[0]!
  if (style.weights !== 'quant') {
    const type = style.weights
    const q = kit.constant(type, dims, values)
    const zeros = kit.constant(type, channels === 1 ? [] : [channels], new Array(channels).fill(0))
    const scale = channels === 1 ? kit.float(scales[0]!) : kit.floats(scales)
    const name = kit.node('DequantizeLinear', [q, scale, zeros], channels === 1 ? {} : { axis: outputAxis })
    return { name, scales, size }
  }
  const inner = dims.slice(outputAxis + 1).reduce((a, b) => a * b, 1)
  const scaleAt = (i: number): number => scales[channels === 1 ? 0 : Math.floor(i / inner) % outputs]!
  const floats = kit.constant(
    'float',
    dims,
    values.map((value, i) => value * scaleAt(i)),
  )
  const shape = dims.map((_, axis) => (axis === outputAxis ? channels : 1))
  const scale = channels === 1 ? kit.float(scales[0]!) : kit.floats(scales, shape)
  const name =
    bits === 1
      ? kit.node('BipolarQuant', [floats, scale], {}, quantDomain)
      : kit.node(
          'Quant',
          [floats, scale, kit.float(0), kit.float(bits)],
          { signed: 1, narrow: 1, rounding_mode: 'ROUND' },
          quantDomain,
        )
  return { name, scales, size }
}

/** A bias in units of the accumulator: int32 behind DequantizeLinear, or floats. */
export function bias(
  random: Random,
  kit: ModelKit,
  style: NumberStyle,
  count: number,
  inputScale: number,
  weightScales: readonly number[],
  size: number,
): string {
  const scales = weightScales.map((scale) => Math.fround(inputScale * scale))
  const most = Math.max(1, Math.round(size / scales[0]!))
  const values = Array.from({ length: count }, () => random.integer(2 * most + 1) - most)
  const asFloats = style.weights === 'quant' || (style.powersOfTwo && chance(random, 0.3))
  if (!asFloats) return kit.bias(values, scales)
  return kit.floats(values.map((value, j) => value * scales[scales.length === 1 ? 0 : j]!))
}
