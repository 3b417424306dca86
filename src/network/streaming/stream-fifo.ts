import { GemgateError } from '../../core/errors.ts'
import { type HardwareModule, type StreamFormat, streamWidth } from '../hardware/hardware-module.ts'
import { memoryCost } from './memory-estimate.ts'
import { formatText, pipelineText } from './pipeline-text.ts'

/**
 * A buffer of at least `depth` beats: pooled pixels come in bursts, a row of them and then a pause; with a
 * row's worth of buffer a folded layer behind them needs multipliers for their average rate only.
 */
export function buildFifo(
  format: StreamFormat,
  depth: number,
  options: { readonly name: string },
): HardwareModule {
  if (!Number.isInteger(depth) || depth < 1 || depth > 2 ** 20)
    throw new GemgateError('GG_USAGE', `a buffer cannot hold ${depth} beats`, 'Use 1 to 2^20.')
  const { name } = options
  const width = streamWidth(format)
  const depthBits = Math.max(1, Math.ceil(Math.log2(depth)))
  const memory = memoryCost(2 ** depthBits, width)
  const stage = {
    module: 'stream_fifo',
    parameters: { WIDTH: width, DEPTH_BITS: depthBits },
    input: format,
    output: format,
  }
  const header = `a buffer of ${2 ** depthBits} beats of ${formatText({ ...format, beats: 1 })}.`
  return {
    name,
    architecture: 'adapter',
    files: new Map([
      [
        `${name}.sv`,
        pipelineText(name, header, ['Latency 2 clocks, one beat per clock.'], format, format, [stage]),
      ],
    ]),
    library: ['stream_fifo.sv'],
    input: format,
    output: format,
    latency: 2,
    interval: format.beats,
    resources: {
      luts: memory.luts + 5 * depthBits,
      ffs: width + 3 * depthBits + 4,
      dsps: 0,
      brams: memory.brams,
    },
  }
}
