import { elementCount } from '../../graph/integer-graph.ts'
import { onnxTypes } from '../../onnx/onnx-model.ts'
import { magnitude, rangeBound } from '../bounds.ts'
import { direction } from '../chain.ts'
import { exactForms } from '../exact-forms.ts'
import { exactLimit } from '../float-exact.ts'
import type { NodeImport } from '../importer.ts'
import type { Translator } from '../translators.ts'
import { appendStepPerElement, appendSteps, channelsOf, layOut, type View } from '../view.ts'
import { centred } from './convolution.ts'
import { fusedGlobalAverage } from './quantized-average.ts'
import { type SpatialWindow, spatialWindow } from './window.ts'

const attributes = [
  'auto_pad',
  'ceil_mode',
  'count_include_pad',
  'dilations',
  'kernel_shape',
  'pads',
  'storage_order',
  'strides',
] as const

function laidOut(context: NodeImport, view: View, spatial: SpatialWindow): View {
  const laid = layOut(context.builder, view, spatial.from)
  if (laid !== undefined) return laid
  throw context.inexact('places of one channel of its data have different scales', 'Quantize per tensor.')
}

/** Only windows that hold at least one element of the picture. */
function checkWindows(context: NodeImport, spatial: SpatialWindow): void {
  for (const axis of [0, 1] as const) {
    const size = spatial.from[axis + 1]!
    for (let r = 0; r < spatial.to[axis + 1]!; r++)
      if (insideCount(spatial, axis, r, size) === 0)
        throw context.unsupported('a window lies outside the picture', 'Use less padding.')
  }
}

/** How many kernel places of window `r` along an axis lie inside `[0, size)`. */
function insideCount({ window }: SpatialWindow, axis: 0 | 1, r: number, size: number): number {
  let count = 0
  for (let k = 0; k < window.kernel[axis]; k++) {
    const at = r * window.strides[axis] - window.pads[axis] + k * window.dilations[axis]
    if (at >= 0 && at < size) count++
  }
  return count
}

function kernelShape(context: NodeImport): readonly number[] {
  const attribute = context.attributes(...attributes).get('kernel_shape')
  if (attribute?.kind === 'ints') return attribute.value
  throw context.malformed('it has no kernel_shape')
}

const maxPool: Translator = (context) => {
  if (context.node.outputs.length > 1 && context.node.outputs[1])
    throw context.unsupported('it also answers indices', 'Use its first output only.')
  const view = context.view(0)
  context.result(maximum(context, view, spatialWindow(context, view.shape, kernelShape(context))))
}

/** The maximum commutes with functions that rise. */
function maximum(context: NodeImport, view: View, spatial: SpatialWindow): View {
  checkWindows(context, spatial)
  if (view.chains.some((chain) => direction(chain) < 0))
    throw context.inexact('its data fall where the integers rise', 'Quantize them before the pool.')
  const laid = laidOut(context, view, spatial)
  const value = context.builder.add(context.name, {
    kind: 'pool',
    source: laid.value,
    mode: 'max',
    window: spatial.window,
  })
  context.certify({
    class: 'A',
    bound: rangeBound(context.builder.value(value)),
    reason: 'the maximum of integers; what follows rises with them',
  })
  return { ...laid, value, shape: context.resultShape() }
}

const globalMaxPool: Translator = (context) => {
  context.attributes()
  const view = context.view(0)
  context.result(maximum(context, view, spatialWindow(context, view.shape, view.shape.slice(2))))
}

const averagePool: Translator = (context) => {
  const include = context.attributes(...attributes).get('count_include_pad')
  const view = context.view(0)
  const spatial = spatialWindow(context, view.shape, kernelShape(context))
  context.result(average(context, view, spatial, include?.kind === 'int' && include.value !== 0))
}

const globalAveragePool: Translator = (context) => {
  context.attributes()
  const view = context.view(0)
  const fused = fusedGlobalAverage(context, view)
  const spatial = spatialWindow(context, view.shape, view.shape.slice(2))
  context.result(fused ?? average(context, view, spatial, false))
}

