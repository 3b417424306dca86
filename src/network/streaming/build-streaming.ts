import { GemgateError } from '../../core/errors.ts'
import { type Operation, type Range, rangeOf, type Window } from '../graph/integer-graph.ts'
import { hull, rangeBits } from '../graph/ranges.ts'
import type { GraphSegment, HardwareModule, Resources, StreamFormat } from '../hardware/hardware-module.ts'
import { buildUnrolled, type UnrolledOptions } from '../unrolled/index.ts'
import { checkWindow, geometry, hasEmptyWindow, neverOutside, sliceLatency } from './geometry.ts'
import { convolutionKernel, pixelKernel } from './kernel-segment.ts'
import { pipelineText, type Stage } from './pipeline-text.ts'
import { isTiling, poolStage, windowPoolStage } from './pool-stage.ts'
import { type Part, registerSlice } from './stream-part.ts'
import { readStreamingSegment, type StreamingSegment } from './streaming-segment.ts'
import { checkFormat, valueFormat } from './value-format.ts'
import { type WindowPart, windowStage } from './window-stage.ts'

/** Makes the module that works on one window or pixel: a segment whose source is a vector. */
export type KernelBuilder = (
  segment: GraphSegment,
  options: UnrolledOptions & { readonly input: StreamFormat },
) => HardwareModule

export interface StreamingOptions {
  /** Name of the module; the kernel's is `${name}_kernel`. */
  readonly name: string
  /** How the pixels arrive, when not as `valueFormat` says: wider lanes. */
  readonly input?: StreamFormat
  /** Makes the kernel (default `buildUnrolled`, a window per clock); a folded one where multipliers are scarce. */
  readonly kernel?: KernelBuilder
  /** For the unrolled kernel. */
  readonly levelsPerStage?: number
  readonly adderGraph?: NonNullable<UnrolledOptions['adderGraph']>
}

/**
 * A convolution or pooling with the elementwise functions behind it, on a picture that comes pixel by pixel
 * in raster order; one pixel per clock as long as there are not more results than pixels. Latency and interval
 * are exact for kernels that take a window per clock; behind a slower one the interval is the most it takes.
 * @param segment conv or pool, then maps
 * @throws GemgateError GG_MODEL_UNSUPPORTED, naming the value, for what cannot be streamed
 */
export function buildStreaming(segment: GraphSegment, options: StreamingOptions): HardwareModule {
  const parsed = readStreamingSegment(segment)
  const input = options.input ?? valueFormat(segment.graph, segment.source)
  checkFormat(parsed.source, input, { beats: pixelsOf(parsed.source.shape), lanes: parsed.source.shape[0]! })
  const parts = windowParts(parsed, input, options)
  const stages = parts.map((part) => part.stage)
  const latency = parts.reduce((sum, part) => sum + part.latency, 0)
  const interval = pace(parts)
  const output = { ...parts.at(-1)!.stage.output, beats: pixelsOf(parsed.result.shape) }
  const files = new Map(parts.flatMap((part) => [...part.files]))
  files.set(
    `${options.name}.sv`,
    pipelineText(
      options.name,
      description(parsed),
      [
        `Latency ${latency} clocks from the last pixel to the last result, one picture in ${interval} clocks.`,
      ],
      input,
      output,
      stages,
    ),
  )
  return {
    name: options.name,
    architecture: 'streaming',
    files,
    library: [...new Set(parts.flatMap((part) => part.library))],
    input,
    output,
    latency,
    interval,
    resources: total(parts.map((part) => part.resources)),
  }
}

function windowParts(parsed: StreamingSegment, input: StreamFormat, options: StreamingOptions): Part[] {
  const { window, windowed, source, maps } = parsed
  if (window === undefined || windowed === undefined) {
    const ranges = channelRanges(source.ranges, source.shape[0]!, (c) => rangeOf(source, c))
    const part = mapPart(parsed.result.name, ranges, source.shape[0]!, maps, input, options)
    return [registerSlice(input), ...part.map((kernel) => repeated(kernel, pixelsOf(source.shape)))]
  }
  const size = [source.shape[1]!, source.shape[2]!] as const
  const out = [windowed.shape[1]!, windowed.shape[2]!] as const
  checkWindow(windowed.name, window.window, out)
  const padded = !neverOutside(window.window, size, out)
  const walk = geometry(window.window, size, out)
  const slice = { ...registerSlice(input), latency: sliceLatency(walk, size) }
  if (window.kind === 'conv') {
    const segment = convolutionKernel(windowed.name, window, source, maps, padded, input)
    const kernel = kernelPart(
      buildKernel(segment, { ...input, lanes: windowLanes(window.window, input) }, options),
    )
    if (isPointwise(window)) return [registerSlice(input), repeated(kernel, size[0] * size[1])]
    const stage = windowStage(window.window, walk, size, out, input, 0n, padded)
    return [slice, stage, repeated(kernel, out[0] * out[1], stage.gaps)]
  }
  if (window.mode === 'max' && hasEmptyWindow(window.window, size, out))
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `'${windowed.name}' takes the maximum of windows that lie outside the picture`,
      'Use pads smaller than the kernel.',
    )
  const pooled = pooledFormat(window.mode, input, windowed.ranges)
  const ranges = channelRanges(windowed.ranges, windowed.shape[0]!, (c) => rangeOf(windowed, c))
  const after = mapPart(windowed.name, ranges, windowed.shape[0]!, maps, pooled, options)
  const follow = (stage: WindowPart): Part[] =>
    after.map((kernel) => repeated(kernel, out[0] * out[1], stage.gaps))
  if (isTiling(window.window, size, out)) {
    const stage = poolStage(window, size, input, pooled)
    return [registerSlice(input), stage, ...follow(stage)]
  }
  const outside = window.mode === 'max' ? lowest(source.ranges, input.bits) : 0n
  const stage = windowStage(window.window, walk, size, out, input, outside, padded)
  return [slice, stage, windowPoolStage(window, input, pooled), ...follow(stage)]
}

