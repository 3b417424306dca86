/** Words of a record: the moments as they stand in the packet, `state`, and one that is not used. */
export const recordStride = 40

/**
 * The record of a cluster, lower words first. `state` of a free label: the next free one or 0; of one in use: its parent,
 * itself for a root, + 1, + 2 when a run of this row has it.
 */
export const record = {
  x0: 0,
  y0: 1,
  x1: 2,
  y1: 3,
  pixels: 4,
  sum: 6,
  peak: 10,
  brightest: 12,
  w: 14,
  wx: 18,
  wy: 22,
  wxx: 26,
  wxy: 30,
  wyy: 34,
  state: 38,
} as const

/** Variables, with their lengths, in memory from address 38 on; the record of the run at hand stands at 0. */
const variables = {
  /** First free label, 0: none. It stands where the record at 0 has its state, so that `tail` 0 means: none. */
  head: 1,
  low: 2,
  high: 2,
  middle: 2,
  /** Macro-pixels that an active one reaches beyond itself: `link` - 1. */
  reach: 1,
  minimum: 1,
  tail: 1,
  /** Next entry of the map of blocks. */
  map: 1,
  /** Counts of the trailer, in its order; from here to `features` all is 0 when a frame begins. */
  kept: 2,
  rejected: 2,
  dropped: 2,
  active: 2,
  clipped: 2,
  y: 1,
  /** Labels in use, and those of them that a scan has not met yet. */
  used: 1,
  remaining: 1,
  /** A label was merged into another one in this row. */
  merged: 1,
  /** Columns that the active macro-pixels of this row still reach. */
  span: 1,
  /** Column where the run began (its address), 0: no run. */
  start: 1,
  /** Label of the row above at the column before this one. */
  before: 1,
  /** The row of blocks at hand is lit. */
  lit: 1,
  /** One word, then zeros for ever: a short number as a long one. */
  short: 4,
  features: 12,
  /** Words of a row of blocks. */
  limbs: 1,
  /** Address of the column at hand. */
  column: 1,
  /** Those of the macro-pixel at hand. */
  last: 1,
  x: 1,
  label: 1,
  /** Scratch. */
  t: 4,
  factor: 1,
  index: 1,
  value: 4,
  radicand: 5,
  root: 2,
} as const

/** Where the columns begin: one word each, label of the row above (address of its record) + rows still reached. */
export const columnBase = 128

/**
 * Names of addresses. Those of the features and the network share words with the record of the run at hand, which has
 * its label by then.
 */
export const symbols: ReadonlyMap<string, number> = new Map([
  ...Object.entries(record),
  ...addresses(record.state, variables),
  ['stride', recordStride],
  ['half', columnBase / 2],
  // Written when the moments that stand there are not needed any more.
  ...addresses(record.wx, { square: 2, shift: 1, logSum: 1, logSize: 1, logPeak: 1, logBox: 1, length: 1 }),
  ...addresses(record.wxy, { width: 1, scale: 1 }),
  ...addresses(24, {
    outputs: 1,
    pairs: 1,
    target: 1,
    round: 1,
    least: 2,
    most: 1,
    total: 2,
    source: 1,
    sticky: 1,
    best: 1,
  }),
])

/** Words for the outputs of all layers, from address 0. */
export const layerWords = 24

function addresses(from: number, lengths: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(lengths).map(([name, length]) => {
    from += length
    return [name, from - length]
  })
}

/** Words of each unit of the memory. */
export interface MemoryLayout {
  /** Map of blocks: an entry for each lit row, its number and its bits. */
  readonly blocks: number
  /** Records of the labels. */
  readonly records: number
  /** One beyond the last record. */
  readonly end: number
}

/** As the localparams of hdl/macro/cluster_processor.sv. */
export function memoryLayout(macroSide: number, labelBits: number): MemoryLayout {
  const blocks = columnBase + macroSide
  const entries = Math.ceil(macroSide / 4) * (1 + 2 * Math.ceil(macroSide / 128))
  // The entry behind the last one is cleared as if it had the most columns that there are.
  const records = (blocks + entries + 17 + 3) & ~3
  return { blocks, records, end: records + recordStride * 2 ** labelBits }
}
