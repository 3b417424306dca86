import type { OperatorCall } from '../operator-call.ts'

/** A sliding window over one or two spatial axes; with one, the first has size 1. */
export interface SlidingWindow {
  readonly kernel: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly dilations: readonly [number, number]
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number]
  /** Height and width of the picture and of the result. */
  readonly from: readonly [number, number]
  readonly to: readonly [number, number]
}

/**
 * The window that the attributes `auto_pad`, `pads`, `strides`, `dilations` and `ceil_mode` describe.
 * @param spatial the one or two spatial dimensions of the data
 * @throws GemgateError GG_MODEL_UNSUPPORTED for three spatial axes, GG_MODEL_FORMAT for nonsense
 */
export function slidingWindow(
  call: OperatorCall,
  spatial: readonly number[],
  kernel: readonly number[],
  ceil = false,
): SlidingWindow {
  const rank = spatial.length
  if (rank < 1 || rank > 2)
    throw call.refuse(`its data has ${rank} spatial axes`, 'Use windows over one or two axes.')
  const list = (name: string, length: number, missing: number, least: number): readonly number[] => {
    const given = call.numbers(name) ?? new Array<number>(length).fill(missing)
    if (given.length !== length || given.some((n) => !Number.isInteger(n) || n < least || n > 2 ** 20))
      throw call.malformed(`its ${name} are [${given.join(', ')}]`)
    return given
  }
  if (kernel.length !== rank || kernel.some((n) => !Number.isInteger(n) || n < 1))
    throw call.malformed(`its kernel is [${kernel.join(', ')}] over ${rank} spatial axes`)
  const strides = list('strides', rank, 1, 1)
  const dilations = list('dilations', rank, 1, 1)
  const given = list('pads', 2 * rank, 0, 0)
  const mode = call.text('auto_pad', 'NOTSET')
  const before: number[] = []
  const after: number[] = []
  const to: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1
    const size = spatial[axis]!
    const stride = strides[axis]!
    let [first, last] = [given[axis]!, given[axis + rank]!]
    if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
      const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size)
      first = mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)
      last = total - first
    } else if (mode === 'VALID') {
      first = 0
      last = 0
    } else if (mode !== 'NOTSET' && mode !== '') throw call.malformed(`its auto_pad is '${mode}'`)
    const room = (size + first + last - reach) / stride
    let made = (ceil ? Math.ceil(room) : Math.floor(room)) + 1
    // A window that would begin in the padding behind the data does not count.
    if (ceil && (made - 1) * stride >= size + first) made--
    if (made < 1) throw call.malformed(`its window of ${reach} does not fit ${size} with its padding`)
    before.push(first)
    after.push(last)
    to.push(made)
  }
  const pair = (numbers: readonly number[], missing: number): [number, number] =>
    rank === 2 ? [numbers[0]!, numbers[1]!] : [missing, numbers[0]!]
  return {
    kernel: pair(kernel, 1),
    strides: pair(strides, 1),
    dilations: pair(dilations, 1),
    pads: [...pair(before, 0), ...pair(after, 0)],
    from: pair(spatial, 1),
    to: pair(to, 1),
  }
}

/** The results `[first, last)` along an axis whose window element at `offset` lies inside the picture. */
export function insideRange(
  offset: number,
  stride: number,
  size: number,
  results: number,
): readonly [number, number] {
  const first = offset >= 0 ? 0 : Math.ceil(-offset / stride)
  const last = offset >= size ? 0 : Math.floor((size - 1 - offset) / stride) + 1
  return [first, Math.min(results, last)]
}
