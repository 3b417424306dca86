/** A valid/ready stream of a module by the names of its ports; without `ready` every offer is taken. */
export interface StreamPort {
  readonly valid: string
  readonly ready?: string
  readonly data: string | readonly string[]
}

/** The values of one data port, item by item; a single value is the same for all. */
export type Column = ArrayLike<number | bigint> | number | bigint

/**
 * What goes in: the values of the one data port, or columns by port name, or rows in the order of the data ports.
 * Values may be negative; then they are two's complement.
 */
export type Items =
  | ArrayLike<number | bigint>
  | readonly (readonly (number | bigint)[])[]
  | Readonly<Record<string, Column>>

export interface StreamSource {
  /** Port names, or a prefix: `s_axis` stands for `s_axis_tvalid`, `s_axis_tready` and all other inputs `s_axis_*`. */
  readonly port: string | StreamPort
  readonly items: Items
  /** Probability of a pause in a cycle, from 0 to below 1. */
  readonly stall?: number
}

export interface StreamSink {
  readonly port: string | StreamPort
  /** Items that must come before the stream can end; more may. */
  readonly count?: number
  readonly stall?: number
}

export interface StreamOptions {
  /** One source, with `items` beside it; or several. */
  readonly source?: string | StreamPort | readonly StreamSource[]
  readonly sink?: string | StreamPort | readonly StreamSink[]
  readonly items?: Items
  readonly count?: number
  /** For sides without a `stall` of their own. */
  readonly stall?: number | { readonly source?: number; readonly sink?: number }
  /** Of the pauses and of the rubbish, default 1. */
  readonly seed?: number
  /** Random data while `valid` is low, the default; else data keeps its last value. */
  readonly rubbish?: boolean
  /** A port that must be non-zero before the stream can end. */
  readonly until?: string
  /** Cycles without an offer after everything has come, to catch what is too much; default 100. 0 ends at once. */
  readonly drain?: number
  /** Cycles without any transfer after which it is a GG_SIM_TIMEOUT, default 20 000. */
  readonly patience?: number
  /** Cycles after which it is a GG_SIM_TIMEOUT, default none. */
  readonly limit?: number
  /** The clock of the stream, default the main clock. */
  readonly clock?: string
}

export type ItemArray = Uint32Array | Int32Array | BigUint64Array | BigInt64Array | bigint[]

/** What a sink took. */
export interface SinkResult {
  readonly count: number
  /** Values of each data port: `Uint32Array` up to 32 bits, `BigUint64Array` up to 64, above bigints; signed ones alike. */
  readonly columns: Readonly<Record<string, ItemArray>>
  /** The cycle of each transfer, the first cycle of the stream being 0. */
  readonly times: Uint32Array
  /** The first data port. */
  readonly data: ItemArray
  rows(): (number | bigint)[][]
}

export interface SourceResult {
  readonly count: number
  /** The cycle in which each item was taken. */
  readonly times: Uint32Array
}

/** What the first sink took, and all of it. */
export interface StreamResult extends SinkResult {
  readonly cycles: number
  readonly sources: readonly SourceResult[]
  readonly sinks: readonly SinkResult[]
}
