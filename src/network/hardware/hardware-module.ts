import type { IntegerGraph, ValueId } from '../graph/integer-graph.ts'

/**
 * A tensor on an AXI4-Stream: `beats` transfers of `lanes` elements, all of one width, lane 0 in the lowest
 * bits of tdata. A vector `[n]` is usually one beat of n lanes; a picture `[C, H, W]` is H * W beats of C
 * lanes in raster order (one pixel per clock).
 */
export interface StreamFormat {
  readonly beats: number
  readonly lanes: number
  readonly bits: number
  readonly signed: boolean
}

/** Bits of tdata. */
export function streamWidth(format: StreamFormat): number {
  return format.lanes * format.bits
}

/** Bits of tdata at the top of a network: whole bytes, as AXI4-Stream asks; the highest bits are unused. */
export function portWidth(format: StreamFormat): number {
  return 8 * Math.ceil(streamWidth(format) / 8)
}

/**
 * A part of a graph with one way in and one way out: `values` (in order) read only each other, constants
 * and `source`; nothing outside reads any of them but the last, `result`.
 */
export interface GraphSegment {
  readonly graph: IntegerGraph
  readonly source: ValueId
  readonly values: readonly ValueId[]
  readonly result: ValueId
}

/** Estimated logic. LUTs of six inputs for 7-series, of four for iCE40 and ECP5: `lutInputs` says which. */
export interface Resources {
  readonly luts: number
  readonly ffs: number
  readonly dsps: number
  /** Block RAMs of 18 kbit. */
  readonly brams: number
}

/**
 * A segment as SystemVerilog. Ports: `clk`, `rst` (synchronous, active high), `s_axis_tdata`,
 * `s_axis_tvalid`, `s_axis_tready`, `m_axis_tdata`, `m_axis_tvalid`, `m_axis_tready`; AXI4-Stream rules
 * (tvalid never waits for tready, tdata stays while it waits).
 */
export interface HardwareModule {
  /** Module name; its file is `${name}.sv`. */
  readonly name: string
  readonly architecture: 'unrolled' | 'folded' | 'streaming' | 'adapter'
  /** Generated files by name. */
  readonly files: ReadonlyMap<string, string>
  /** Files of hdl/network that the generated ones instantiate. */
  readonly library: readonly string[]
  readonly input: StreamFormat
  readonly output: StreamFormat
  /**
   * Clocks from the handshake of a tensor's last input beat to the first m_axis_tvalid of its last beat, for
   * a tensor alone. Exact for unrolled and streaming modules (negative where results come before the last
   * beat); behind a faster source a folded module is still busy with earlier beats, and `buildChain` adds
   * an upper bound of that.
   */
  readonly latency: number
  /** Clocks between tensors at full speed. */
  readonly interval: number
  readonly resources: Resources
  /**
   * Present when numbers can be rewritten while the logic runs: further inputs `w_enable`, `w_address` of so
   * many bits and `w_data` of 32.
   */
  readonly reload?: { readonly addressBits: number } | undefined
}
