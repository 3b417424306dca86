import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { importTreeModel } from '../../../src/network/trees/index.ts'
import { buildUnrolled } from '../../../src/network/unrolled/index.ts'
import { runOrt } from './ort.ts'
import { oldNode, type TestEnsemble, type TestNode, treeModel } from './tree-models.ts'

/** Categories one after the other, as CatBoost and LightGBM write them: each test has two ways to its false branch. */
function chainOf(tests: number): TestEnsemble {
  const tree: TestNode[] = []
  for (let k = 0; k < tests; k++)
    tree.push(
      { mode: 'BRANCH_EQ', feature: k % 2, value: (k * 7) % 100, yes: 2 * k + 1, no: 2 * k + 2 },
      { leaf: [[0, (k * 13) % 31]] },
    )
  tree.push({ leaf: [[0, 99]] })
  return { trees: [tree], features: 2, targets: 1 }
}

describe('a chain of 90 tests for equality', () => {
  it('becomes logic of a size in proportion, equal to ONNX Runtime', async () => {
    const ensemble = chainOf(90)
    const model = treeModel(oldNode(ensemble), ensemble)
    const { graph } = importTreeModel(model, { bits: 7, signed: false })
    const trees = graph.values[1]!
    if (trees.operation.kind !== 'trees') throw new Error('the graph is no forest')
    expect(trees.operation.forest.trees[0]!.nodes.length).toBeLessThan(3 * 90)
    const module = buildUnrolled({ graph, source: 0, values: [1], result: 1 }, { name: 'chain' })
    expect(module.resources.luts).toBeLessThan(6000)
    const rows = Array.from({ length: 200 }, (_, i) => [(i * 37) % 128, (i * 11) % 128])
    const theirs = (await runOrt(model, rows)).get('scores')
    expect(rows.map((row) => evaluateGraph(graph, [row])[0]![0])).toEqual(theirs)
  })
})
