/**
 * The binning that makes a macro-pixel about as wide as the diffused spot's sigma (0.6 mm): from the pixel
 * pitch in mm where known, else so that the macro-pixel image is about 400 wide.
 */
export function chooseBinning(width: number, height: number, pixelPitch?: number): 1 | 2 | 4 {
  const ratio = pixelPitch === undefined ? Math.max(width, height) / 400 : 0.6 / pixelPitch
  return ratio < Math.SQRT2 ? 1 : ratio < 2 * Math.SQRT2 ? 2 : 4
}

/** The smallest multiple of the binning that holds `pixels`, at least 4. */
export function paddedSide(pixels: number, binning: number): number {
  return Math.max(4, Math.ceil(pixels / binning) * binning)
}

/** `pixels` of a width x height frame in the upper left corner of a larger geometry, zeros around. */
export function padPixels(
  pixels: Uint16Array,
  width: number,
  height: number,
  paddedWidth: number,
  paddedHeight: number,
): Uint16Array {
  if (width === paddedWidth && height === paddedHeight) return pixels
  const padded = new Uint16Array(paddedWidth * paddedHeight)
  for (let y = 0; y < height; y++) padded.set(pixels.subarray(y * width, (y + 1) * width), y * paddedWidth)
  return padded
}
