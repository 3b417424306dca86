import { type Rounding, roundQuotient } from '../../graph/scalar-function.ts'
import { floatRounding, roundHalfToEven } from '../element-types.ts'
import type { Operator, OperatorCall } from '../operator-call.ts'
import { countElements, type Tensor } from '../tensor.ts'
import { broadcastDims, expandTo } from './broadcast.ts'
import { expandOnto } from './matrix.ts'

const roundings: Readonly<Record<string, Rounding>> = {
  ROUND: 'half-even',
  HALF_EVEN: 'half-even',
  CEIL: 'ceil',
  FLOOR: 'floor',
  UP: 'up',
  DOWN: 'down',
  ROUND_TO_ZERO: 'down',
  HALF_UP: 'half-up',
  HALF_DOWN: 'half-down',
}

/** The rounding that a QONNX attribute names. */
function roundingOf(call: OperatorCall, missing: string): (x: number) => number {
  const name = call.text('rounding_mode', missing).toUpperCase()
  const rounding = Object.hasOwn(roundings, name) ? roundings[name] : undefined
  if (rounding === undefined)
    throw call.refuse(`its rounding_mode is '${name}'`, `Use one of ${Object.keys(roundings).join(', ')}.`)
  return (x) => (Number.isFinite(x) ? roundQuotient(x, 0, rounding) : x)
}

/** Smallest and largest integer of QONNX's type; the width may be a fraction. */
export function qonnxRange(bits: number, signed: boolean, narrow: boolean): readonly [number, number] {
  const half = 2 ** (bits - 1)
  if (signed) return [narrow ? -half + 1 : -half, half - 1]
  return [0, 2 ** bits - (narrow ? 2 : 1)]
}

function onto(call: OperatorCall, at: number, dims: readonly number[]): Float64Array {
  return expandOnto(call, call.input(at), dims)
}

/** `Quant` and `IntQuant`: the zero point is added before rounding, and the clip comes before it. */
const quant: Operator = (call) => {
  const x = call.float(0)
  const signed = call.flag('signed', true)
  const narrow = call.flag('narrow', true)
  const round = roundingOf(call, 'ROUND')
  const dims = broadcastDims(call, x.dims, call.input(1).dims)
  const data = expandTo(call, x, dims).slice()
  const [scales, zeros, widths] = [onto(call, 1, dims), onto(call, 2, dims), onto(call, 3, dims)]
  const float = floatRounding(x.type, call.precision)
  for (let i = 0; i < data.length; i++) {
    const shifted = float(float(data[i]! / scales[i]!) + zeros[i]!)
    const [min, max] = qonnxRange(widths[i]!, signed, narrow)
    // One signed bit stands for -1 and +1.
    const integer =
      signed && widths[i] === 1 ? (shifted >= 0 ? 1 : -1) : round(Math.min(max, Math.max(min, shifted)))
    data[i] = float(integer - zeros[i]!) * scales[i]!
  }
  return [call.make(x.type, dims, data)]
}

/** +scale for 0 and above, -scale below. */
const bipolarQuant: Operator = (call) => {
  const x = call.float(0)
  const scales = onto(call, 1, x.dims)
  const data = call.allocate(x.dims)
  for (let i = 0; i < data.length; i++) data[i] = x.data[i]! >= 0 ? scales[i]! : -scales[i]!
  return [call.make(x.type, x.dims, data)]
}

/**
 * Drops low bits. Version 1 has five inputs (x, scale, zero point, input bits, output bits) and keeps the
 * scale; version 2 has seven (..., output scale, output zero point, output bits), clips and takes the new scale.
 */
const trunc: Operator = (call) => {
  const x = call.float(0)
  const { dims } = x
  const round = roundingOf(call, 'FLOOR')
  const float = floatRounding(x.type, call.precision)
  const second = call.inputCount >= 7
  const [scales, zeros, bits] = [onto(call, 1, dims), onto(call, 2, dims), onto(call, 3, dims)]
  const signed = call.flag('signed', true)
  const narrow = call.flag('narrow', false)
  const outScales = second ? onto(call, 4, dims) : scales
  const outBits = onto(call, second ? 6 : 4, dims)
  const data = call.allocate(dims)
  for (let i = 0; i < data.length; i++) {
    const integer = roundHalfToEven(float(float(x.data[i]! / scales[i]!) + zeros[i]!))
    const shift = second
      ? 2 ** roundHalfToEven(Math.log2(outScales[i]! / scales[i]!))
      : 2 ** (bits[i]! - outBits[i]!)
    const [min, max] = qonnxRange(outBits[i]!, signed, narrow)
    const quotient = float(integer / shift)
    const kept = round(second ? Math.min(max, Math.max(min, quotient)) : quotient)
    data[i] = float(kept - (second ? float(zeros[i]! / shift) : zeros[i]!)) * outScales[i]!
  }
  return [call.make(x.type, dims, data)]
}

/** How many thresholds of its channel an element reaches, times `out_scale`, plus `out_bias`. */
const multiThreshold: Operator = (call) => {
  call.ignore('out_dtype')
  const [x, thresholds] = [call.float(0), call.float(1)]
  const scale = Math.fround(call.number('out_scale', 1))
  const bias = Math.fround(call.number('out_bias', 0))
  const layout = call.text('data_layout', 'NCHW')
  const axis = layout.indexOf('C')
  if (axis < 0) throw call.refuse(`its data_layout is '${layout}'`, 'Use NC, NCHW, NHWC or the like.')
  const [rows = 0, count = 0] = thresholds.dims
  const place = axis === layout.length - 1 ? x.dims.length - 1 : Math.min(axis, x.dims.length - 1)
  const channels = x.dims[place] ?? 1
  if (thresholds.dims.length !== 2 || (rows !== 1 && rows !== channels))
    throw call.malformed(`thresholds [${thresholds.dims.join(', ')}] do not fit ${channels} channels`)
  const inner = countElements(x.dims.slice(place + 1))
  const data = call.allocate(x.dims)
  call.spend(data.length * count)
  for (let i = 0; i < data.length; i++) {
    const row = rows === 1 ? 0 : Math.floor(i / inner) % channels
    let reached = 0
    for (let k = row * count; k < (row + 1) * count; k++) if (x.data[i]! >= thresholds.data[k]!) reached++
    data[i] = reached * scale + bias
  }
  return [call.make(x.type, x.dims, data)]
}

const floatQuant: Operator = (call): Tensor[] => {
  throw call.refuse('it quantizes to minifloats', 'Quantize to integers (IntQuant).')
}

/** QONNX: quantizers whose results are still floats. */
export const qonnx: Readonly<Record<string, Operator>> = {
  Quant: quant,
  IntQuant: quant,
  BipolarQuant: bipolarQuant,
  Trunc: trunc,
  FloatQuant: floatQuant,
  MultiThreshold: multiThreshold,
}
