import { GemgateError } from '../../core/errors.ts'
import {
  type FunctionStage,
  instanceText,
  ofKind,
  ports,
  type StageContext,
  type StageFunctions,
  signedBitsOf,
  wiresAfter,
} from './function-stage.ts'
import { packWord } from './memory.ts'

/** float32 scales: onnxruntime's arithmetic in integers. */
export function float32Stage(context: StageContext, functions: StageFunctions): FunctionStage {
  const { name, at, inBits, indexBits, outputs, reloadable } = context
  const given = ofKind(functions, 'float32-scale')
  const shared = !reloadable && given.length === 1
  const count = shared ? 1 : outputs
  const outBits = Math.max(context.outBits, signedBitsOf(given.flatMap((f) => [f.zeroPoint, f.min, f.max])))
  // Every exponent of a float32 significand of 24 bits, subnormal ones normalised: -172 ... 104.
  const exponentBits = reloadable ? 9 : signedBitsOf(given.map((f) => splitFloat(f.multiplier).exponent))
  const shape = {
    name: `${name}_f${at}_float`,
    depth: count,
    fields: [
      { name: 'significand', bits: 24, signed: false },
      { name: 'exponent', bits: exponentBits, signed: true },
      { name: 'zero_point', bits: outBits, signed: true },
      { name: 'low', bits: outBits, signed: true },
      { name: 'high', bits: outBits, signed: true },
    ],
  }
  const word = `f${at}_word`
  let low = 0
  const slices = shape.fields.map((field) => {
    const slice = `.${field.name}(${word}[${low + field.bits - 1}:${low}])`
    low += field.bits
    return slice
  })
  const next = at + 1
  const parameters = { X_BITS: inBits, Y_BITS: outBits, EXPONENT_BITS: exponentBits, INDEX_BITS: indexBits }
  return {
    latency: 7,
    outBits,
    memories: [
      {
        shape,
        purpose: 'multiplier, zero point and limits of each output',
        address: shared ? "1'b0" : `f${at}_index`,
        enable: `advance & f${at}_valid`,
        wire: word,
      },
    ],
    lines: [
      ...wiresAfter(context, outBits),
      instanceText('folded_float32', `float32_${at}`, parameters, [
        ...ports(context),
        ...slices,
        `.m_valid(f${next}_valid)`,
        `.m_index(f${next}_index)`,
        `.m_y(f${next}_x)`,
      ]),
    ],
    library: ['folded_float32.sv', 'float32_round.sv'],
    // Two normalisations of about 5 shift levels each, one more shift, limits.
    resources: { luts: 500 + 6 * inBits + 8 * outBits, ffs: 300 + inBits + 15 * outBits, dsps: 2 },
    words: (stage) => {
      const all = ofKind(stage, 'float32-scale')
      return [
        Array.from({ length: count }, (_, j) => {
          const f = all[all.length === 1 ? 0 : j]!
          const { significand, exponent } = splitFloat(f.multiplier)
          return packWord(shape, [significand, exponent, f.zeroPoint, f.min, f.max])
        }),
      ]
    },
  }
}

/** A float32 above 0 as significand * 2^exponent with 2^23 <= significand < 2^24. */
export function splitFloat(multiplier: number): { significand: number; exponent: number } {
  if (!(Math.fround(multiplier) > 0 && Math.fround(multiplier) < Number.POSITIVE_INFINITY))
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `${multiplier} is no multiplier of a quantized operator`,
      'Scales are float32 numbers above 0.',
    )
  let significand = Math.fround(multiplier)
  let exponent = 0
  while (significand < 2 ** 23) {
    significand *= 2
    exponent--
  }
  while (significand >= 2 ** 24) {
    significand /= 2
    exponent++
  }
  return { significand, exponent }
}
