import { describe, expect, it } from 'vitest'
import { SimulatedNetwork } from '../../../sim/network/simulated-network.ts'
import { Random } from '../../../src/core/random.ts'
import { buildHardware } from '../../../src/network/compile.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { importTreeModel } from '../../../src/network/trees/index.ts'
import { runOrt } from './ort.ts'
import { type EnsembleShape, featureRows, modes, randomEnsemble } from './random-ensembles.ts'
import { newNode, oldNode, treeModel } from './tree-models.ts'

const common = { unit: 2 ** -6, weightBits: 8, low: -128, high: 127, scale: 0.05, every: true, early: 0.1 }
const cases: [string, EnsembleShape][] = [
  ['boosted', { ...common, trees: 12, depth: 4, features: 9, targets: 1, modes: ['BRANCH_LEQ'] }],
  ['three classes', { ...common, trees: 5, depth: 3, features: 4, targets: 3, modes }],
  ['deep', { ...common, trees: 2, depth: 9, features: 3, targets: 1, modes: ['BRANCH_LT'], early: 0.25 }],
  [
    'one leaf each',
    { ...common, trees: 3, depth: 1, features: 2, targets: 2, modes, early: 1, every: false },
  ],
]

describe('a forest in Verilog', () => {
  it.each(cases)('%s: equals ONNX Runtime, a vector per clock', async (name, shape) => {
    const random = new Random(name.length)
    const ensemble = randomEnsemble(random, shape)
    const model = treeModel(shape.every ? oldNode(ensemble) : newNode(ensemble), ensemble)
    const { graph } = importTreeModel(model, { bits: 8, signed: true, scale: Math.fround(shape.scale) })
    const { module } = await buildHardware(graph, { name: 'trees', architecture: 'unrolled' })
    const rows = featureRows(random, ensemble, shape, 100)
    const network = await SimulatedNetwork.open(module, [shape.features], [shape.targets])
    const { outputs, taken, made } = network.run(rows)
    const scale = Math.fround(shape.scale)
    const expected = (
      await runOrt(
        model,
        rows.map((row) => row.map((q) => Math.fround(q * scale))),
      )
    ).get('scores')!
    const unit = graph.outputs[0]!.scales[0]!
    rows.forEach((row, i) => {
      const theirs = expected
        .slice(i * shape.targets, (i + 1) * shape.targets)
        .map((v) => Number(v) / unit + 0)
      expect(Array.from(outputs[i]!)).toEqual(theirs)
      expect(evaluateGraph(graph, [row])[0]).toEqual(outputs[i])
    })
    expect(taken.at(-1)! - taken[0]!).toBe(rows.length - 1)
    expect(made[0]! - taken[0]!).toBe(module.latency)
  })
})
