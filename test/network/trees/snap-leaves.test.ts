import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { importTreeModel, snapLeaves } from '../../../src/network/trees/index.ts'
import { runOrt } from './ort.ts'
import { featureRows, randomEnsemble } from './random-ensembles.ts'
import { newNode, oldNode, type TestEnsemble, treeModel } from './tree-models.ts'

const shape = {
  ...{ trees: 7, depth: 3, features: 4, targets: 1, modes: ['BRANCH_LEQ'] as const, early: 0.1, every: true },
  ...{ unit: 0.0137, weightBits: 7, low: -128, high: 127, scale: 1 },
}
const ensemble: TestEnsemble = { ...randomEnsemble(new Random(3), shape), base: [0.3] }

describe('snapLeaves', () => {
  it('makes an inexact model exact, and says by how much it changed', async () => {
    const model = treeModel(oldNode(ensemble), ensemble)
    const input = { bits: 8, signed: true }
    expect(() => importTreeModel(model, input)).toThrow(/float32 arithmetic would round/)
    const snapped = snapLeaves(model, 6)
    expect(snapped.largestChange).toBeGreaterThan(0)
    expect(snapped.largestChange).toBeLessThanOrEqual(2 ** -7)
    const { graph } = importTreeModel(snapped.model, input)
    const rows = featureRows(new Random(4), ensemble, shape, 100)
    const before = (await runOrt(model, rows)).get('scores') as number[]
    const after = (await runOrt(snapped.model, rows)).get('scores') as number[]
    const unit = graph.outputs[0]!.scales[0]!
    rows.forEach((row, i) => {
      expect(evaluateGraph(graph, [row])[0]![0]! * unit).toBe(after[i]! + 0)
      expect(Math.abs(after[i]! - before[i]!)).toBeLessThanOrEqual(snapped.largestSumChange + 1e-5)
    })
  })

  it('rounds the tensors of TreeEnsemble and leaves exact models as they are', () => {
    const { base: _, ...single } = ensemble
    const { model, largestChange } = snapLeaves(treeModel(newNode(single), single), 5)
    expect(largestChange).toBeGreaterThan(0)
    const again = snapLeaves(model, 5)
    expect(again.largestChange).toBe(0)
    expect(again.model).toEqual(model)
    expect(
      importTreeModel(model, { bits: 8, signed: true }).graph.outputs[0]!.scales[0],
    ).toBeGreaterThanOrEqual(1 / 32)
  })

  it('refuses grids that are too fine, and rounding that changes the meaning of two classes', () => {
    const model = treeModel(oldNode(ensemble), ensemble)
    expect(() => snapLeaves(model, 30)).toThrow(/fewer fraction bits|more than 24 bits/)
    expect(() => snapLeaves(model, 0.5)).toThrow(/fraction bits/)
    const leaf = (weight: number) => ({ leaf: [[0, weight] as const] })
    const stump = [
      { mode: 'BRANCH_LEQ', feature: 0, value: 1, yes: 1, no: 2 } as const,
      leaf(-0.001),
      leaf(5),
    ]
    const two: TestEnsemble = { trees: [stump], features: 1, targets: 2, labels: [0, 1] }
    expect(() => snapLeaves(treeModel(oldNode(two), two), 4)).toThrow(/negative weights/)
  })
})
