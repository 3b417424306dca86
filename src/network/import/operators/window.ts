import type { Window } from '../../graph/integer-graph.ts'
import type { NodeImport } from '../importer.ts'

/** A window over one or two spatial axes, made two-dimensional, with the pads that give the ONNX shape. */
export interface SpatialWindow {
  readonly window: Window
  /** `[channels, height, width]` of the data. */
  readonly from: readonly [number, number, number]
  /** `[channels, height, width]` of the result. */
  readonly to: readonly [number, number, number]
  /** Explicit padding as the node has it: top, left, bottom, right. */
  readonly declaredPads: readonly [number, number, number, number]
}

/**
 * Reads kernel, strides, pads and dilations of a convolution or pool on `[1, C, L]` or `[1, C, H, W]`.
 * Rounding up (`ceil_mode`) becomes padding at the end.
 */
export function spatialWindow(
  context: NodeImport,
  shape: readonly number[],
  kernelShape: readonly number[],
): SpatialWindow {
  const { node } = context
  const spatial = shape.length - 2
  if (spatial !== 1 && spatial !== 2)
    throw context.unsupported(
      `its data have ${shape.length} dimensions`,
      'Use one or two spatial dimensions.',
    )
  if (shape[0] !== 1)
    throw context.unsupported(`its batch has ${shape[0]} elements`, 'Export with batch size 1.')
  const ints = (name: string, missing: number, count: number): readonly number[] => {
    const attribute = node.attributes.find((one) => one.name === name)
    const list = attribute?.kind === 'ints' ? attribute.value : new Array<number>(count).fill(missing)
    if (list.length !== count || list.some((x) => !Number.isInteger(x)))
      throw context.malformed(`${name} is [${list.join(', ')}]`)
    return list
  }
  const strides = ints('strides', 1, spatial)
  const dilations = ints('dilations', 1, spatial)
  const to = context.resultShape()
  const auto = node.attributes.find((one) => one.name === 'auto_pad')
  const mode = auto?.kind === 'string' ? auto.value : 'NOTSET'
  const explicit = mode === 'NOTSET' || mode === '' ? ints('pads', 0, 2 * spatial) : undefined
  const axes = Array.from({ length: spatial }, (_, axis) => {
    const size = shape[axis + 2]!
    const reach = (kernelShape[axis]! - 1) * dilations[axis]! + 1
    const needed = (to[axis + 2]! - 1) * strides[axis]! + reach
    const total = Math.max(0, needed - size)
    let begin = 0
    if (explicit !== undefined) begin = explicit[axis]!
    else if (mode === 'SAME_UPPER') begin = Math.floor(total / 2)
    else if (mode === 'SAME_LOWER') begin = Math.ceil(total / 2)
    // The window stops at the last result; end padding beyond it would add results.
    const end = needed - size - begin
    return { begin, end, declaredEnd: explicit === undefined ? Math.max(0, end) : explicit[axis + spatial]! }
  })
  if (axes.some(({ begin, declaredEnd }) => begin < 0 || declaredEnd < 0))
    throw context.unsupported('it has negative padding', 'Cut the data with Slice instead.')
  const pair = (list: readonly number[], missing: number): [number, number] =>
    spatial === 1 ? [missing, list[0]!] : [list[0]!, list[1]!]
  const [top, left] = pair(
    axes.map(({ begin }) => begin),
    0,
  )
  const [bottom, right] = pair(
    axes.map(({ end }) => Math.max(0, end)),
    0,
  )
  const [declaredBottom, declaredRight] = pair(
    axes.map(({ declaredEnd }) => declaredEnd),
    0,
  )
  const image = (dims: readonly number[]): [number, number, number] => [dims[1]!, ...pair(dims.slice(2), 1)]
  return {
    window: {
      kernel: pair(kernelShape, 1),
      strides: pair(strides, 1),
      pads: [top, left, bottom, right],
      dilations: pair(dilations, 1),
    },
    from: image(shape),
    to: image(to),
    declaredPads: [top, left, declaredBottom, declaredRight],
  }
}
