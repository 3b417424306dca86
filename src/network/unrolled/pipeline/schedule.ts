import { signalFormat } from '../netlist/range-bits.ts'
import { type NodeId, operandsOf, type ScalarNetlist } from '../netlist/scalar-netlist.ts'
import { delayOf, isRom } from './delay.ts'

/** A place in the pipeline: clocks since the input, and time since the clock's beginning. */
export interface Moment {
  readonly stage: number
  readonly time: number
}

/** When each node is computed. Constants have no place (stage -1), nor have other names of a node. */
export interface Schedule {
  /** Clocks from input to output: the output lanes are registers that load with clock `stages`. */
  readonly stages: number
  /** Stage in which each node's value appears. */
  readonly stageOf: Int32Array
}

/** What the scheduler knows of the netlist: `scale` nodes are their operands. */
export interface Timing {
  readonly netlist: ScalarNetlist
  /** The node whose bits a node has. */
  readonly root: Int32Array
  /** Operands with places, without repetition. */
  readonly operands: readonly (readonly NodeId[])[]
  readonly consumers: readonly (readonly NodeId[])[]
  readonly isOutput: Uint8Array
  readonly delay: Float64Array
  readonly rom: Uint8Array
  /** Bits of each node's signal. */
  readonly bits: Int32Array
  /** Time in one stage. */
  readonly period: number
}

export function timingOf(netlist: ScalarNetlist, period: number): Timing {
  const { nodes, outputs } = netlist
  const root = Int32Array.from(nodes, (_, id) => id)
  nodes.forEach(({ operation }, id) => {
    if (operation.kind === 'scale') root[id] = root[operation.a]!
  })
  const placed = (id: NodeId): boolean => nodes[id]!.operation.kind !== 'constant'
  const consumers: NodeId[][] = nodes.map(() => [])
  const operands = nodes.map(({ operation }, id) => {
    if (operation.kind === 'scale') return []
    const found = [...new Set(operandsOf(operation).map((node) => root[node]!))].filter(placed)
    for (const operand of found) consumers[operand]!.push(id)
    return found
  })
  const isOutput = new Uint8Array(nodes.length)
  for (const output of outputs) isOutput[root[output]!] = 1
  return {
    netlist,
    root,
    operands,
    consumers,
    isOutput,
    delay: Float64Array.from(nodes, (_, id) => Math.min(period, delayOf(netlist, id))),
    rom: Uint8Array.from(nodes, (_, id) => Number(isRom(netlist, id))),
    bits: Int32Array.from(nodes, ({ range }) => signalFormat(range).bits),
    period,
  }
}

/** Everything as early as possible. */
export function earliest(timing: Timing): { readonly starts: Moment[]; readonly stages: number } {
  const { netlist } = timing
  const starts: Moment[] = []
  let stages = 1
  netlist.nodes.forEach((_, id) => {
    starts.push(earliestStart(timing, id, (operand) => finish(timing, operand, starts[operand]!)))
    // A memory's own register serves as the output's.
    if (timing.isOutput[id])
      stages = Math.max(stages, finish(timing, id, starts[id]!).stage + 1 - timing.rom[id]!)
  })
  return { starts, stages }
}

/** Everything as late as possible, inputs apart, within that many stages. */
export function latest(timing: Timing, stages: number): Moment[] {
  const { netlist, consumers, isOutput, delay, rom, period } = timing
  const starts: Moment[] = netlist.nodes.map(() => ({ stage: 0, time: 0 }))
  for (let id = starts.length - 1; id >= 0; id--) {
    if (netlist.nodes[id]!.operation.kind === 'input') continue
    let end = { stage: stages - 1 + rom[id]!, time: rom[id] ? 0 : period }
    if (!isOutput[id]) end = { stage: stages, time: 0 }
    for (const consumer of consumers[id]!) if (!isBefore(end, starts[consumer]!)) end = starts[consumer]!
    const before = { stage: end.stage - 1, time: period - delay[id]! }
    const fits = !rom[id] && end.stage < stages && end.time >= delay[id]!
    starts[id] = fits ? { stage: end.stage, time: end.time - delay[id]! } : before
  }
  return starts
}

/** The first moment at which a node can start, from when its operands are there. */
export function earliestStart(
  { operands, delay, period }: Timing,
  id: NodeId,
  finished: (operand: NodeId) => Moment,
): Moment {
  let stage = 0
  let time = 0
  for (const operand of operands[id]!) {
    const at = finished(operand)
    if (at.stage > stage) {
      stage = at.stage
      time = at.time
    } else if (at.stage === stage) time = Math.max(time, at.time)
  }
  return time + delay[id]! > period + 1e-9 ? { stage: stage + 1, time: 0 } : { stage, time }
}

/** When the value of a node that starts then is there; a memory gives it with the next clock. */
export function finish({ delay, rom }: Timing, id: NodeId, start: Moment): Moment {
  return rom[id] ? { stage: start.stage + 1, time: 0 } : { stage: start.stage, time: start.time + delay[id]! }
}

export function isBefore(a: Moment, b: Moment): boolean {
  return a.stage < b.stage || (a.stage === b.stage && a.time <= b.time + 1e-9)
}
