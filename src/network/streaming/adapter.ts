import { GemgateError } from '../../core/errors.ts'
import { type HardwareModule, type StreamFormat, streamWidth } from '../hardware/hardware-module.ts'
import { elementAt } from '../hardware/stream-packing.ts'
import { formatText, pipelineText, type Stage } from './pipeline-text.ts'
import { registerSlice } from './stream-part.ts'

export interface AdapterOptions {
  /** Name of the module. */
  readonly name: string
  /**
   * Shape of the tensor, for the order of its elements. When not given: `lanes` and `beats` of the side with
   * several beats are channels and pixels of a picture (its vector then is row-major).
   */
  readonly shape?: readonly number[]
}

/**
 * Turns one stream of a tensor into another: other beats and lanes, other lane widths.
 * @throws GemgateError GG_USAGE when elements would be lost: fewer places, fewer bits, signed to unsigned
 */
export function buildAdapter(from: StreamFormat, to: StreamFormat, options: AdapterOptions): HardwareModule {
  checkFormats(from, to, options)
  const { name } = options
  const sameBeats = from.beats === to.beats && from.lanes === to.lanes
  const shape = options.shape ?? impliedShape(from, to)
  const held = { ...to, beats: 1, lanes: to.beats * to.lanes }
  const gathered = { ...to, beats: 1, lanes: from.beats * from.lanes }
  const wide = { ...to, beats: from.beats, lanes: from.lanes }
  const gather = from.beats > 1 && !sameBeats
  const serialise = to.beats > 1 && !sameBeats
  const order = `${name}_order`
  const stages: Stage[] = []
  const files = new Map<string, string>()
  const library: string[] = []
  const width = streamWidth(wide)
  if (gather) {
    stages.push({
      module: 'beats_to_vector',
      parameters: { BEATS: from.beats, WIDTH: width },
      input: wide,
      output: gathered,
    })
    library.push('beats_to_vector.sv')
  }
  if (!sameBeats) {
    stages.push({ module: order, input: gathered, output: held })
    files.set(`${order}.sv`, orderText(order, gathered, held, laneOrder(from, to, shape)))
  }
  if (serialise) {
    const parameters = { BEATS: to.beats, WIDTH: streamWidth(to) }
    stages.push({ module: 'vector_to_beats', parameters, input: held, output: to })
    library.push('vector_to_beats.sv')
  }
  if (!gather && !serialise) {
    stages.unshift({ ...registerSlice(wide).stage, input: wide, output: wide })
    library.push('stream_slice.sv')
  }
  const latency = (gather ? 1 : 0) + (serialise ? to.beats : 0) + (gather || serialise ? 0 : 1)
  const interval = Math.max(from.beats, to.beats)
  const header = `a stream of ${formatText(from)} as ${formatText(to)}.`
  const note = `Latency ${latency} clocks from the last beat to the last beat, one tensor in ${interval} clocks.`
  files.set(`${name}.sv`, pipelineText(name, header, [note], from, to, stages))
  const elements = streamWidth(wide) * from.beats
  return {
    name,
    architecture: 'adapter',
    files,
    library,
    input: from,
    output: to,
    latency,
    interval,
    resources: {
      luts: (gather ? 10 : 0) + (serialise ? streamWidth(held) : 0) + (gather || serialise ? 0 : width),
      ffs:
        (gather ? elements : 0) +
        (serialise ? streamWidth(held) : 0) +
        (gather || serialise ? 10 : 2 * width),
      dsps: 0,
      brams: 0,
    },
  }
}

function checkFormats(from: StreamFormat, to: StreamFormat, options: AdapterOptions): void {
  const places = from.beats * from.lanes
  const elements = options.shape?.reduce((product, size) => product * size, 1) ?? places
  const enough = to.beats * to.lanes >= elements && places >= elements
  const sign = from.signed === to.signed ? to.bits >= from.bits : to.signed && to.bits > from.bits
  if (enough && sign) return
  throw new GemgateError(
    'GG_USAGE',
    `a stream of ${formatText(from)} does not fit into ${formatText(to)}`,
    'Use as many elements, as many bits, and signed lanes for signed elements.',
  )
}

function impliedShape(from: StreamFormat, to: StreamFormat): readonly number[] {
  const many = from.beats > 1 ? from : to
  return many.beats > 1 ? [many.lanes, many.beats] : [Math.min(from.lanes, to.lanes)]
}

/** For each place of the target, beats first, the place of the source; -1 for padding. */
function laneOrder(from: StreamFormat, to: StreamFormat, shape: readonly number[]): number[] {
  const elements = shape.reduce((product, size) => product * size, 1)
  const places = new Map<number, number>()
  for (let beat = 0; beat < from.beats; beat++)
    for (let lane = 0; lane < from.lanes; lane++)
      places.set(elementAt(from, shape, beat, lane), beat * from.lanes + lane)
  return Array.from({ length: to.beats * to.lanes }, (_, k) => {
    const element = elementAt(to, shape, Math.floor(k / to.lanes), k % to.lanes)
    return element < elements ? places.get(element)! : -1
  })
}

/** Wires only: each lane from its place. */
function orderText(name: string, from: StreamFormat, to: StreamFormat, order: readonly number[]): string {
  const { bits } = to
  const lanes = order.map((place, k) => {
    const source = place < 0 ? `${bits}'d0` : `s_axis_tdata[${place * bits}+:${bits}]`
    return `  assign m_axis_tdata[${k * bits}+:${bits}] = ${source};`
  })
  return `// ${name}: lanes in another order; wires only.
// Generated by gemgate; do not edit.
\`default_nettype none
module ${name} (
    input  wire clk,
    input  wire rst,
    input  wire [${streamWidth(from) - 1}:0] s_axis_tdata,
    input  wire s_axis_tvalid,
    output wire s_axis_tready,
    output wire [${streamWidth(to) - 1}:0] m_axis_tdata,
    output wire m_axis_tvalid,
    input  wire m_axis_tready
);
  assign s_axis_tready = m_axis_tready;
  assign m_axis_tvalid = s_axis_tvalid;
${lanes.join('\n')}
  wire unused = &{1'b0, clk, rst, s_axis_tdata};
endmodule
\`default_nettype wire
`
}
