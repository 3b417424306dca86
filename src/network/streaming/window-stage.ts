import type { Window } from '../graph/integer-graph.ts'
import { type StreamFormat, streamWidth } from '../hardware/hardware-module.ts'
import type { Geometry } from './geometry.ts'
import { countBits, memoryCost } from './memory-estimate.ts'
import type { Part } from './stream-part.ts'

/** The window buffer with the clocks between its results. */
export interface WindowPart extends Part {
  /** Clocks from each window of a picture to the next at full speed, the last to the next picture's first. */
  readonly gaps: readonly number[]
}

/**
 * @param outside bits of a lane that lies outside the picture
 * @param padded whether any does
 */
export function windowStage(
  window: Window,
  walk: Geometry,
  size: readonly [number, number],
  out: readonly [number, number],
  input: StreamFormat,
  outside: bigint,
  padded: boolean,
): WindowPart {
  const { kernel, strides, dilations, pads } = window
  const pixel = streamWidth(input)
  const area = kernel[0] * kernel[1]
  const length = dilations[0] * walk.gridColumns
  const reach = (kernel[1] - 1) * dilations[1]
  const line = kernel[0] === 1 ? memoryCost(0, 0) : memoryCost(length, (kernel[0] - 1) * pixel)
  const counters = 2 * (countBits(walk.gridRows) + countBits(walk.gridColumns)) + countBits(length)
  return {
    stage: {
      module: 'window_buffer',
      parameters: {
        CHANNELS: input.lanes,
        BITS: input.bits,
        HEIGHT: size[0],
        WIDTH: size[1],
        KERNEL_ROWS: kernel[0],
        KERNEL_COLUMNS: kernel[1],
        ROW_DILATION: dilations[0],
        COLUMN_DILATION: dilations[1],
        STRIDE_ROWS: strides[0],
        STRIDE_COLUMNS: strides[1],
        PAD_TOP: pads[0],
        PAD_LEFT: pads[1],
        OUT_ROWS: out[0],
        OUT_COLUMNS: out[1],
        GRID_ROWS: walk.gridRows,
        GRID_COLUMNS: walk.gridColumns,
        FIRST_ROW: walk.firstRow,
        FIRST_COLUMN: walk.firstColumn,
        START_ROW: walk.startRow,
        START_COLUMN: walk.startColumn,
        OUTSIDE: `${input.bits}'d${outside}`,
      },
      input,
      output: { ...input, beats: out[0] * out[1], lanes: input.lanes * area },
    },
    files: new Map(),
    library: ['window_buffer.sv', 'window_lines.sv', 'range_check.sv'],
    latency: walk.tail + 2,
    clocks: walk.gridRows * walk.gridColumns,
    gaps: windowGaps(out, strides, [walk.gridRows, walk.gridColumns]),
    resources: {
      // About half of the masks become resets of the flip-flops.
      luts: line.luts + 3 * counters + (padded ? Math.ceil((pixel * area) / 2) : 0) + 10,
      ffs: line.ffs + pixel * (1 + reach * kernel[0] + area) + counters + kernel[0] + kernel[1] + 5,
      dsps: 0,
      brams: line.brams,
    },
  }
}

/**
 * @param out rows and columns of windows, `strides` steps apart
 * @param grid rows and columns of steps
 */
export function windowGaps(
  out: readonly [number, number],
  strides: readonly [number, number],
  grid: readonly [number, number],
): number[] {
  const at = (k: number): number => {
    const row = Math.floor(k / out[1])
    return row * strides[0] * grid[1] + (k - row * out[1]) * strides[1]
  }
  const count = out[0] * out[1]
  return Array.from({ length: count }, (_, k) => (k + 1 < count ? at(k + 1) : grid[0] * grid[1]) - at(k))
}
