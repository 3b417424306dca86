import type { TriggerSettings } from './settings.ts'

/** Macro-pixels along a side of a block. */
export const blockSide = 4

/** One row of blocks: bit k of word w tells whether a macro-pixel of block 32 w + k is active. */
export interface BlockRow {
  readonly row: number
  readonly words: Uint32Array
}

/** Blocks along a side of `macroPixels`. */
export function blockCount(macroPixels: number): number {
  return Math.ceil(macroPixels / blockSide)
}

/** Words of a row of blocks. */
export function blockWords(columns: number): number {
  return Math.ceil(blockCount(columns) / 32)
}

/**
 * Twin of hdl/trigger/region_blocks.sv: where in a frame macro-pixels are active (filter output at the low threshold or
 * above), to a block of 4 x 4. Only lit rows of blocks are given, ascending: those in which an active macro-pixel
 * reaches the middle of the two thresholds. So noise costs next to nothing, and a track tells its course.
 */
export function regionBlocks(
  filtered: Int32Array,
  columns: number,
  rows: number,
  { thresholdLow, thresholdHigh }: Pick<TriggerSettings, 'thresholdLow' | 'thresholdHigh'>,
): BlockRow[] {
  const middle = (thresholdLow + thresholdHigh) >> 1
  const lit: BlockRow[] = []
  for (let row = 0; row < blockCount(rows); row++) {
    const words = new Uint32Array(blockWords(columns))
    let peak = 0
    for (let y = blockSide * row; y < Math.min(rows, blockSide * (row + 1)); y++)
      for (let x = 0; x < columns; x++) {
        const f = filtered[y * columns + x]!
        if (f < thresholdLow) continue
        words[x >> 7]! |= 1 << ((x >> 2) & 31)
        if (f > peak) peak = f
      }
    if (peak >= middle) lit.push({ row, words })
  }
  return lit
}
