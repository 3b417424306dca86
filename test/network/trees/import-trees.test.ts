import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx } from '../../../src/network/onnx/onnx-read.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import { evaluateModel } from '../../../src/network/reference/index.ts'
import { importTreeModel, type TreeImport, type TreeInput } from '../../../src/network/trees/index.ts'
import { runOrt } from './ort.ts'
import { type EnsembleShape, featureRows, modes, pick, randomEnsemble } from './random-ensembles.ts'
import { newNode, oldNode, type TestEnsemble, treeModel } from './tree-models.ts'

function shapeOf(random: Random, over: Partial<EnsembleShape> = {}): EnsembleShape {
  const low = pick(random, [-128, 0, -8])
  return {
    trees: 1 + random.integer(6),
    depth: 1 + random.integer(4),
    features: 1 + random.integer(6),
    targets: 1,
    modes: pick(random, [['BRANCH_LEQ'], ['BRANCH_LT', 'BRANCH_LEQ'], modes]),
    unit: 2 ** -random.integer(10),
    weightBits: 1 + random.integer(12),
    low,
    high: low === -128 ? 127 : low === 0 ? 255 : 7,
    scale: pick(random, [1, 0.125, 0.1, 0.0078431377187371254, 3.7]),
    every: true,
    early: 0.2,
    ...over,
  }
}

function inputOf(shape: EnsembleShape): TreeInput {
  const bits = Math.log2(shape.high - shape.low + 1)
  return { bits, signed: shape.low < 0, scale: Math.fround(shape.scale) }
}

/** Real outputs of the integer graph by name. */
function realOutputs(made: TreeImport, row: readonly number[]): Map<string, number[]> {
  const outputs = evaluateGraph(made.graph, [row])
  return new Map(
    made.graph.outputs.map((port, k) => [port.name, Array.from(outputs[k]!, (q) => q * port.scales[0]!)]),
  )
}

async function expectEqual(
  model: OnnxModel,
  ensemble: TestEnsemble,
  shape: EnsembleShape,
  seed: number,
  skip: readonly string[] = [],
): Promise<void> {
  const input = inputOf(shape)
  const reread = readOnnx(writeOnnx(model))
  const made = importTreeModel(reread, input)
  const rows = featureRows(new Random(seed), ensemble, shape, 120)
  const reals = rows.map((row) => row.map((q) => Math.fround(q * input.scale!)))
  const expected = await runOrt(model, reals)
  const wanted = made.graph.outputs.map((port) => port.name).filter((name) => !skip.includes(name))
  const got = new Map<string, number[]>(wanted.map((name) => [name, []]))
  for (const row of rows) for (const [name, values] of realOutputs(made, row)) got.get(name)?.push(...values)
  for (const name of wanted) {
    const texts = made.labels?.map(String)
    const theirs = expected.get(name)!.map((v) => (typeof v === 'string' ? texts!.indexOf(v) : v))
    expect(theirs.map((v) => v + 0)).toEqual(got.get(name))
  }
  const x = { type: 1, dims: [rows.length, ensemble.features], data: Float64Array.from(reals.flat()) }
  for (const [name, tensor] of evaluateModel(reread, new Map([['x', x]])))
    if (!skip.includes(name)) expect(Array.from(tensor.data, (v) => v + 0)).toEqual(got.get(name))
}

const seeds = Array.from({ length: 12 }, (_, i) => i + 1)

describe('tree ensembles as integers equal ONNX Runtime and the reference evaluator', () => {
  it.each(seeds)('regressor, seed %i', async (seed) => {
    const random = new Random(seed)
    const shape = shapeOf(random, { targets: pick(random, [1, 1, 3]) })
    const made = randomEnsemble(random, shape)
    const base =
      random.integer(2) === 0
        ? {}
        : { base: Array.from({ length: shape.targets }, () => random.integer(9) * shape.unit) }
    const aggregate = Number.isInteger(Math.log2(shape.trees)) && random.integer(2) === 0 ? 'AVERAGE' : 'SUM'
    const ensemble = { ...made, ...base, aggregate }
    await expectEqual(treeModel(oldNode(ensemble), ensemble), ensemble, shape, seed)
  })

  it.each(seeds)('regressor whose leaves have one target each, seed %i', async (seed) => {
    const random = new Random(50 + seed)
    const shape = shapeOf(random, { targets: 3, every: false })
    const ensemble = randomEnsemble(random, shape)
    await expectEqual(treeModel(oldNode(ensemble), ensemble), ensemble, shape, seed)
    const based = { ...ensemble, base: [1, 1, 1] }
    expect(() => importTreeModel(treeModel(oldNode(based), based), inputOf(shape))).toThrow(/drops it/)
  })

  it.each(seeds)('operator set 5 with set membership, seed %i', async (seed) => {
    const random = new Random(100 + seed)
    const shape = shapeOf(random, {
      targets: pick(random, [1, 2]),
      every: false,
      modes: pick(random, [['MEMBER'], ['BRANCH_LEQ', 'MEMBER'], [...modes, 'MEMBER'], ['BRANCH_EQ']]),
      scale: 1,
    })
    const ensemble = randomEnsemble(random, shape)
    await expectEqual(treeModel(newNode(ensemble), ensemble), ensemble, shape, seed)
  })

  it.each(seeds)('classifier of several classes, seed %i', async (seed) => {
    const random = new Random(200 + seed)
    const shape = shapeOf(random, { targets: 3 + random.integer(3) })
    const labels = Array.from({ length: shape.targets }, (_, k) =>
      seed % 3 === 0 ? `class ${k}` : k * 7 - 5,
    )
    const base = seed % 2 === 0 ? {} : { base: labels.map(() => random.integer(9) * shape.unit) }
    const ensemble = { ...randomEnsemble(random, shape), ...base, labels } as TestEnsemble
    await expectEqual(treeModel(oldNode(ensemble), ensemble), ensemble, shape, seed)
  })

  it.each(seeds)('classifier of two classes with weights for one, seed %i', async (seed) => {
    const random = new Random(300 + seed)
    const shape = shapeOf(random, { targets: 1, unit: pick(random, [1, 2 ** -8]) })
    const weighted = random.integer(2)
    const made = randomEnsemble(random, shape)
    const change = seed % 2 === 0 ? Math.abs : (weight: number): number => weight
    const trees = made.trees.map((tree) =>
      tree.map((node) =>
        'leaf' in node ? { leaf: node.leaf.map(([, w]) => [weighted, change(w)] as const) } : node,
      ),
    )
    const base = weighted === 0 && seed % 3 === 0 ? { base: [shape.unit * -3] } : {}
    const ensemble: TestEnsemble = { ...made, trees, ...base, targets: 2, labels: [3, 8] }
    await expectEqual(treeModel(oldNode(ensemble), ensemble), ensemble, shape, seed)
  })

  it('two classes with weights for both: the scores', async () => {
    const random = new Random(400)
    const shape = shapeOf(random, { targets: 2, depth: 3 })
    const ensemble: TestEnsemble = { ...randomEnsemble(random, shape), labels: [0, 1] }
    const model = treeModel(oldNode(ensemble), ensemble)
    const outputs = model.graph.outputs.filter(({ name }) => name === 'scores')
    const scoresOnly = { ...model, graph: { ...model.graph, outputs } }
    await expectEqual(scoresOnly, ensemble, shape, 400)
    expect(() => importTreeModel(model, inputOf(shape))).toThrow(/sign of the second score/)
  })
})
