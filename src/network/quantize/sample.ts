import type { Tensor } from '../reference/index.ts'

/** One vector or picture for each graph input, with batch size 1. */
export type Sample = ReadonlyMap<string, Tensor>
