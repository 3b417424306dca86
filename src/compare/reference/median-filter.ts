/**
 * Median filter of size 2 as scipy.ndimage.median_filter defines it: of each pixel, its left, its upper and
 * its upper left neighbour (reflected at the edges) the third smallest.
 */
export function medianFilter(image: Float32Array, width: number, height: number): Float32Array {
  const filtered = new Float32Array(image.length)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const above = y > 0 ? row - width : row
    let upperLeft = image[above]!
    let left = image[row]!
    for (let x = 0; x < width; x++) {
      const upper = image[above + x]!
      const own = image[row + x]!
      const high = Math.min(Math.max(upperLeft, upper), Math.max(left, own))
      const low = Math.max(Math.min(upperLeft, upper), Math.min(left, own))
      filtered[row + x] = high > low ? high : low
      upperLeft = upper
      left = own
    }
  }
  return filtered
}
