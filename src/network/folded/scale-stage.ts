import { GemgateError } from '../../core/errors.ts'
import { scale } from '../graph/ranges.ts'
import type { Rounding, ScalarFunction } from '../graph/scalar-function.ts'
import {
  type FunctionStage,
  instanceText,
  ofKind,
  ports,
  type StageContext,
  type StageFunctions,
  signedBits,
  signedBitsOf,
  wiresAfter,
} from './function-stage.ts'
import { addressBits, packWord } from './memory.ts'

/** The parameters of `hdl/network/folded_scale.sv` for one output. */
interface Scale {
  readonly multiply: number
  readonly addPositive: number
  readonly addNegative: number
  readonly even: number
  readonly shift: number
  readonly low: number
  readonly high: number
}

/** Affine functions, rounding shifts and multiply-shifts: one unit does them all. */
export function scaleStage(context: StageContext, functions: StageFunctions): FunctionStage {
  const scales = scalesOf(functions, context.outputs, context.reloadable ? context.outputs : undefined)
  const most = (of: (s: Scale) => number): number => scales.reduce((top, s) => Math.max(top, of(s)), 0)
  const { reloadable, inBits, outBits, indexBits, at, name } = context
  const hasMultiply = reloadable || scales.some((s) => s.multiply !== 1)
  const multiplyBits = signedBitsOf(scales.map((s) => s.multiply))
  // A reloadable unit takes any rounding shift.
  const deepest = Math.max(
    reloadable ? inBits : 0,
    most((s) => s.shift),
  )
  const shiftBits = addressBits(deepest + 1)
  const exact = sumBits(scales, functions, context.outputs)
  const addends = signedBitsOf(scales.flatMap((s) => [s.addPositive, s.addNegative]))
  const addBits = reloadable ? Math.max(addends, inBits + 1) : addends
  const sumWidth = Math.max(outBits, reloadable ? Math.max(inBits + multiplyBits, addBits) + 1 : exact)
  const hasLimits = reloadable || functions.to.some((_, j) => isLimited(scaleAt(scales, j), functions, j))
  const fields = [
    { name: 'multiply', bits: multiplyBits, signed: true },
    { name: 'add_positive', bits: addBits, signed: true },
    { name: 'add_negative', bits: addBits, signed: true },
    { name: 'even', bits: 1, signed: false },
    { name: 'shift', bits: shiftBits, signed: false },
    { name: 'low', bits: outBits, signed: true },
    { name: 'high', bits: outBits, signed: true },
  ]
  const shape = { name: `${name}_f${at}_scale`, depth: scales.length, fields }
  const word = `f${at}_word`
  let low = 0
  const slices = fields.map((field) => {
    const slice = `${word}[${low + field.bits - 1}:${low}]`
    low += field.bits
    if (!field.name.startsWith('add')) return `.${field.name}(${slice})`
    return `.${field.name}(${sumWidth}'($signed(${slice})))`
  })
  const parameters = {
    X_BITS: inBits,
    Y_BITS: outBits,
    MULTIPLY_BITS: multiplyBits,
    SUM_BITS: sumWidth,
    SHIFT_BITS: shiftBits,
    INDEX_BITS: indexBits,
    HAS_MULTIPLY: hasMultiply ? "1'b1" : "1'b0",
    HAS_LIMITS: hasLimits ? "1'b1" : "1'b0",
  }
  const next = at + 1
  const results = [`.m_valid(f${next}_valid)`, `.m_index(f${next}_index)`, `.m_y(f${next}_x)`]
  return {
    latency: hasMultiply ? 4 : 3,
    outBits,
    memories: [
      {
        shape,
        purpose: 'factor, summand, shift and limits of each output',
        address: scales.length > 1 ? `f${at}_index` : "1'b0",
        enable: `advance & f${at}_valid`,
        wire: word,
      },
    ],
    lines: [
      ...wiresAfter(context, outBits),
      instanceText('folded_scale', `scale_${at}`, parameters, [...ports(context), ...slices, ...results]),
    ],
    library: ['folded_scale.sv'],
    resources: {
      // A shift by a constant is wires; one by a parameter takes a multiplexer for each of its bits.
      luts: sumWidth * (scales.length > 1 ? 2 + shiftBits : 2) + outBits * 3,
      ffs: inBits + sumWidth * (hasMultiply ? 2 : 1) + outBits + 4 * indexBits,
      dsps: hasMultiply ? Math.ceil(inBits / 25) * Math.ceil(multiplyBits / 18) : 0,
    },
    words: (given) => {
      const made = scalesOf(given, context.outputs, scales.length)
      if (sumBits(made, given, context.outputs) > sumWidth)
        throw new GemgateError(
          'GG_MODEL_UNSUPPORTED',
          `the functions of '${given.name}' need more than the ${sumWidth} bits of ${shape.name}`,
          'Build the module for numbers of this size.',
        )
      return [
        made.map((s) =>
          packWord(shape, [s.multiply, s.addPositive, s.addNegative, s.even, s.shift, s.low, s.high]),
        ),
      ]
    },
  }
}

