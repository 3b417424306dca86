import { GemgateError } from '../../core/errors.ts'
import type { AdderGraphOptions } from '../adder-graph/index.ts'
import { elementCount, type Range, type Value } from '../graph/integer-graph.ts'
import { hull } from '../graph/ranges.ts'
import type { GraphSegment, HardwareModule, StreamFormat } from '../hardware/hardware-module.ts'
import { estimateResources } from './estimate.ts'
import type { AdderGraphSource } from './lowering/graph-source.ts'
import { lowerSegment } from './lowering/lower-segment.ts'
import { signalFormat } from './netlist/range-bits.ts'
import type { ScalarNetlist } from './netlist/scalar-netlist.ts'
import { scheduleNetlist } from './pipeline/retime.ts'
import type { Schedule } from './pipeline/schedule.ts'
import { emitModule } from './verilog/emit-module.ts'

export interface UnrolledOptions {
  /** Module name. */
  readonly name: string
  /** Adders or comparators that may follow each other between two registers, default 2; more is slower and smaller. */
  readonly levelsPerStage?: number
  /** Options of the adder graph engine, or whoever has the graphs already. */
  readonly adderGraph?: AdderGraphSource | AdderGraphOptions
  /** Lane width of the input; by default as narrow as the source's ranges allow. */
  readonly input?: StreamFormat
  /** Lane width of the output likewise. */
  readonly output?: StreamFormat
}

const usualLevels = 2

/**
 * A segment as one fully parallel, pipelined module: a vector (or small picture) per clock, every element of source
 * and result a lane of one beat, in row-major order.
 * @throws GemgateError GG_MODEL_UNSUPPORTED for what is too large to unroll, GG_USAGE for lanes that are too narrow
 */
export function buildUnrolled(segment: GraphSegment, options: UnrolledOptions): HardwareModule {
  checkName(options.name)
  const { values } = segment.graph
  const [source, result] = [values[segment.source]!, values[segment.result]!]
  const input = options.input ?? vectorFormat(source)
  const output = options.output ?? vectorFormat(result)
  checkFormat(source, input, 'input')
  checkFormat(result, output, 'output')
  const netlist = lowerSegment(segment, options.adderGraph)
  const schedule = scheduleNetlist(netlist, levelsOf(options))
  const resources = estimateResources(netlist, schedule)
  const text = emitModule(netlist, schedule, {
    name: options.name,
    title: titleLines(segment, netlist, schedule, input, output),
    input,
    output,
  })
  return {
    name: options.name,
    architecture: 'unrolled',
    files: new Map([[`${options.name}.sv`, text]]),
    library: [],
    input,
    output,
    latency: schedule.stages,
    interval: 1,
    resources,
  }
}

/** One beat with a lane per element, just wide enough for all of them. */
export function vectorFormat(value: Value): StreamFormat {
  const { bits, signed } = wholeBits(hull(value.ranges))
  return { beats: 1, lanes: elementCount(value.shape), bits, signed }
}

function wholeBits(range: Range): { readonly bits: number; readonly signed: boolean } {
  return signalFormat({ ...range, step: 1 })
}

function checkFormat(value: Value, format: StreamFormat, side: string): void {
  const needed = vectorFormat(value)
  const wide = format.bits - Number(format.signed && !needed.signed)
  const fits = needed.lanes > 0 && wide >= needed.bits && (format.signed || !needed.signed)
  if (fits && format.lanes === needed.lanes && format.beats === 1) return
  throw new GemgateError(
    'GG_USAGE',
    `the ${side} '${value.name}' needs 1 beat of ${needed.lanes} lanes with ${needed.bits} ${needed.signed ? 'signed' : 'unsigned'} bits, not ${format.beats} of ${format.lanes} with ${format.bits}`,
    'Put an adapter between the two modules, or choose another lane width.',
  )
}

function checkName(name: string): void {
  if (/^[A-Za-z_]\w*$/.test(name)) return
  throw new GemgateError('GG_USAGE', `'${name}' is no module name`, 'Use letters, digits and underscores.')
}

function levelsOf({ levelsPerStage = usualLevels }: UnrolledOptions): number {
  if (levelsPerStage >= 1) return levelsPerStage
  throw new GemgateError(
    'GG_USAGE',
    `${levelsPerStage} adders between two registers are too few`,
    'Give 1 or more; Infinity makes the logic one stage.',
  )
}

function titleLines(
  { graph, source, values, result }: GraphSegment,
  netlist: ScalarNetlist,
  { stages }: Schedule,
  input: StreamFormat,
  output: StreamFormat,
): string[] {
  const count = (kind: string): number => netlist.nodes.filter((node) => node.operation.kind === kind).length
  const kinds = values.map((id) => graph.values[id]!.operation.kind).join(', ')
  const format = ({ lanes, bits, signed }: StreamFormat): string =>
    `${lanes} x ${signed ? 'int' : 'uint'}${bits}`
  return [
    `'${graph.values[result]!.name}' from '${graph.values[source]!.name}' of network '${graph.name}' (${kinds}), fully unrolled.`,
    `s_axis ${format(input)}, m_axis ${format(output)}, lane 0 in the lowest bits.`,
    `Latency ${stages} clocks, a vector per clock. ${count('add')} adders. m_axis is registers;`,
    's_axis_tready follows m_axis_tready within the clock.',
    'Generated by gemgate from the ONNX file; do not edit.',
  ]
}
