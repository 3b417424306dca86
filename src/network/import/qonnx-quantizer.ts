import { GemgateError } from '../../core/errors.ts'
import type { Rounding } from '../graph/scalar-function.ts'
import { inexact, nodeLabel, unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { qonnxRange } from '../reference/operators/qonnx.ts'
import { broadcastIndices, type Constant } from './constant.ts'
import type { Quantizer } from './quantizer.ts'

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
export function qonnxRounding(node: OnnxNode, missing: string): Rounding {
  const attribute = node.attributes.find(({ name }) => name === 'rounding_mode')
  const name = attribute?.kind === 'string' ? attribute.value.toUpperCase() : missing
  const rounding = Object.hasOwn(roundings, name) ? roundings[name] : undefined
  if (rounding !== undefined) return rounding
  throw unsupported(node, `rounding_mode '${name}'`, `Use one of ${Object.keys(roundings).join(', ')}.`)
}

export function flag(node: OnnxNode, name: string, missing: boolean): boolean {
  const attribute = node.attributes.find((one) => one.name === name)
  return attribute?.kind === 'int' ? attribute.value !== 0 : missing
}

/** The scale of a quantizer, checked: a positive normal float32. */
export function checkScale(node: OnnxNode, scale: number): number {
  if (scale >= 2 ** -126 && scale < 2 ** 127) return scale
  throw new GemgateError(
    'GG_MODEL_FORMAT',
    `${nodeLabel(node)}: scale ${scale}`,
    'Scales must be positive normal numbers; quantize the network again.',
  )
}

/** The quantizer of each element of a `Quant`, `IntQuant` or `BipolarQuant` whose result has `shape`. */
export function qonnxQuantizer(
  node: OnnxNode,
  inputs: readonly (Constant | undefined)[],
  shape: readonly number[],
): (element: number) => Quantizer {
  const made = new Map<string, Quantizer>()
  let uniform = true
  const parameter = (at: number): ((i: number) => number) => {
    const constant = inputs[at]
    if (constant === undefined) return () => 0
    if (constant.values.length === 1) return () => constant.values[0]!
    uniform = false
    const indices = broadcastIndices(constant.shape, shape)
    return (i) => constant.values[indices[i]!]!
  }
  const [scaleAt, zeroAt, bitsAt] = [parameter(1), parameter(2), parameter(3)]
  const make = (i: number): Quantizer => {
    const [scale, zero, bits] = [checkScale(node, scaleAt(i)), zeroAt(i), bitsAt(i)]
    const key = `${scale} ${zero} ${bits}`
    let quantizer = made.get(key)
    if (quantizer === undefined) {
      quantizer = node.operator === 'BipolarQuant' ? bipolar : integerQuantizer(node, scale, zero, bits)
      made.set(key, quantizer)
    }
    return quantizer
  }
  if (!uniform) return make
  let only: Quantizer | undefined
  return (i) => (only ??= make(i))
}

const bipolar: Quantizer = { kind: 'steps', thresholds: [0], outputs: [-1, 1] }

function integerQuantizer(node: OnnxNode, scale: number, zero: number, bits: number): Quantizer {
  if (!Number.isInteger(zero))
    throw inexact(node, `its zero point is ${zero}, not an integer`, 'Quantize with an integer zero point.')
  const signed = flag(node, 'signed', true)
  const [min, max] = qonnxRange(bits, signed, flag(node, 'narrow', true))
  if (!(bits > 0 && bits <= 32) || !(min <= max))
    throw new GemgateError('GG_MODEL_FORMAT', `${nodeLabel(node)}: ${bits} bits`, 'Use 1 to 32 bits.')
  // One signed bit stands for -1 and +1.
  if (signed && bits === 1)
    return { kind: 'steps', thresholds: [zero === 0 ? 0 : -zero * scale], outputs: [-1 - zero, 1 - zero] }
  if (!Number.isInteger(min) || !Number.isInteger(max))
    throw inexact(node, `its width is ${bits} bits, not a whole number`, 'Use whole numbers of bits.')
  return {
    kind: 'uniform',
    scale,
    shift: zero,
    rounding: qonnxRounding(node, 'ROUND'),
    min,
    max,
    resultOffset: -zero,
  }
}
