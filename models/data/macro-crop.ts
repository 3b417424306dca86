import type { ClusterMoments } from '../../src/trigger/cluster.ts'

/** Macro-pixels along a side of a crop. */
export const cropSide = 32

/** Macro-pixels of a crop. */
export const cropSize: number = cropSide * cropSide

/** What the trigger sums and weighs. */
export interface MacroImage {
  /** Contents of macro-pixels, ADU, row-major. */
  readonly content: Int32Array
  readonly columns: number
}

/**
 * The 32x32 macro-pixels around the light-weighted centre of a cluster, which comes to column and row 16. Contents
 * in ADU, limited to int16; zeros outside the image.
 */
export function macroCrop(
  { content, columns }: MacroImage,
  { w, wx, wy }: Pick<ClusterMoments, 'w' | 'wx' | 'wy'>,
): Int16Array {
  const rows = content.length / columns
  const left = Math.round(wx / w) - cropSide / 2
  const top = Math.round(wy / w) - cropSide / 2
  const crop = new Int16Array(cropSize)
  for (let j = Math.max(0, -top); j < Math.min(cropSide, rows - top); j++)
    for (let i = Math.max(0, -left); i < Math.min(cropSide, columns - left); i++)
      crop[j * cropSide + i] = limited(content[(top + j) * columns + left + i]!)
  return crop
}

function limited(value: number): number {
  return Math.min(Math.max(value, -32768), 32767)
}