/** ReduceMean and ReduceSum over all spatial axes are GlobalAveragePool, whole or times its size. */
const reduce =
  (divides: boolean): Translator =>
  (context) => {
    const attributes = context.attributes('axes', 'keepdims', 'noop_with_empty_axes')
    const view = context.view(0)
    const stored = attributes.get('axes')
    const given = stored?.kind === 'ints' ? stored.value : context.optionalConstant(1, 'list of axes')?.values
    const rank = view.shape.length
    const axes = Array.from(given ?? [], (axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b)
    if (rank < 3 || axes.length !== rank - 2 || axes.some((axis, k) => axis !== k + 2))
      throw context.unsupported(
        `it reduces axes [${axes.join(', ')}] of ${rank}`,
        'Reduce all spatial axes of [N, C, H, W].',
      )
    const size = elementCount(view.shape.slice(2))
    if (divides && context.importer.floats && !Number.isInteger(Math.log2(size)))
      throw context.inexact(
        `it averages ${size} numbers, and runtimes divide by that in different ways`,
        'Use GlobalAveragePool.',
      )
    const to: readonly [number, number, number] = [view.shape[1]!, 1, 1]
    const from: readonly [number, number, number] =
      rank === 3 ? [to[0], 1, size] : [to[0], view.shape[2]!, view.shape[3]!]
    const window = {
      kernel: [from[1], from[2]] as const,
      strides: [1, 1] as const,
      pads: [0, 0, 0, 0] as const,
      dilations: [1, 1] as const,
    }
    const spatial: SpatialWindow = { window, from, to, declaredPads: [0, 0, 0, 0] }
    const mean = average(context, view, spatial, false)
    const whole = { ...mean, chains: mean.chains.map((chain) => chain.slice(0, -1)) }
    context.result(divides ? mean : whole)
  }

/** A window sum, divided by the number of its elements when it is quantized. */
function average(context: NodeImport, given: View, spatial: SpatialWindow, includePads: boolean): View {
  const { builder } = context
  checkWindows(context, spatial)
  if (given.type !== onnxTypes.float)
    throw context.unsupported('it averages integers', 'Average after DequantizeLinear.')
  const laid = laidOut(context, given, spatial)
  const padded = spatial.window.pads.some((pad) => pad > 0)
  const { view, forms } = exactForms(context, padded ? centred(context, laid) : laid)
  const area = spatial.window.kernel[0] * spatial.window.kernel[1]
  const channels = channelsOf(builder, view)
  const bound =
    area * channels.reduce((most, { range }, c) => Math.max(most, magnitude(range, forms[c]!.offset)), 0)
  if (context.importer.floats && bound >= exactLimit)
    throw context.inexact(
      `a window sum can reach ${bound}, beyond 2^24`,
      'Use smaller windows or fewer bits.',
    )
  const value = builder.add(context.name, {
    kind: 'pool',
    source: view.value,
    mode: 'sum',
    window: spatial.window,
  })
  context.certify({
    class: forms.every((form) => form.mantissas.length === 0) && bound < exactLimit ? 'A' : 'B',
    bound,
    reason: 'an exact window sum; the quantizer behind it divides once by the number of elements',
  })
  // A sum of n numbers (q + offset) * scale is (sum q + n * offset) * scale.
  const chains = view.chains.map((chain, c) => {
    const offset = forms[forms.length === 1 ? 0 : c]!.offset
    return offset === 0 ? chain : [{ kind: 'offset', value: offset * (area - 1) } as const, ...chain]
  })
  const summed: View = { ...view, value, shape: context.resultShape(), chains }
  const counts = windowCounts(context, spatial, includePads)
  if (counts.every((count) => count === counts[0]))
    return appendSteps(summed, { kind: 'divide', value: counts[0]! })
  return appendStepPerElement(
    builder,
    summed,
    Array.from({ length: spatial.to[0] * counts.length }, (_, i) => [
      { kind: 'divide', value: counts[i % counts.length]! },
    ]),
  )
}

/** The divisor of each place of the result, row by row. */
function windowCounts(context: NodeImport, spatial: SpatialWindow, includePads: boolean): number[] {
  const [, rows, columns] = spatial.to
  const along = (axis: 0 | 1, r: number): number => {
    const size = spatial.from[axis + 1]!
    if (!includePads) return insideCount(spatial, axis, r, size)
    const end = size + spatial.declaredPads[axis + 2]!
    const { window } = spatial
    let count = 0
    for (let k = 0; k < window.kernel[axis]; k++)
      if (r * window.strides[axis] - window.pads[axis] + k * window.dilations[axis] < end) count++
    return count
  }
  const counts: number[] = []
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) counts.push(along(0, r) * along(1, c))
  if (counts.some((count) => count === 0)) throw context.malformed('a window is empty')
  return counts
}

export const pools: Readonly<Record<string, Translator>> = {
  MaxPool: maxPool,
  GlobalMaxPool: globalMaxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  ReduceMean: reduce(true),
  ReduceSum: reduce(false),
}
