import { GemgateError } from '../../core/errors.ts'
import type { Window } from '../graph/integer-graph.ts'

/** How `hdl/network/window_buffer.sv` walks a picture; its header says what the numbers mean. */
export interface Geometry {
  readonly gridRows: number
  readonly gridColumns: number
  readonly firstRow: number
  readonly firstColumn: number
  readonly startRow: number
  readonly startColumn: number
  /** Grid steps from the one that takes the last pixel to the one that completes the last window. */
  readonly tail: number
}

/**
 * The smallest grid that holds all pixels and all window positions of a picture. Output (r, c) is complete
 * at the step of the window's last corner; with strides and 'same' pads the grid is the picture itself.
 * @param size `[height, width]` of the picture
 * @param out `[rows, columns]` of the result
 */
export function geometry(
  window: Window,
  size: readonly [number, number],
  out: readonly [number, number],
): Geometry {
  const reach = [0, 1].map((axis) => (window.kernel[axis]! - 1) * window.dilations[axis]!)
  const first = [0, 1].map((axis) => Math.max(0, window.pads[axis]! - reach[axis]!))
  const span = [0, 1].map((axis) =>
    Math.max(first[axis]! + size[axis]!, (out[axis]! - 1) * window.strides[axis]! + 1),
  )
  const lag = [0, 1].map((axis) => reach[axis]! - window.pads[axis]! + first[axis]!)
  const gridColumns = span[1]!
  const start = lag[0]! * gridColumns + lag[1]!
  const startRow = Math.floor(start / gridColumns)
  // The output must start before the next picture does.
  const gridRows = Math.max(span[0]!, startRow + 1)
  const lastPixel = (first[0]! + size[0] - 1) * gridColumns + first[1]! + size[1] - 1
  const lastWindow = (out[0] - 1) * window.strides[0] * gridColumns + (out[1] - 1) * window.strides[1] + start
  return {
    gridRows,
    gridColumns,
    firstRow: first[0]!,
    firstColumn: first[1]!,
    startRow,
    startColumn: start % gridColumns,
    tail: lastWindow - lastPixel,
  }
}

/** True when every window lies inside the picture. */
export function neverOutside(
  window: Window,
  size: readonly [number, number],
  out: readonly [number, number],
): boolean {
  return [0, 1].every((axis) => {
    const last = (out[axis]! - 1) * window.strides[axis]! - window.pads[axis]!
    return (
      window.pads[axis]! <= 0 && last + (window.kernel[axis]! - 1) * window.dilations[axis]! < size[axis]!
    )
  })
}

/** True when some window lies outside the picture altogether: its maximum would be no number. */
export function hasEmptyWindow(
  window: Window,
  size: readonly [number, number],
  out: readonly [number, number],
): boolean {
  return [0, 1].some((axis) => {
    for (let r = 0; r < out[axis]!; r++) {
      const start = r * window.strides[axis]! - window.pads[axis]!
      let inside = false
      for (let a = 0; a < window.kernel[axis]!; a++) {
        const at = start + a * window.dilations[axis]!
        inside ||= at >= 0 && at < size[axis]!
      }
      if (!inside) return true
    }
    return false
  })
}

/** @throws GemgateError GG_MODEL_UNSUPPORTED for negative pads and results without elements */
export function checkWindow(name: string, window: Window, out: readonly [number, number]): void {
  if (window.pads.some((pad) => pad < 0))
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `'${name}' has negative pads`,
      'Cut the picture before the network, or use pads of 0 and more.',
    )
  if (out[0] < 1 || out[1] < 1)
    throw new GemgateError(
      'GG_MODEL_FORMAT',
      `the window of '${name}' is larger than its picture`,
      'Check the kernel, dilations and pads against the shape of the input.',
    )
}

/**
 * Clocks from the last pixel's handshake in front of a register slice to its grid step, for a picture that
 * comes at full speed into an idle module: one, and more where the grid takes steps without a pixel, because
 * the slice holds two pixels.
 */
export function sliceLatency(walk: Geometry, size: readonly [number, number]): number {
  const stepOf = (k: number): number =>
    (walk.firstRow + Math.floor(k / size[1])) * walk.gridColumns + walk.firstColumn + (k % size[1])
  const count = size[0] * size[1]
  let handshake = 0
  let step = 1 + stepOf(0)
  let before = Number.NEGATIVE_INFINITY
  for (let k = 1; k < count; k++) {
    handshake = Math.max(handshake + 1, before + 1)
    before = step
    step = Math.max(step + stepOf(k) - stepOf(k - 1), handshake + 1)
  }
  return step - handshake
}
