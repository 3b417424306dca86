import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateForest, type Forest } from '../../../src/network/graph/index.ts'
import { ForestBuilder } from '../../../src/network/trees/forest-builder.ts'
import { forestLanes } from '../../../src/network/trees/lower-forest.ts'
import { linearNode, nodeOf } from '../../../src/network/unrolled/lowering/linear.ts'
import { evaluateNetlist } from '../../../src/network/unrolled/netlist/evaluate-netlist.ts'
import { NetlistBuilder } from '../../../src/network/unrolled/netlist/netlist-builder.ts'
import type { ScalarNetlist } from '../../../src/network/unrolled/netlist/scalar-netlist.ts'

const features = 4

function lowered(forest: Forest): ScalarNetlist {
  const builder = new NetlistBuilder()
  const x = Array.from({ length: features }, () =>
    linearNode(builder, builder.input({ min: -8, max: 7, step: 1 })),
  )
  return builder.build(forestLanes(builder, forest, x).map((lane) => nodeOf(builder, lane)))
}

function randomForest(random: Random, trees: number, depth: number, targets: number, early: number): Forest {
  const grow = (builder: ForestBuilder, left: number): number => {
    if (left === 0 || random.uniform() < early) {
      const weights = Array.from({ length: targets }, () => random.integer(41) - 20)
      return builder.leaf([...weights.keys()], weights)
    }
    const below = grow(builder, left - 1)
    return builder.branch(random.integer(features), random.integer(15) - 8, below, grow(builder, left - 1))
  }
  const made = Array.from({ length: trees }, () => {
    const builder = new ForestBuilder()
    return builder.tree(grow(builder, depth))
  })
  const base = Float64Array.from({ length: targets }, () => random.integer(99) - 50)
  return { features, targets, trees: made, base }
}

describe('a forest as scalar operations', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('equals the forest, seed %i', (seed) => {
    const random = new Random(seed)
    const depth = [1, 3, 4, 6, 7, 8, 9, 10][seed - 1]!
    const forest = randomForest(
      random,
      1 + random.integer(4),
      depth,
      1 + random.integer(3),
      depth > 6 ? 0.2 : 0,
    )
    const netlist = lowered(forest)
    for (let i = 0; i < 300; i++) {
      const x = Array.from({ length: features }, () => random.integer(16) - 8)
      expect(evaluateNetlist(netlist, x)).toEqual(evaluateForest(forest, x))
    }
  })

  it('takes shared parts once: a graph of 60 levels with 2^60 ways', () => {
    const builder = new ForestBuilder()
    let [low, high] = [builder.leaf([0], [1]), builder.leaf([0], [2])]
    for (let level = 0; level < 60; level++) {
      const next = [
        builder.branch(level % features, (level % 13) - 7, low, high),
        builder.branch(level % features, (level % 11) - 6, high, low),
      ]
      low = next[0]!
      high = next[1]!
    }
    const forest = { features, targets: 1, trees: [builder.tree(low)], base: Float64Array.of(0) }
    const netlist = lowered(forest)
    expect(netlist.nodes.length).toBeLessThan(2000)
    const random = new Random(1)
    for (let i = 0; i < 200; i++) {
      const x = Array.from({ length: features }, () => random.integer(16) - 8)
      expect(evaluateNetlist(netlist, x)).toEqual(evaluateForest(forest, x))
    }
  })
})
