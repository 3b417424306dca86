import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { treesHardware } from '../../models/recoil-hardware.ts'
import { type BoostingOptions, boostTrees } from '../../models/training/boost-trees.ts'
import { buildForestOnnx } from '../../models/training/build-forest.ts'
import { figures, nuclearMinusElectron } from '../../models/training/score.ts'
import { toyRecoils } from '../../models/training/toy.ts'
import { forestScores, trainRecoilTrees } from '../../models/training/train-trees.ts'
import { SimulatedNetwork } from '../../sim/network/simulated-network.ts'
import { Random } from '../../src/core/random.ts'
import { evaluateGraph, importNetwork, openOnnxSession, readOnnx } from '../../src/network/index.ts'

const options: BoostingOptions = {
  seed: 1,
  rounds: 12,
  depth: 3,
  rate: 0.3,
  leafExponent: -6,
  ridge: 1,
  leastCurvature: 1,
  share: 0.7,
  energyEdges: [1, 6, 20, 60],
}
const train = toyRecoils(1500, 1)
const test = toyRecoils(1500, 2)

describe('boosted trees', () => {
  it('learn what the toy holds, with less loss in every quarter of the rounds', () => {
    const losses: number[] = []
    const { forest } = boostTrees(train, { ...options, onRound: (_, loss) => void losses.push(loss) })
    expect(losses[0]).toBeCloseTo(Math.log(3), 6)
    for (let round = 3; round < losses.length; round += 3)
      expect(losses[round]).toBeLessThan(losses[round - 3]!)
    const rows = Array.from(test.labels.keys()).filter((row) => test.labels[row]! < 2 && test.keVee[row]! > 6)
    expect(figures(test, rows, nuclearMinusElectron(forestScores(forest, test))).auc.value).toBeGreaterThan(
      0.9,
    )
  })

  it('follow from the seed', () => {
    expect(trainRecoilTrees(train, options).onnx).toEqual(trainRecoilTrees(train, options).onnx)
    expect(boostTrees(train, { ...options, seed: 2 })).not.toEqual(boostTrees(train, options))
  })

  it('find the one split that separates two classes', () => {
    const data = toyRecoils(300, 3)
    for (let row = 0; row < 300; row++) {
      data.labels[row] = row % 2
      data.features[row * 9 + 4] = row % 2 === 0 ? 17 : 18
    }
    const { forest } = boostTrees(data, { ...options, rounds: 1, depth: 1, share: 1 })
    expect(forest.trees[0]!.nodes[0]).toMatchObject({ kind: 'branch', feature: 4, threshold: 17 })
  })

  it('lose nothing on the grid that training knows', () => {
    const { network, float } = trainRecoilTrees(train, options)
    const rows = Array.from(test.labels.keys()).filter((row) => test.labels[row]! < 2)
    const integers = test.labels.length
    const scores = new Float64Array(integers * 3)
    for (let row = 0; row < integers; row++)
      scores.set(evaluateGraph(network.graph, [test.features.subarray(row * 9, row * 9 + 9)])[0]!, row * 3)
    const onGrid = figures(test, rows, nuclearMinusElectron(scores)).auc.value
    const free = figures(test, rows, nuclearMinusElectron(float(test))).auc.value
    expect(Math.abs(onGrid - free)).toBeLessThan(0.003)
  })
})

describe('trees as ONNX and Verilog', () => {
  const { onnx, network } = trainRecoilTrees(train, options)
  const random = new Random(4)
  const rows = 120
  const features = Int8Array.from({ length: rows * 9 }, (_, i) =>
    i < 18 ? (i % 2 === 0 ? -128 : 127) : random.integer(256) - 128,
  )
  const row = (i: number): Int8Array => features.subarray(i * 9, i * 9 + 9)

  it('are certified and equal ONNX Runtime, the training scores and the Verilog', async () => {
    expect(network.certificate.class).toBe('A')
    await using session = await openOnnxSession(onnx)
    const expected = Array.from(await session.run(features, rows))
    const own = Array.from({ length: rows }, (_, i) =>
      Array.from(evaluateGraph(network.graph, [row(i)])[0]!),
    ).flat()
    expect(own).toEqual(expected)
    const { forest } = boostTrees(train, options)
    const labels = new Uint8Array(rows)
    expect(Array.from(forestScores(forest, { features, labels, keVee: new Float32Array(rows) }))).toEqual(
      expected,
    )
    const { module } = await treesHardware(onnx)
    const simulated = await SimulatedNetwork.open(module, [9], [3])
    const { outputs } = simulated.run(Array.from({ length: rows }, (_, i) => row(i)))
    expect(outputs.flatMap((scores) => Array.from(scores))).toEqual(expected)
  })

  it('hold whatever forest is written', () => {
    const leaf = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 3, maxLength: 3 })
    const stump = fc.record({
      feature: fc.integer({ min: 0, max: 8 }),
      threshold: fc.integer({ min: -128, max: 126 }),
      leaves: fc.array(leaf, { minLength: 2, maxLength: 2 }),
    })
    const vector = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(fc.array(stump, { minLength: 1, maxLength: 6 }), vector, (stumps, x) => {
        const trees = stumps.map(({ feature, threshold, leaves }) => ({
          nodes: [
            { kind: 'branch' as const, feature, threshold, below: 1, above: 2 },
            ...leaves.map((weights) => ({ kind: 'leaf' as const, targets: [0, 1, 2], weights })),
          ],
        }))
        const forest = { features: 9, targets: 3, trees, base: new Float64Array(3) }
        const { graph } = importNetwork(readOnnx(buildForestOnnx({ name: 'f', forest, leafExponent: -4 })), {
          oracle: 'qdq-float',
        })
        const sums = [0, 1, 2].map((k) =>
          stumps.reduce((sum, { feature, threshold, leaves }) => {
            return sum + leaves[x[feature]! <= threshold ? 0 : 1]![k]!
          }, 0),
        )
        expect(Array.from(evaluateGraph(graph, [Int8Array.from(x)])[0]!)).toEqual(sums)
      }),
      { seed: 7, numRuns: 60 },
    )
  })
})
