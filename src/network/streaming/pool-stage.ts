import type { Operation, Window } from '../graph/integer-graph.ts'
import { type StreamFormat, streamWidth } from '../hardware/hardware-module.ts'
import { countBits, memoryCost } from './memory-estimate.ts'
import type { Part } from './stream-part.ts'
import { type WindowPart, windowGaps } from './window-stage.ts'

type Pool = Extract<Operation, { kind: 'pool' }>

/** True for windows side by side, no overlap, no gap, no pads; and for a single one, whatever its strides. */
export function isTiling(
  window: Window,
  size: readonly [number, number],
  out: readonly [number, number],
): boolean {
  const { kernel, strides, pads, dilations } = window
  return [0, 1].every((axis) => {
    const [reach, stride] = [kernel[axis]!, strides[axis]!]
    const dense = dilations[axis] === 1 || reach === 1
    const single = out[axis] === 1 && Math.floor(size[axis]! / reach) === 1
    return pads[axis] === 0 && pads[axis + 2] === 0 && dense && (reach === stride || single)
  })
}

/** Pooling of tiles: running joins and a memory of one row of tiles, no windows. */
export function poolStage(
  pool: Pool,
  size: readonly [number, number],
  input: StreamFormat,
  output: StreamFormat,
): WindowPart {
  const { kernel } = pool.window
  const rows = Math.floor(size[0] / kernel[0])
  const columns = Math.floor(size[1] / kernel[1])
  const width = output.lanes * output.bits
  const memory = memoryCost(kernel[0] > 1 ? columns : 0, width)
  const counters = 2 * (countBits(size[0]) + countBits(size[1])) + countBits(columns)
  // Pixels after the last one of the last tile.
  const rest = (size[0] - rows * kernel[0]) * size[1] + (size[1] - columns * kernel[1])
  return {
    stage: {
      module: 'stream_pool',
      parameters: {
        CHANNELS: input.lanes,
        BITS: input.bits,
        OUT_BITS: output.bits,
        ...joinParameters(pool, input),
        HEIGHT: size[0],
        WIDTH: size[1],
        KERNEL_ROWS: kernel[0],
        KERNEL_COLUMNS: kernel[1],
      },
      input,
      output: { ...output, beats: rows * columns },
    },
    files: new Map(),
    library: ['stream_pool.sv', 'join_elements.sv', 'range_check.sv'],
    latency: 2 - rest,
    clocks: size[0] * size[1],
    gaps: windowGaps([rows, columns], kernel, size),
    resources: {
      luts: memory.luts + 2 * width * (pool.mode === 'max' ? 2 : 1) + 2 * counters,
      ffs: memory.ffs + streamWidth(input) + 2 * width + counters + 6,
      dsps: 0,
      brams: memory.brams,
    },
  }
}

/** Pooling of whole windows: a tree of joins. */
export function windowPoolStage(pool: Pool, input: StreamFormat, output: StreamFormat): Part {
  const area = pool.window.kernel[0] * pool.window.kernel[1]
  const levels = Math.max(1, Math.ceil(Math.log2(area)))
  const width = output.lanes * output.bits
  return {
    stage: {
      module: 'window_pool',
      parameters: {
        CHANNELS: input.lanes,
        AREA: area,
        BITS: input.bits,
        OUT_BITS: output.bits,
        ...joinParameters(pool, input),
      },
      input: { ...input, lanes: input.lanes * area },
      output,
    },
    files: new Map(),
    library: ['window_pool.sv', 'join_elements.sv'],
    latency: levels,
    clocks: 1,
    resources: {
      luts: (area - 1) * width * (pool.mode === 'max' ? 2 : 1) + levels,
      ffs: (area - 1 + levels) * width + levels,
      dsps: 0,
      brams: 0,
    },
  }
}

function joinParameters(pool: Pool, input: StreamFormat): Record<string, string> {
  return {
    IS_SIGNED: input.signed ? "1'b1" : "1'b0",
    IS_SUM: pool.mode === 'sum' ? "1'b1" : "1'b0",
  }
}
