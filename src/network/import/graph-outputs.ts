import { GemgateError } from '../../core/errors.ts'
import { elementCount, type Range } from '../graph/integer-graph.ts'
import { hull, rangeBits } from '../graph/ranges.ts'
import { onnxTypes } from '../onnx/onnx-model.ts'
import { allIntegerRanges } from '../onnx/onnx-tensor.ts'
import { type Chain, sameChain } from './chain.ts'
import { exactForms, settleClips } from './exact-forms.ts'
import { floatInexactness } from './float-exact.ts'
import { type Importer, NodeImport } from './importer.ts'
import { linearForm, scaleNumber } from './linear-form.ts'
import { dequantization } from './matrix-product.ts'
import { channelsOf, layOut, type View } from './view.ts'

/** Makes a port for each output of the graph. */
export function bindOutputs(importer: Importer): void {
  const seen = new Set<string>()
  for (const { name } of importer.index.graph.outputs) {
    if (seen.has(name)) throw outputError('GG_MODEL_FORMAT', name, 'is listed twice')
    seen.add(name)
    bindOutput(importer, name)
  }
}

/** The port of one output. @throws GemgateError GG_MODEL_INEXACT when its numbers are on no grid */
export function bindOutput(importer: Importer, name: string): void {
  const binding = importer.binding(name)
  if (binding === undefined) throw outputError('GG_MODEL_FORMAT', name, 'is made by no node')
  if (binding.kind === 'refused') return
  if (binding.kind === 'constant')
    throw outputError('GG_MODEL_UNSUPPORTED', name, 'does not depend on the inputs')
  const shape = binding.shape.length > 1 && binding.shape[0] === 1 ? binding.shape.slice(1) : binding.shape
  const laid =
    layOut(importer.builder, binding, shape) ?? layOut(importer.builder, binding, [elementCount(shape)])!
  if (laid.type === onnxTypes.float) floatOutput(importer, name, laid)
  else integerOutput(importer, name, laid)
}

function outputError(
  code: 'GG_MODEL_FORMAT' | 'GG_MODEL_UNSUPPORTED',
  name: string,
  reason: string,
): GemgateError {
  return new GemgateError(code, `the graph output '${name}' ${reason}`, 'Export the network again.')
}

/** An integer tensor: the port holds the numbers themselves. */
function integerOutput(importer: Importer, name: string, view: View): void {
  const context = contextFor(importer, name)
  const integers = new IntegerTensor(context, view)
  const value = integers.emit()
  const type = allIntegerRanges.get(view.type)
  const range = hull(importer.builder.value(value).ranges)
  const { bits, signed } = rangeBits(type === undefined || view.type === onnxTypes.int32 ? range : full(type))
  const { scales, zeroPoint } = view.quantization ?? { scales: [1], zeroPoint: 0 }
  const usable = scales.length === 1 || scales.length === importer.builder.value(value).shape[0]
  importer.builder.output({ name, value, bits, signed, scales: usable ? scales : [1], zeroPoint })
}

function full([min, max]: readonly [number, number]): Range {
  return { min, max, step: 1 }
}

/** An integer tensor whose zero point and clips are still to be applied. */
class IntegerTensor {
  readonly #context: NodeImport
  readonly #view: View

  constructor(context: NodeImport, view: View) {
    this.#context = context
    this.#view = view
  }

  emit(): number {
    const { builder } = this.#context
    const { view, forms } = exactForms(this.#context, this.#view)
    if (forms.some((form) => form.exponent !== 0 || form.sign !== 1 || form.mantissas.length > 0))
      throw this.#context.inexact('its integers are scaled', 'Quantize them.')
    if (forms.every((form) => form.offset === 0)) return view.value
    return builder.add(this.#context.name, {
      kind: 'map',
      source: view.value,
      functions: forms.map((form) => ({ kind: 'affine', multiply: 1, add: form.offset })),
    })
  }
}

function contextFor(importer: Importer, name: string): NodeImport {
  const producer = importer.index.producer(name)
  return new NodeImport(
    importer,
    producer ?? { name, operator: 'Output', domain: '', inputs: [], outputs: [name], attributes: [] },
  )
}

