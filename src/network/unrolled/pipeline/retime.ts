import type { NodeId, ScalarNetlist } from '../netlist/scalar-netlist.ts'
import {
  earliest,
  earliestStart,
  finish,
  isBefore,
  type Moment,
  type Schedule,
  type Timing,
  timingOf,
} from './schedule.ts'

const rounds = 3

/**
 * Places every node in a stage: as few stages as the period allows, then nodes move between their operands and
 * their readers while that saves register bits.
 * @param period adders that may follow each other within one clock
 */
export function scheduleNetlist(netlist: ScalarNetlist, period: number): Schedule {
  const timing = timingOf(netlist, period)
  const { starts, stages } = earliest(timing)
  const movable = netlist.nodes.map(
    ({ operation }) => !['input', 'constant', 'scale'].includes(operation.kind),
  )
  for (let round = 0; round < rounds; round++) {
    let moved = false
    for (let id = starts.length - 1; id >= 0; id--)
      if (movable[id] && improve(timing, starts, stages, id)) moved = true
    for (let id = 0; id < starts.length; id++)
      if (movable[id] && improve(timing, starts, stages, id)) moved = true
    if (!moved) break
  }
  const stageOf = Int32Array.from(netlist.nodes, ({ operation }, id) =>
    operation.kind === 'constant' || operation.kind === 'scale' ? -1 : finish(timing, id, starts[id]!).stage,
  )
  return { stages, stageOf }
}

/** Moves one node to the stage in which the registers around it have the fewest bits. */
function improve(timing: Timing, starts: Moment[], stages: number, id: NodeId): boolean {
  const { consumers, isOutput, rom } = timing
  const finished = (operand: NodeId): Moment => finish(timing, operand, starts[operand]!)
  const first = earliestStart(timing, id, finished)
  let last = isOutput[id] ? stages - 1 : Number.POSITIVE_INFINITY
  for (const consumer of consumers[id]!) last = Math.min(last, starts[consumer]!.stage)
  if (rom[id]) last--
  const now = starts[id]!
  let best = now
  let least = registerBits(timing, starts, stages, id)
  for (let stage = first.stage; stage <= last; stage++) {
    const start = stage === first.stage ? first : { stage, time: 0 }
    if (start.stage === now.stage) continue
    const end = finish(timing, id, start)
    if (consumers[id]!.some((consumer) => !isBefore(end, starts[consumer]!))) continue
    starts[id] = start
    const bits = registerBits(timing, starts, stages, id)
    if (bits < least) {
      least = bits
      best = start
    }
  }
  starts[id] = best
  return best !== now
}

/** Register bits of the delay lines that a node's place decides on: its own and its operands'. */
function registerBits(timing: Timing, starts: readonly Moment[], stages: number, id: NodeId): number {
  let bits = lineBits(timing, starts, stages, id)
  for (const operand of timing.operands[id]!) bits += lineBits(timing, starts, stages, operand)
  return bits
}

function lineBits(timing: Timing, starts: readonly Moment[], stages: number, id: NodeId): number {
  const from = finish(timing, id, starts[id]!).stage
  let to = timing.isOutput[id] ? stages : from
  for (const consumer of timing.consumers[id]!) to = Math.max(to, starts[consumer]!.stage)
  return (to - from) * timing.bits[id]!
}
