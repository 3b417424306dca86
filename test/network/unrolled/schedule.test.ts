import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import {
  estimateResources,
  lowerSegment,
  type ScalarNetlist,
  scheduleNetlist,
} from '../../../src/network/unrolled/index.ts'
import { operandsOf } from '../../../src/network/unrolled/netlist/scalar-netlist.ts'
import { delayOf, isRom } from '../../../src/network/unrolled/pipeline/delay.ts'
import { earliest, finish, timingOf } from '../../../src/network/unrolled/pipeline/schedule.ts'
import { randomSegment } from './random-segment.ts'

/** The longest way through the logic of one stage, in adders. */
function longestWay(netlist: ScalarNetlist, stageOf: Int32Array): number {
  const arrival = new Float64Array(netlist.nodes.length)
  let longest = 0
  netlist.nodes.forEach(({ operation }, id) => {
    const resolve = (node: number): number => {
      const inner = netlist.nodes[node]!.operation
      return inner.kind === 'scale' ? resolve(inner.a) : node
    }
    let start = 0
    for (const operand of operandsOf(operation).map(resolve)) {
      if (netlist.nodes[operand]!.operation.kind === 'constant') continue
      if (operation.kind === 'scale') continue
      const read = stageOf[id]! - Number(isRom(netlist, id))
      expect(stageOf[operand]!).toBeLessThanOrEqual(read)
      if (stageOf[operand] === read) start = Math.max(start, arrival[operand]!)
    }
    const end = start + delayOf(netlist, id)
    longest = Math.max(longest, end)
    arrival[id] = isRom(netlist, id) ? 0 : end
  })
  return longest
}

describe('scheduleNetlist', () => {
  it('keeps the order of operations and the time of a stage, and never costs registers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.constantFrom(2, 3, 4.5), (seed, period) => {
        const netlist = lowerSegment(randomSegment(new Random(seed)))
        const schedule = scheduleNetlist(netlist, period)
        expect(longestWay(netlist, schedule.stageOf)).toBeLessThanOrEqual(period)
        const timing = timingOf(netlist, period)
        const { starts, stages } = earliest(timing)
        expect(schedule.stages).toBe(stages)
        const first = Int32Array.from(schedule.stageOf, (stage, id) =>
          stage < 0 ? -1 : finish(timing, id, starts[id]!).stage,
        )
        const bits = (stageOf: Int32Array): number => estimateResources(netlist, { stages, stageOf }).ffs
        expect(bits(schedule.stageOf)).toBeLessThanOrEqual(bits(first))
      }),
      { seed: 5, numRuns: 150 },
    )
  })

  it('is one stage without a limit', () => {
    const netlist = lowerSegment(randomSegment(new Random(9)))
    expect(scheduleNetlist(netlist, Number.POSITIVE_INFINITY).stages).toBe(1)
  })
})
