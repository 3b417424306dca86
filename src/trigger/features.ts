import type { ClusterMoments } from './cluster.ts'
import { bitLength, log2 } from './log2.ts'

/**
 * The nine classifier inputs, in order. All are binary logarithms, so that ratios are subtractions and the
 * logic needs no divider. `centre` is subtracted, `fractionBits` are kept, the rest saturates at int8.
 * The choice follows CYGNO's cluster variables (sc_integral, sc_nhits, density, length, width, slimness).
 */
export const featureFormat = [
  { name: 'energy', centre: 14, fractionBits: 4, meaning: 'sum of ADU' },
  { name: 'size', centre: 6, fractionBits: 4, meaning: 'macro-pixels' },
  { name: 'density', centre: 9, fractionBits: 5, meaning: 'ADU per macro-pixel' },
  { name: 'length', centre: 4, fractionBits: 4, meaning: 'variance along the major axis, macro-pixels^2' },
  { name: 'width', centre: 1, fractionBits: 5, meaning: 'variance along the minor axis, macro-pixels^2' },
  { name: 'slimness', centre: -4, fractionBits: 5, meaning: 'minor over major variance' },
  { name: 'peak', centre: 9, fractionBits: 5, meaning: 'brightest macro-pixel, ADU' },
  { name: 'spread', centre: 4, fractionBits: 5, meaning: 'sum over brightest: effective macro-pixels' },
  { name: 'occupancy', centre: -1.5, fractionBits: 6, meaning: 'macro-pixels over bounding-box area' },
] as const

export const featureCount: number = featureFormat.length

/** a0^2 / 12 as (a0^2 * 5461) >> 16: the variance of a square pixel, which bounds every width from below. */
const pixelVariance = 5461

/**
 * Twin of hdl/trigger/cluster_features.sv. Central moments are taken from the corner of the bounding box,
 * shifted so that the sum of weights has 16 bits; the variances are again shifted to 16 bits before the
 * eigenvalues of the covariance are taken with an integer square root. Every value is exact in a double.
 */
export function clusterFeatures(cluster: Readonly<ClusterMoments>, out: Int8Array, offset = 0): void {
  const { x0, y0, w } = cluster
  const mx = cluster.wx - x0 * w
  const my = cluster.wy - y0 * w
  const mxx = cluster.wxx - x0 * (cluster.wx + mx)
  const myy = cluster.wyy - y0 * (cluster.wy + my)
  const mxy = cluster.wxy - x0 * cluster.wy - y0 * mx

  const k = 2 ** Math.max(0, bitLength(w) - 16)
  const a0 = Math.floor(w / k)
  const ax = Math.floor(mx / k)
  const ay = Math.floor(my / k)
  const square = Math.floor((a0 * a0 * pixelVariance) / 65536)
  const vx = Math.max(0, Math.floor(mxx / k) * a0 - ax * ax) + square
  const vy = Math.max(0, Math.floor(myy / k) * a0 - ay * ay) + square
  const cxy = Math.floor(mxy / k) * a0 - ax * ay

  const j = Math.max(0, bitLength(Math.max(vx, vy)) - 16)
  const p = Math.floor(vx / 2 ** j)
  const q = Math.floor(vy / 2 ** j)
  const c = Math.min(Math.max(Math.floor(cxy / 2 ** j), -131071), 131071)
  const root = Math.floor(Math.sqrt((p - q) * (p - q) + 4 * c * c))

  const sum = log2(cluster.sum)
  const size = log2(cluster.pixels)
  const scale = ((j - 1) << 8) - 2 * log2(a0)
  const length = log2(p + q + root) + scale
  const width = log2(p + q - root) + scale
  const peak = log2(cluster.brightest)
  const box = log2(cluster.x1 - x0 + 1) + log2(cluster.y1 - y0 + 1)

  out[offset] = quantize(sum, 0)
  out[offset + 1] = quantize(size, 1)
  out[offset + 2] = quantize(sum - size, 2)
  out[offset + 3] = quantize(length, 3)
  out[offset + 4] = quantize(width, 4)
  out[offset + 5] = quantize(width - length, 5)
  out[offset + 6] = quantize(peak, 6)
  out[offset + 7] = quantize(sum - peak, 7)
  out[offset + 8] = quantize(size - box, 8)
}

function quantize(value: number, index: number): number {
  const { centre, fractionBits } = featureFormat[index]!
  const drop = 8 - fractionBits
  const q = (value - centre * 256 + (1 << (drop - 1))) >> drop
  return Math.min(Math.max(q, -128), 127)
}
