import type { Port } from '../../compiler/layout.ts'

/** One side of a stream, ready to run. Rows hold the words of all data ports, and then the cycle of the transfer. */
export interface SidePlan {
  readonly name: string
  readonly valid: Port
  readonly ready: Port | undefined
  readonly data: readonly Port[]
  /** Places of the data words in the design's memory, and which bits of each a port has. */
  readonly words: readonly { readonly word: number; readonly mask: number }[]
  /** A random number below this is a pause. */
  readonly threshold: number
  readonly seed: Uint32Array
}

/** Words of a row: the data and the time. */
export const rowWords = (side: SidePlan): number => side.words.length + 1