/** Real numbers: the port holds integers and their scale. */
function floatOutput(importer: Importer, name: string, view: View): void {
  const context = contextFor(importer, name)
  const grid = sameGrid(importer, settleClips(context, view))
  if (grid !== undefined) {
    push(importer, name, grid.view, grid.scales, grid.zeroPoint)
    return
  }
  throw context.inexact(
    'the graph output is not on a grid of integers',
    'End the network with QuantizeLinear (or Quant), or with ArgMax.',
  )
}

function push(
  importer: Importer,
  name: string,
  view: View,
  scales: readonly number[],
  zeroPoint: number,
): void {
  const { bits, signed } = rangeBits(hull(importer.builder.value(view.value).ranges))
  const distinct = scales.every((scale) => scale === scales[0]) ? [scales[0]!] : scales
  importer.builder.output({ name, value: view.value, bits, signed, scales: distinct, zeroPoint })
}

interface OutputGrid {
  readonly view: View
  readonly scales: readonly number[]
  readonly zeroPoint: number
}

/**
 * The grid of an output. Under a float oracle the number is `float32((q - zeroPoint) * scale)`; with exact
 * arithmetic a common real offset becomes a zero point that need not be an integer.
 */
function sameGrid(importer: Importer, given: View): OutputGrid | undefined {
  const { builder } = importer
  const context = contextFor(importer, 'output')
  const fused = given.chains.map(accumulatorScale)
  if (fused.every((one) => one !== undefined))
    return shifted(
      context,
      given,
      fused.map((one) => one!.offset),
      fused.map((one) => one!.scale),
    )
  const direct = given.chains.map(dequantization)
  if (
    importer.floats &&
    direct.every((one) => one !== undefined) &&
    offsetsAgree(direct.map((one) => one!.offset))
  )
    return { view: given, scales: direct.map((one) => one!.scale), zeroPoint: -direct[0]!.offset + 0 }
  const channels = channelsOf(builder, given)
  const forms = channels.map(({ chain }) => linearForm(chain))
  if (forms.every((form) => form !== undefined)) {
    if (importer.floats && channels.some(({ chain, range }) => floatInexactness(chain, range) !== undefined))
      return undefined
    return shifted(
      context,
      given,
      forms.map((form) => form!.offset),
      forms.map((form) => scaleNumber(form!)),
    )
  }
  if (importer.floats || given.chains.some((chain) => !sameChain(chain, given.chains[0]!))) return undefined
  return affineGrid(given)
}

/** Offsets that all channels share are a zero point; others are added to the integers. */
function shifted(
  context: NodeImport,
  view: View,
  offsets: readonly number[],
  scales: readonly number[],
): OutputGrid {
  if (offsetsAgree(offsets)) return { view, scales, zeroPoint: -offsets[0]! + 0 }
  const value = context.builder.add(context.name, {
    kind: 'map',
    source: view.value,
    functions: offsets.map((add) => ({ kind: 'affine', multiply: 1, add })),
  })
  return { view: { ...view, value }, scales, zeroPoint: 0 }
}

function offsetsAgree(offsets: readonly number[]): boolean {
  return offsets.every((offset) => offset === offsets[0])
}

function accumulatorScale(chain: Chain): { offset: number; scale: number } | undefined {
  const last = chain.at(-1)
  if (last?.kind !== 'accumulator' || last.quantized) return undefined
  let offset = 0
  for (const step of chain.slice(0, -1)) {
    if (step.kind !== 'offset') return undefined
    offset += step.value
  }
  return { offset, scale: Math.fround(last.inputScale * last.weightScale) }
}

/** `a * q + b` in doubles, for chains of affine steps. */
function affineGrid(view: View): OutputGrid | undefined {
  let a = 1
  let b = 0
  for (const step of view.chains[0]!) {
    if (step.kind === 'offset' || step.kind === 'add') b += step.value
    else if (step.kind === 'multiply' || step.kind === 'divide') {
      const factor = step.kind === 'multiply' ? step.value : 1 / step.value
      a *= factor
      b *= factor
    } else if (step.kind === 'normalize') {
      const factor = step.scale / Math.sqrt(step.variance + step.epsilon)
      a *= factor
      b = (b - step.mean) * factor + step.bias
    } else return undefined
  }
  return a === 0 ? undefined : { view, scales: [a], zeroPoint: -b / a + 0 }
}