function mapPart(
  name: string,
  ranges: readonly Range[],
  channels: number,
  maps: Parameters<typeof pixelKernel>[3],
  format: StreamFormat,
  options: StreamingOptions,
): Part[] {
  if (maps.length === 0) return []
  const pixel = { ...format, beats: 1 }
  const segment = pixelKernel(name, ranges, channels, maps, pixel)
  return [kernelPart(buildKernel(segment, pixel, options))]
}

function buildKernel(segment: GraphSegment, format: StreamFormat, options: StreamingOptions): HardwareModule {
  const { kernel = buildUnrolled, name, levelsPerStage, adderGraph } = options
  return kernel(segment, {
    name: `${name}_kernel`,
    input: { ...format, beats: 1 },
    ...(levelsPerStage === undefined ? {} : { levelsPerStage }),
    ...(adderGraph === undefined ? {} : { adderGraph }),
  })
}

function windowLanes(window: Window, format: StreamFormat): number {
  return format.lanes * window.kernel[0] * window.kernel[1]
}

function kernelPart(module: HardwareModule): Part {
  const { input, output, files, library, latency, interval, resources } = module
  if (input.beats !== 1 || output.beats !== 1)
    throw new GemgateError(
      'GG_USAGE',
      `the kernel ${module.name} takes ${input.beats} and gives ${output.beats} beats`,
      'A kernel works on one beat.',
    )
  const stage: Stage = { module: module.name, input, output }
  return { stage, files, library, latency, clocks: interval, resources }
}

/** A part that works `times` times for each picture, not before `gaps` clocks after the time before. */
function repeated(part: Part, times: number, gaps?: readonly number[]): Part {
  const each = part.clocks
  const clocks = gaps?.reduce((sum, gap) => sum + Math.max(gap, each), 0) ?? times * each
  return { ...part, clocks }
}

function pace(parts: readonly Part[]): number {
  return parts.reduce((most, part) => Math.max(most, part.clocks), 1)
}

function pooledFormat(mode: 'max' | 'sum', input: StreamFormat, ranges: readonly Range[]): StreamFormat {
  const bits = mode === 'max' ? input.bits : Math.max(input.bits, rangeBits(hull(ranges)).bits)
  return { ...input, bits }
}

function lowest(ranges: readonly Range[], bits: number): bigint {
  return BigInt.asUintN(bits, BigInt(hull(ranges).min))
}

function channelRanges(ranges: readonly Range[], channels: number, at: (c: number) => Range): Range[] {
  return ranges.length === 1 ? [ranges[0]!] : Array.from({ length: channels }, (_, c) => at(c))
}

function isPointwise(conv: Extract<Operation, { kind: 'conv' }>): boolean {
  const { kernel, strides, pads } = conv.window
  return [...kernel, ...strides].every((size) => size === 1) && pads.every((pad) => pad === 0)
}

function pixelsOf(shape: readonly number[]): number {
  return shape[1]! * shape[2]!
}

function total(parts: readonly Resources[]): Resources {
  const sum = (of: (part: Resources) => number): number => parts.reduce((all, part) => all + of(part), 0)
  return {
    luts: sum((part) => part.luts),
    ffs: sum((part) => part.ffs),
    dsps: sum((part) => part.dsps),
    brams: sum((part) => part.brams),
  }
}

function description({ source, result, window, maps }: StreamingSegment): string {
  const size = window === undefined ? '' : `${window.window.kernel.join(' x ')} `
  const what = window === undefined ? 'functions' : window.kind === 'pool' ? `${window.mode} pool` : 'conv'
  const behind = window === undefined || maps.length === 0 ? '' : ` and ${maps.length} function(s) behind it`
  return `${size}${what}${behind}, [${source.shape}] to [${result.shape}], pixel by pixel.`
}
