import {
  type CompiledDesign,
  compileVerilog,
  type Dut,
  dutOf,
  Simulation,
} from '../../../sim/verilog/index.ts'
import { evaluateValues } from '../../../src/network/graph/index.ts'
import type {
  GraphSegment,
  HardwareModule,
  StreamFormat,
} from '../../../src/network/hardware/hardware-module.ts'
import type { Pace } from '../../support/paces.ts'

/** A tensor as the word of one beat, lane 0 in the lowest bits. */
export function packed(lanes: ArrayLike<number>, { bits }: StreamFormat): bigint {
  let word = 0n
  for (let i = lanes.length - 1; i >= 0; i--)
    word = (word << BigInt(bits)) | BigInt.asUintN(bits, BigInt(lanes[i]!))
  return word
}

/** What the specification says about a segment. */
export function expected({ graph, source, result }: GraphSegment, input: Float64Array): Float64Array {
  const inputs = graph.inputs.map((port) => (port.value === source ? input : new Float64Array(0)))
  return evaluateValues(graph, inputs)[result]!
}

/** The words that the specification gives for these inputs. */
export function expectedWords(
  segment: GraphSegment,
  module: HardwareModule,
  inputs: readonly Float64Array[],
): bigint[] {
  return inputs.map((input) => packed(expected(segment, input), module.output))
}

/** A generated module in the simulator. */
export async function compiled(module: HardwareModule): Promise<CompiledDesign> {
  const files = Object.fromEntries(module.files)
  return compileVerilog(Object.keys(files), { top: module.name, files, cache: false })
}

/** What a module gives for these inputs, after reset, with pauses on both sides. */
export async function simulated(
  design: CompiledDesign,
  module: HardwareModule,
  inputs: readonly Float64Array[],
  stall: Pace,
): Promise<bigint[]> {
  const dut = await reset(design)
  const items = inputs.map((input) => packed(input, module.input))
  const { data } = dut.stream({ source: 's_axis', items, sink: 'm_axis', count: items.length, stall })
  return Array.from(data, BigInt)
}

/** Clocks from the handshake of a lone vector to m_axis_tvalid. */
export async function measuredLatency(design: CompiledDesign): Promise<number> {
  const dut = await reset(design)
  const { times, sources } = dut.stream({ source: 's_axis', items: [0], sink: 'm_axis', count: 1 })
  return times[0]! - sources[0]!.times[0]!
}

async function reset(design: CompiledDesign): Promise<Dut> {
  const dut = dutOf(new Simulation(design))
  await dut.applyReset()
  return dut
}
