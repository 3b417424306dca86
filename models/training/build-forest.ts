import {
  type Forest,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  writeOnnx,
} from '../../src/network/index.ts'
import { onnxTypes } from '../../src/network/onnx/onnx-model.ts'
import { packTensor } from '../../src/network/onnx/onnx-tensor.ts'

/** A forest to write. */
export interface ForestSpec {
  readonly name: string
  /** On int8 features; every leaf names every target. */
  readonly forest: Forest
  /** Leaves are in units of 2^leafExponent. */
  readonly leafExponent: number
  /** Stored as model metadata, for example how it was trained. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Writes a forest as an ONNX file: int8 features, TreeEnsembleRegressor (ai.onnx.ml), int16 scores of scale
 * 2^leafExponent. Every float sum is exact as long as it stays below 2^24 steps. The same forest gives the same bytes.
 */
export function buildForestOnnx({ name, forest, leafExponent, metadata = {} }: ForestSpec): Uint8Array {
  const node = (operator: string, inputs: readonly string[], output: string): OnnxNode => {
    return { name: operator, operator, domain: '', inputs, outputs: [output], attributes: [] }
  }
  const model: OnnxModel = {
    irVersion: 10,
    producer: 'gemgate',
    opsets: new Map([
      ['', 21],
      ['ai.onnx.ml', 3],
    ]),
    graph: {
      name,
      nodes: [
        node('DequantizeLinear', ['features', 'input.scale', 'input.zero'], 'real'),
        ensembleNode(forest, 2 ** leafExponent, 'real', 'sums'),
        node('QuantizeLinear', ['sums', 'output.scale', 'output.zero'], 'scores'),
      ],
      initializers: [
        packTensor('input.scale', [], Float32Array.of(1)),
        packTensor('input.zero', [], new Int8Array(1)),
        packTensor('output.scale', [], Float32Array.of(2 ** leafExponent)),
        packTensor('output.zero', [], new Int16Array(1)),
      ],
      inputs: [{ name: 'features', type: onnxTypes.int8, dims: ['N', forest.features] }],
      outputs: [{ name: 'scores', type: onnxTypes.int16, dims: ['N', forest.targets] }],
    },
    metadata: new Map(Object.entries(metadata)),
  }
  return writeOnnx(model)
}

function ensembleNode(forest: Forest, unit: number, input: string, output: string): OnnxNode {
  const nodes = forest.trees.flatMap((tree, t) => tree.nodes.map((node, n) => ({ node, t, n })))
  const leaves = nodes.flatMap(({ node, t, n }) =>
    node.kind === 'leaf' ? node.targets.map((target, k) => ({ t, n, target, weight: node.weights[k]! })) : [],
  )
  const ofBranch = (
    of: (branch: Extract<(typeof nodes)[number]['node'], { kind: 'branch' }>) => number,
  ): number[] => nodes.map(({ node }) => (node.kind === 'branch' ? of(node) : 0))
  const ints = (name: string, value: readonly number[]): OnnxAttribute => ({ name, kind: 'ints', value })
  const floats = (name: string, value: readonly number[]): OnnxAttribute => ({ name, kind: 'floats', value })
  const modes = nodes.map(({ node }) => (node.kind === 'branch' ? 'BRANCH_LEQ' : 'LEAF'))
  return {
    name: 'trees',
    operator: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: [input],
    outputs: [output],
    attributes: [
      { name: 'n_targets', kind: 'int', value: forest.targets },
      { name: 'nodes_modes', kind: 'strings', value: modes },
      ints(
        'nodes_treeids',
        nodes.map(({ t }) => t),
      ),
      ints(
        'nodes_nodeids',
        nodes.map(({ n }) => n),
      ),
      ints(
        'nodes_featureids',
        ofBranch(({ feature }) => feature),
      ),
      floats(
        'nodes_values',
        ofBranch(({ threshold }) => threshold),
      ),
      ints(
        'nodes_truenodeids',
        ofBranch(({ below }) => below),
      ),
      ints(
        'nodes_falsenodeids',
        ofBranch(({ above }) => above),
      ),
      ints(
        'target_treeids',
        leaves.map(({ t }) => t),
      ),
      ints(
        'target_nodeids',
        leaves.map(({ n }) => n),
      ),
      ints(
        'target_ids',
        leaves.map(({ target }) => target),
      ),
      floats(
        'target_weights',
        leaves.map(({ weight }) => weight * unit),
      ),
    ],
  }
}
