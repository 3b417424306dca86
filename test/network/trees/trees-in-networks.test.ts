import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import { importNetwork } from '../../../src/network/import/index.ts'
import type { OnnxModel, OnnxNode } from '../../../src/network/onnx/onnx-model.ts'
import { readOnnx, readOnnxTensor } from '../../../src/network/onnx/onnx-read.ts'
import { packTensor } from '../../../src/network/onnx/onnx-tensor.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'
import { evaluateModel } from '../../../src/network/reference/index.ts'
import { fromOnnxTensor } from '../../../src/network/reference/tensor.ts'
import { sharedModels } from '../../support/shared-data.ts'
import { featureRows, modes, randomEnsemble } from './random-ensembles.ts'
import { oldNode, type TestEnsemble } from './tree-models.ts'

const node = (operator: string, inputs: string[], output: string): OnnxNode => ({
  ...{ name: output, operator, domain: '', inputs, outputs: [output], attributes: [] },
})

/** int8 features -> DequantizeLinear -> trees, and what follows them. */
function networkModel(
  trees: OnnxNode,
  ensemble: TestEnsemble,
  scale: number,
  after: OnnxNode[],
  output: string,
  type: number,
): OnnxModel {
  return {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([
      ['', 17],
      ['ai.onnx.ml', 3],
    ]),
    graph: {
      name: 'network',
      nodes: [node('DequantizeLinear', ['q', 'scale', 'zero'], 'x'), trees, ...after],
      initializers: [
        packTensor('scale', [], Float32Array.of(scale)),
        packTensor('zero', [], Int8Array.of(3)),
      ],
      inputs: [{ name: 'q', type: 3, dims: [1, ensemble.features] }],
      outputs: [{ name: output, type, dims: type === 1 ? [1, ensemble.targets] : [1] }],
    },
    metadata: new Map(),
  }
}

async function expectLikeOrt(model: OnnxModel, ensemble: TestEnsemble): Promise<void> {
  const { graph, certificate } = importNetwork(readOnnx(writeOnnx(model)))
  expect(certificate.class).toBe('A')
  const session = await InferenceSession.create(writeOnnx(model), {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 4,
  })
  const rows = featureRows(new Random(1), ensemble, { low: -128, high: 127, scale: 0.1 }, 60)
  for (const row of rows) {
    const result = await session.run({ q: new Tensor('int8', Int8Array.from(row), [1, row.length]) })
    const theirs = Array.from(Object.values(result)[0]!.data as Iterable<number | bigint>, Number)
    const port = graph.outputs[0]!
    const ours = Array.from(evaluateGraph(graph, [row])[0]!, (q) => (q - port.zeroPoint) * port.scales[0]!)
    expect(ours).toEqual(theirs.map((v) => v + 0))
  }
  await session.release()
}

const shape = {
  ...{ trees: 6, depth: 3, features: 4, targets: 1, modes, early: 0.1, every: true },
  ...{ unit: 2 ** -5, weightBits: 7, low: -128, high: 127, scale: 0.1 },
}

describe('trees inside networks', () => {
  it('a regressor behind DequantizeLinear', async () => {
    const ensemble = randomEnsemble(new Random(1), shape)
    await expectLikeOrt(networkModel(oldNode(ensemble), ensemble, 0.1, [], 'scores', 1), ensemble)
  })

  it('the label of a classifier of three classes', async () => {
    const ensemble: TestEnsemble = {
      ...randomEnsemble(new Random(2), { ...shape, targets: 3 }),
      labels: [4, 9, -2],
    }
    await expectLikeOrt(networkModel(oldNode(ensemble), ensemble, 0.1, [], 'label', 7), ensemble)
  })

  it('the label of a classifier of two classes with a transform', async () => {
    const ensemble: TestEnsemble = {
      ...randomEnsemble(new Random(3), shape),
      ...{ targets: 2, labels: [0, 1], base: [0.25], postTransform: 'LOGISTIC' },
    }
    await expectLikeOrt(networkModel(oldNode(ensemble), ensemble, 0.1, [], 'label', 7), ensemble)
  })
})

const folder = join(sharedModels, 'onnx_node_tests')
const tests = existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('tree_ensemble')) : []

describe.skipIf(tests.length === 0)(
  `tree tests of ONNX${tests.length === 0 ? ' (SKIPPED: ../shared/models is absent)' : ''}`,
  () => {
    it.each(tests)('%s', (test) => {
      const data = (name: string) => readFileSync(join(folder, test, name))
      const model = readOnnx(data('model.onnx'))
      const input = fromOnnxTensor(readOnnxTensor(data('test_data_set_0/input_0.pb')))
      const wanted = fromOnnxTensor(readOnnxTensor(data('test_data_set_0/output_0.pb')))
      const [made] = evaluateModel(model, new Map([[model.graph.inputs[0]!.name, input]])).values()
      expect(made).toEqual(wanted)
    })
  },
)
