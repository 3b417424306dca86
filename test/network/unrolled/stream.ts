import type { CompiledDesign } from '../../../sim/verilog/index.ts'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import type { Random } from '../../../src/core/random.ts'
import { evaluateValues } from '../../../src/network/graph/index.ts'
import type {
  GraphSegment,
  HardwareModule,
  StreamFormat,
} from '../../../src/network/hardware/hardware-module.ts'
import { runStage, type StagePauses } from '../../support/stage.ts'

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
export function simulated(
  design: CompiledDesign,
  module: HardwareModule,
  inputs: readonly Float64Array[],
  pauses: StagePauses,
  random: Random,
): bigint[] {
  const simulation = reset(design)
  const outputs = runStage(simulation, {
    source: { valid: 's_axis_tvalid', ready: 's_axis_tready', data: ['s_axis_tdata'] },
    sink: { valid: 'm_axis_tvalid', ready: 'm_axis_tready', data: ['m_axis_tdata'] },
    items: inputs.map((input) => [packed(input, module.input)]),
    pauses,
    random,
    finished: (made) => made.length >= inputs.length,
  })
  return outputs.map(([word]) => BigInt(word!))
}

/** Clocks from the handshake of a lone vector to m_axis_tvalid. */
export function measuredLatency(design: CompiledDesign): number {
  const simulation = reset(design)
  simulation.set('m_axis_tready', 1)
  simulation.set('s_axis_tvalid', 1)
  for (let clocks = 0; clocks < 10_000; clocks++) {
    if (Number(simulation.get('m_axis_tvalid')) === 1) return clocks
    simulation.step()
    simulation.set('s_axis_tvalid', 0)
  }
  throw new Error('no output')
}

function reset(design: CompiledDesign): Simulation {
  const simulation = new Simulation(design)
  simulation.set('rst', 1)
  simulation.step(2)
  simulation.set('rst', 0)
  return simulation
}
