import type { NodeId, ScalarNetlist, ScalarOperation } from '../netlist/scalar-netlist.ts'
import {
  earliest,
  earliestStart,
  finish,
  isBefore,
  latest,
  type Moment,
  type Schedule,
  type Timing,
  timingOf,
} from './schedule.ts'

const rounds = 4

/** Readers beyond which one of them alone does not decide how long a value lives. */
const mostReaders = 500

/**
 * Places every node in a stage: as few stages as the period allows, then nodes move between their operands and
 * their readers while that saves register bits.
 * @param period adders that may follow each other within one clock
 */
export function scheduleNetlist(netlist: ScalarNetlist, period: number): Schedule {
  const timing = timingOf(netlist, period)
  const early = earliest(timing)
  const { stages } = early
  const tries = [early.starts]
  if (Number.isFinite(period)) tries.push(latest(timing, stages))
  let best: Schedule | undefined
  let least = Number.POSITIVE_INFINITY
  for (const starts of tries) {
    settle(timing, starts, stages)
    let bits = 0
    for (let id = 0; id < starts.length; id++) bits += lineBits(timing, starts, stages, id)
    if (bits >= least) continue
    least = bits
    const stageOf = Int32Array.from(netlist.nodes, ({ operation }, id) =>
      unplaced.has(operation.kind) ? -1 : finish(timing, id, starts[id]!).stage,
    )
    best = { stages, stageOf }
  }
  return best!
}

const unplaced = new Set<ScalarOperation['kind']>(['constant', 'scale'])

/** Moves nodes one by one until none finds a better stage. */
function settle(timing: Timing, starts: Moment[], stages: number): void {
  const movable = timing.netlist.nodes.map(
    ({ operation: { kind } }) => kind !== 'input' && !unplaced.has(kind),
  )
  for (let round = 0, moved = true; round < rounds && moved; round++) {
    moved = false
    for (let id = starts.length - 1; id >= 0; id--)
      if (movable[id] && improve(timing, starts, stages, id)) moved = true
    for (let id = 0; id < starts.length; id++)
      if (movable[id] && improve(timing, starts, stages, id)) moved = true
  }
}

/** Moves one node to the stage in which the registers around it have the fewest bits. */
function improve(timing: Timing, starts: Moment[], stages: number, id: NodeId): boolean {
  const { consumers, isOutput, rom } = timing
  const finished = (operand: NodeId): Moment => finish(timing, operand, starts[operand]!)
  const first = earliestStart(timing, id, finished)
  let last = isOutput[id] ? stages - 1 + rom[id]! : Number.POSITIVE_INFINITY
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
  for (const operand of timing.operands[id]!)
    if (timing.consumers[operand]!.length <= mostReaders) bits += lineBits(timing, starts, stages, operand)
  return bits
}

function lineBits(timing: Timing, starts: readonly Moment[], stages: number, id: NodeId): number {
  if (unplaced.has(timing.netlist.nodes[id]!.operation.kind)) return 0
  const from = finish(timing, id, starts[id]!).stage
  let to = timing.isOutput[id] ? stages : from
  for (const consumer of timing.consumers[id]!) to = Math.max(to, starts[consumer]!.stage)
  return (to - from) * timing.bits[id]!
}
