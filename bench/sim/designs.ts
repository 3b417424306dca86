import { join } from 'node:path'
import { coreSources } from '../../sim/board/core-sources.ts'
import { packageRoot } from '../../src/core/package-root.ts'

/**
 * A design that drives itself: input `clk`, output `state`, a 32-bit signature of everything since power-on. Both
 * engines simulate the same text, and nothing but clocks crosses their borders.
 */
export interface BenchDesign {
  /** Also the name of the top module. */
  readonly name: string
  /** Paths, in compilation order. */
  readonly sources: readonly string[]
}

const own = (...names: string[]): string[] =>
  ['stimulus', 'signature', ...names].map((name) => join(packageRoot, 'bench/sim/designs', `${name}.sv`))
const hdl = (...names: string[]): string[] => names.map((name) => join(packageRoot, 'hdl', `${name}.sv`))

const unrolled = ['unrolled_neuron', 'unrolled_layer', 'unrolled_mlp']

/** From small to large, streams, state machines and arithmetic. */
export const benchDesigns: readonly BenchDesign[] = [
  { name: 'stream_front_end', sources: own('pixel_source', 'front_end', 'stream_front_end') },
  {
    name: 'serial_loop',
    sources: [
      ...own('serial_loop'),
      ...hdl('link/hdlc_tx', 'link/hdlc_rx', 'link/uart_tx', 'link/uart_rx', 'link/byte_fifo', 'link/crc32'),
    ],
  },
  { name: 'serial_trigger', sources: own('pixel_source', 'front_end', 'serial_mlp', 'serial_trigger') },
  {
    name: 'cluster_machine',
    sources: [
      ...own('cluster_machine'),
      ...hdl('macro/cluster_processor', 'macro/cluster_program', 'macro/line_memory'),
    ],
  },
  {
    name: 'parallel_trigger',
    sources: own('pixel_source', 'front_end', 'parallel_layer', 'parallel_mlp', 'parallel_trigger'),
  },
  { name: 'trigger_core', sources: [...own('trigger_core'), ...coreSources(join(packageRoot, 'hdl'))] },
  { name: 'unrolled_trigger', sources: own('pixel_source', 'front_end', ...unrolled, 'unrolled_trigger') },
  { name: 'unrolled_network', sources: own(...unrolled, 'unrolled_network') },
]