/** One for all outputs where that says everything, else one for each; `count` demands a number of them. */
function scalesOf(stage: StageFunctions, outputs: number, count?: number): Scale[] {
  const functions = ofKind(stage, 'affine', 'round', 'multiply-shift')
  const one = (j: number): Scale =>
    scaleOf(functions[functions.length === 1 ? 0 : j]!, stage.to[j]!.min, stage.to[j]!.max)
  const all = Array.from({ length: outputs }, (_, j) => one(j))
  const shared = functions.length === 1
  if (count === undefined ? !shared : count === outputs) return all
  const low = Math.min(...all.map((s) => s.low))
  const high = Math.max(...all.map((s) => s.high))
  return [{ ...all[0]!, low, high }]
}

/** @param min and `max` of what the function gives: limits beyond them do nothing and may be wide */
function scaleOf(f: ScalarFunction, min: number, max: number): Scale {
  const limits = { low: min, high: max }
  switch (f.kind) {
    case 'affine':
      return { multiply: f.multiply, addPositive: f.add, addNegative: f.add, even: 0, shift: 0, ...limits }
    case 'multiply-shift':
      if (f.shift < 0)
        return scaleOf(
          { ...f, multiply: f.multiply * 2 ** -f.shift, add: f.add * 2 ** -f.shift, shift: 0 },
          min,
          max,
        )
      return {
        multiply: f.multiply,
        addPositive: f.add,
        addNegative: f.add,
        even: 0,
        shift: f.shift,
        ...limits,
      }
    case 'round': {
      const shift = Math.max(0, f.shift)
      const [addPositive, addNegative] = shift === 0 ? [0, 0] : summands(f.rounding, shift)
      const even = shift > 0 && f.rounding === 'half-even' ? 1 : 0
      return { multiply: 2 ** Math.max(0, -f.shift), addPositive, addNegative, even, shift, ...limits }
    }
    default:
      throw new Error(`${f.kind} is no scale`)
  }
}

/** What is added before a shift by `shift` > 0, for arguments of 0 and more and for negative ones. */
function summands(rounding: Rounding, shift: number): [number, number] {
  const one = 2 ** shift
  const half = one / 2
  switch (rounding) {
    case 'floor':
      return [0, 0]
    case 'ceil':
      return [one - 1, one - 1]
    case 'up':
      return [one - 1, 0]
    case 'down':
      return [0, one - 1]
    case 'half-even':
      return [half - 1, half - 1]
    case 'half-up':
      return [half, half - 1]
    case 'half-down':
      return [half - 1, half]
  }
}

function scaleAt(scales: readonly Scale[], j: number): Scale {
  return scales[scales.length === 1 ? 0 : j]!
}

/** Signed bits that hold product and sum of every output. */
function sumBits(scales: readonly Scale[], stage: StageFunctions, outputs: number): number {
  let bits = 1
  for (let j = 0; j < outputs; j++) {
    const s = scaleAt(scales, j)
    const product = scale(stage.from[j]!, s.multiply)
    const low = product.min + Math.min(s.addPositive, s.addNegative)
    const high = product.max + Math.max(s.addPositive, s.addNegative) + s.even
    bits = Math.max(bits, signedBits(product), signedBits({ min: low, max: high, step: 1 }))
  }
  return bits
}

/** Whether the limits of a function cut anything off. */
function isLimited(s: Scale, stage: StageFunctions, j: number): boolean {
  const f = stage.functions[stage.functions.length === 1 ? 0 : j]!
  if (f.kind === 'affine') return false
  const product = scale(stage.from[j]!, s.multiply)
  const low = Math.floor((product.min + Math.min(s.addPositive, s.addNegative)) / 2 ** s.shift)
  const high = Math.floor((product.max + Math.max(s.addPositive, s.addNegative) + s.even) / 2 ** s.shift)
  return low < s.low || high > s.high
}
