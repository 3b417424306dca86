import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateNetlist, evaluateNodes, lowerSegment } from '../../../src/network/unrolled/index.ts'
import { randomInput, randomSegment } from './random-segment.ts'
import { expected } from './stream.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })

describe('lowerSegment', () => {
  it('gives a netlist that equals the graph, lane by lane, inside the ranges that it states', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = new Random(seed)
        const segment = randomSegment(random)
        const netlist = lowerSegment(segment)
        for (let k = 0; k < 30; k++) {
          const input = randomInput(segment, random)
          expect(evaluateNetlist(netlist, input)).toEqual(expected(segment, input))
          const values = evaluateNodes(netlist, input)
          const outside = netlist.nodes.findIndex(({ range: { min, max, step } }, id) => {
            const value = values[id]!
            return value < min || value > max || !Number.isInteger(value / step)
          })
          expect(outside).toBe(-1)
        }
      }),
      { seed: 71, numRuns: 300 },
    )
  })

  it('uses all kinds of operations in these segments', () => {
    const kinds = new Set<string>()
    for (let seed = 0; seed < 300; seed++)
      for (const { operation } of lowerSegment(randomSegment(new Random(seed))).nodes)
        kinds.add(operation.kind)
    expect([...kinds].sort()).toEqual([
      'add',
      'at-most',
      'clamp',
      'constant',
      'even',
      'floor',
      'greater',
      'input',
      'scale',
      'select',
      'significant',
      'table',
    ])
  })
})
