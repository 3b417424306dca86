import { buildFolded } from '../folded/index.ts'
import { elementCount } from '../graph/integer-graph.ts'
import type { GraphSegment, HardwareModule, StreamFormat } from '../hardware/hardware-module.ts'
import { buildAdapter, buildStreaming } from '../streaming/index.ts'
import { type AdderGraphSource, buildUnrolled } from '../unrolled/index.ts'
import type { Architecture } from './choose-architecture.ts'
import { joinLayers, type Layer } from './layers.ts'
import { verilogName } from './verilog-names.ts'

/** Options of every architecture. */
export interface BuildOptions {
  /** Prefix of module names. */
  readonly name: string
  /** Multiplications that share one multiplier in a folded layer. */
  readonly reuse?: number | undefined
  readonly reloadable?: boolean | undefined
  /** Adders or comparators between two registers of an unrolled layer. */
  readonly levelsPerStage?: number | undefined
  readonly adderGraph: AdderGraphSource
}

/** A stage of the hardware: which layers it holds, and its module. */
export interface BuiltStage {
  readonly layers: readonly string[]
  readonly module: HardwareModule
  /** What it computes; adapters compute nothing. */
  readonly segment?: GraphSegment
}

/**
 * Builds each layer in its architecture, adjacent unrolled layers as one module, with adapters where
 * stream formats differ.
 * @param port lane width and signedness of the graph input
 */
export function buildStages(
  layers: readonly Layer[],
  architectures: readonly Architecture[],
  port: { readonly bits: number; readonly signed: boolean },
  options: BuildOptions,
): BuiltStage[] {
  const stages: BuiltStage[] = []
  // A picture with its channels last travels in the same order as pixels of C lanes.
  const first = isChannelsLast(layers[0]!) && architectures[1] === 'streaming' ? 1 : 0
  let format = firstFormat(layers[first]!, architectures[first]!, port)
  for (let k = first; k < layers.length; ) {
    const architecture = architectures[k]!
    let end = k + 1
    if (architecture === 'unrolled') while (end < layers.length && architectures[end] === 'unrolled') end++
    const group = layers.slice(k, end)
    const name = `${options.name}_${stages.length}_${verilogName(group[0]!.name)}`
    const wanted = formatFor(group[0]!, architecture, format)
    if (!sameFormat(format, wanted)) {
      const adapter = buildAdapter(format, wanted, {
        name: `${name}_adapter`,
        shape: layers[k]!.graph.values[layers[k]!.source]!.shape,
      })
      stages.push({ layers: [], module: adapter })
    }
    const segment: GraphSegment = group.length === 1 ? group[0]! : joinLayers(group)
    const module = buildStage(segment, architecture, wanted, { ...options, name })
    stages.push({ layers: group.map((layer) => layer.name), module, segment })
    format = module.output
    k = end
  }
  return stages
}

function buildStage(
  segment: GraphSegment,
  architecture: Architecture,
  input: StreamFormat,
  options: BuildOptions,
): HardwareModule {
  const { name, adderGraph, levelsPerStage, reuse, reloadable } = options
  const unrolled = { adderGraph, ...(levelsPerStage === undefined ? {} : { levelsPerStage }) }
  if (architecture === 'unrolled') return buildUnrolled(segment, { ...unrolled, name, input })
  if (architecture === 'streaming')
    return buildStreaming(segment, {
      name,
      input,
      kernel: (inner, given) => buildUnrolled(inner, { ...unrolled, ...given }),
    })
  return buildFolded(segment, {
    name,
    input,
    ...(reuse === undefined ? {} : { reuse }),
    ...(reloadable === undefined ? {} : { reloadable }),
  })
}

/** How the host's tensor comes in: pixel by pixel when the first layer streams, else in one beat. */
function firstFormat(
  layer: Layer,
  architecture: Architecture,
  port: { readonly bits: number; readonly signed: boolean },
): StreamFormat {
  const { shape } = layer.graph.values[layer.source]!
  const picture = shape.length === 3 && shape[1]! * shape[2]! > 1
  if (picture && architecture !== 'unrolled')
    return { beats: shape[1]! * shape[2]!, lanes: shape[0]!, bits: port.bits, signed: port.signed }
  return { beats: 1, lanes: elementCount(shape), bits: port.bits, signed: port.signed }
}

/** The format that a layer needs, as near to what arrives as it can be. */
function formatFor(layer: Layer, architecture: Architecture, arriving: StreamFormat): StreamFormat {
  const { shape } = layer.graph.values[layer.source]!
  if (architecture === 'folded') return arriving
  if (architecture === 'unrolled') return { ...arriving, beats: 1, lanes: elementCount(shape) }
  return { ...arriving, beats: elementCount(shape.slice(1)), lanes: shape[0]! }
}

/** Whether a layer only turns `[H, W, C]` into `[C, H, W]`. */
function isChannelsLast(layer: Layer): boolean {
  const value = layer.graph.values[layer.result]!
  const { operation } = value
  if (layer.values.length !== 1 || operation.kind !== 'rearrange' || value.shape.length !== 3) return false
  const [channels, height, width] = value.shape as [number, number, number]
  const pixels = height * width
  const at = (i: number): number => (i % pixels) * channels + Math.floor(i / pixels)
  return operation.indices === undefined
    ? channels === 1
    : operation.indices.every((index, i) => index === at(i))
}

function sameFormat(a: StreamFormat, b: StreamFormat): boolean {
  return a.beats === b.beats && a.lanes === b.lanes && a.bits === b.bits && a.signed === b.signed
}
