/**
 * What the logic reports of one cluster, in macro-pixel coordinates. The weight of a macro-pixel is its
 * content limited to 0...16383 ADU, so that every moment of a 1024 x 1024 image stays below 2 ** 53.
 */
export interface ClusterMoments {
  /** Bounding box, inclusive. */
  x0: number
  y0: number
  x1: number
  y1: number
  /** Macro-pixels above the low threshold. */
  pixels: number
  /** Sum of their contents in ADU, signed. */
  sum: number
  /** Highest filter output (gain 256). */
  peak: number
  /** Brightest macro-pixel in ADU, signed. */
  brightest: number
  /** Sum of weights, and weighted sums of x, y, x^2, xy, y^2. */
  w: number
  wx: number
  wy: number
  wxx: number
  wxy: number
  wyy: number
}

/** Largest weight of one macro-pixel. */
export const maximumWeight = 16383
