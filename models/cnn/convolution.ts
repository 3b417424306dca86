/** A 3x3 window has nine places, row by row. */
export const windowArea = 9

/**
 * Pictures in a frame of zeros one pixel wide: planes of `(size + 2)^2`, so that 3x3 windows around all
 * pixels lie inside.
 */
export function framed(channels: number, size: number): Float64Array {
  return new Float64Array(channels * (size + 2) ** 2)
}

/** Copies `[channels][size][size]` into the middle of framed planes. */
export function fillFrames(
  planes: Float64Array,
  pictures: Float64Array,
  channels: number,
  size: number,
): void {
  const stride = size + 2
  for (let row = 0; row < channels * size; row++) {
    const channel = Math.floor(row / size)
    const to = channel * stride * stride + ((row % size) + 1) * stride + 1
    for (let x = 0; x < size; x++) planes[to + x] = pictures[row * size + x]!
  }
}

/** The reverse of `fillFrames`. */
export function readFrames(
  planes: Float64Array,
  pictures: Float64Array,
  channels: number,
  size: number,
): void {
  const stride = size + 2
  for (let row = 0; row < channels * size; row++) {
    const channel = Math.floor(row / size)
    const from = channel * stride * stride + ((row % size) + 1) * stride + 1
    for (let x = 0; x < size; x++) pictures[row * size + x] = planes[from + x]!
  }
}

/**
 * Adds the weighted 3x3 windows around every pixel of a framed plane (step 1), or around every second pixel of
 * every second row (step 2).
 * @param from where the plane begins @param w where the nine weights begin @param sums `[size / step][size / step]`
 */
export function addWindows(
  planes: Float64Array,
  from: number,
  weights: Float64Array,
  w: number,
  sums: Float64Array,
  size: number,
  step: number,
): void {
  const stride = size + 2
  const w0 = weights[w]!
  const w1 = weights[w + 1]!
  const w2 = weights[w + 2]!
  const w3 = weights[w + 3]!
  const w4 = weights[w + 4]!
  const w5 = weights[w + 5]!
  const w6 = weights[w + 6]!
  const w7 = weights[w + 7]!
  const w8 = weights[w + 8]!
  for (let y = 0, to = 0; y < size; y += step) {
    const row = from + y * stride
    for (let top = row; top < row + size; top += step, to++) {
      const middle = top + stride
      const bottom = middle + stride
      sums[to]! +=
        w0 * planes[top]! +
        w1 * planes[top + 1]! +
        w2 * planes[top + 2]! +
        (w3 * planes[middle]! + w4 * planes[middle + 1]! + w5 * planes[middle + 2]!) +
        (w6 * planes[bottom]! + w7 * planes[bottom + 1]! + w8 * planes[bottom + 2]!)
    }
  }
}

/** Adds `factor` times the 3x3 window at `from` in framed planes to nine numbers at `to`. */
export function addWindow(
  planes: Float64Array,
  from: number,
  stride: number,
  factor: number,
  sums: Float64Array,
  to: number,
): void {
  for (let row = 0; row < 3; row++) {
    const at = from + row * stride
    sums[to + 3 * row]! += factor * planes[at]!
    sums[to + 3 * row + 1]! += factor * planes[at + 1]!
    sums[to + 3 * row + 2]! += factor * planes[at + 2]!
  }
}

/** Adds `factor` times nine weights at `w` to the 3x3 window at `to` in framed planes. */
export function spreadWindow(
  planes: Float64Array,
  to: number,
  stride: number,
  factor: number,
  weights: Float64Array,
  w: number,
): void {
  for (let row = 0; row < 3; row++) {
    const at = to + row * stride
    planes[at]! += factor * weights[w + 3 * row]!
    planes[at + 1]! += factor * weights[w + 3 * row + 1]!
    planes[at + 2]! += factor * weights[w + 3 * row + 2]!
  }
}
