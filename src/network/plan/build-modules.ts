import { buildFolded } from '../folded/index.ts'
import { elementCount } from '../graph/integer-graph.ts'
import type { GraphSegment, HardwareModule, StreamFormat } from '../hardware/hardware-module.ts'
import { buildAdapter, buildStreaming } from '../streaming/index.ts'
import { type AdderGraphSource, buildUnrolled } from '../unrolled/index.ts'
import type { Architecture } from './choose-architecture.ts'
import { joinLayers, type Layer } from './layers.ts'

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
  let format = firstFormat(layers[0]!, architectures[0]!, port)
  for (let k = 0; k < layers.length; ) {
    const architecture = architectures[k]!
    let end = k + 1
    if (architecture === 'unrolled') while (end < layers.length && architectures[end] === 'unrolled') end++
    const group = layers.slice(k, end)
    const name = `${options.name}_${stages.length}_${identifier(group[0]!.name)}`
    const wanted = formatFor(group[0]!, architecture, format)
    if (!sameFormat(format, wanted)) {
      const adapter = buildAdapter(format, wanted, { name: `${name}_adapter` })
      stages.push({ layers: [], module: adapter })
    }
    const module = buildStage(group, architecture, wanted, { ...options, name })
    stages.push({ layers: group.map((layer) => layer.name), module })
    format = module.output
    k = end
  }
  return stages
}

function buildStage(
  group: readonly Layer[],
  architecture: Architecture,
  input: StreamFormat,
  options: BuildOptions,
): HardwareModule {
  const segment: GraphSegment = group.length === 1 ? group[0]! : joinLayers(group)
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
  if (architecture !== 'unrolled') return arriving
  const source = layer.graph.values[layer.source]!
  return { ...arriving, beats: 1, lanes: elementCount(source.shape) }
}

function sameFormat(a: StreamFormat, b: StreamFormat): boolean {
  return a.beats === b.beats && a.lanes === b.lanes && a.bits === b.bits && a.signed === b.signed
}

/** A name as Verilog takes it. */
export function identifier(text: string): string {
  const cleaned = text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '')
  return cleaned.slice(0, 40) || 'layer'
}
