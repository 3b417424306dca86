import { type Resources, type StreamFormat, streamWidth } from '../hardware/hardware-module.ts'
import type { Stage } from './pipeline-text.ts'

/** A stage of a streaming module with what it brings and costs. */
export interface Part {
  readonly stage: Stage
  readonly files: ReadonlyMap<string, string>
  readonly library: readonly string[]
  /** Clocks it adds between the last pixel and the last result. */
  readonly latency: number
  /** Clocks for one picture. */
  readonly clocks: number
  readonly resources: Resources
}

/** A register slice: the ready of the module becomes a flip-flop. */
export function registerSlice(format: StreamFormat): Part {
  const width = streamWidth(format)
  return {
    stage: { module: 'stream_slice', parameters: { WIDTH: width }, input: format, output: format },
    files: new Map(),
    library: ['stream_slice.sv'],
    latency: 1,
    clocks: format.beats,
    resources: { luts: width + 3, ffs: 2 * width + 2, dsps: 0, brams: 0 },
  }
}
