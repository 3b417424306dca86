import type { Window } from '../../graph/integer-graph.ts'

/** For one place of a window: the offset in the picture of each kernel element, -1 outside of it. */
export function windowOffsets(
  window: Window,
  row: number,
  column: number,
  height: number,
  width: number,
): Int32Array {
  const [kernelHeight, kernelWidth] = window.kernel
  const offsets = new Int32Array(kernelHeight * kernelWidth).fill(-1)
  for (let a = 0; a < kernelHeight; a++) {
    const y = row * window.strides[0] - window.pads[0] + a * window.dilations[0]
    if (y < 0 || y >= height) continue
    for (let b = 0; b < kernelWidth; b++) {
      const x = column * window.strides[1] - window.pads[1] + b * window.dilations[1]
      if (x >= 0 && x < width) offsets[a * kernelWidth + b] = y * width + x
    }
  }
  return offsets
}
