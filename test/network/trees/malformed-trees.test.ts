import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../../src/core/errors.ts'
import { Random } from '../../../src/core/random.ts'
import type { OnnxAttribute, OnnxNode } from '../../../src/network/onnx/onnx-model.ts'
import { packTensor } from '../../../src/network/onnx/onnx-tensor.ts'
import { importTreeModel, readEnsemble } from '../../../src/network/trees/index.ts'
import { modes, randomEnsemble } from './random-ensembles.ts'
import { newNode, oldNode, type TestEnsemble, type TestTree, treeModel } from './tree-models.ts'

const input = { bits: 8, signed: true }
const leaf = (weight: number) => ({ leaf: [[0, weight] as const] })
const stump: TestTree = [{ mode: 'BRANCH_LEQ', feature: 0, value: 1.5, yes: 1, no: 2 }, leaf(1), leaf(2)]
const ensemble: TestEnsemble = { trees: [stump, stump], features: 2, targets: 1 }

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof GemgateError) return `${error.code} ${error.message} ${error.remedy}`
    throw error
  }
  return 'accepted'
}

function withAttribute(node: OnnxNode, attribute: OnnxAttribute): OnnxNode {
  const others = node.attributes.filter(({ name }) => name !== attribute.name)
  return { ...node, attributes: [...others, attribute] }
}

const ints = (name: string, value: number[]): OnnxAttribute => ({ name, kind: 'ints', value })
const floats = (name: string, value: number[]): OnnxAttribute => ({ name, kind: 'floats', value })
const strings = (name: string, value: string[]): OnnxAttribute => ({ name, kind: 'strings', value })

describe('malformed trees of the first operators', () => {
  const node = oldNode(ensemble)
  it.each<[string, OnnxAttribute, RegExp]>([
    ['a cycle', ints('nodes_truenodeids', [0, 0, 0, 1, 0, 0]), /two parents or lies on a cycle/],
    ['two parents', ints('nodes_truenodeids', [2, 0, 0, 1, 0, 0]), /two parents/],
    ['a missing child', ints('nodes_truenodeids', [7, 0, 0, 1, 0, 0]), /node 7 of tree 0 does not exist/],
    ['a lost node', strings('nodes_modes', ['LEAF', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF']), /./],
    ['a node twice', ints('nodes_nodeids', [0, 1, 1, 0, 1, 2]), /is there twice/],
    ['an unknown mode', strings('nodes_modes', ['BRANCH_X', 'LEAF', 'LEAF', 'LEAF', 'LEAF', 'LEAF']), /mode/],
    ['a NaN threshold', floats('nodes_values', [Number.NaN, 0, 0, 1, 0, 0]), /compares with NaN/],
    ['an infinite weight', floats('target_weights', [1, Number.POSITIVE_INFINITY, 1, 2]), /holds Infinity/],
    ['a short list', ints('nodes_featureids', [0, 0, 0, 0, 0]), /5 entries where 6 belong/],
    ['a negative feature', ints('nodes_featureids', [-1, 0, 0, 0, 0, 0]), /holds -1/],
    ['a weight at a branch', ints('target_nodeids', [0, 2, 1, 2]), /is no leaf/],
    ['a weight for no node', ints('target_nodeids', [9, 2, 1, 2]), /is no leaf/],
    ['a weight twice', ints('target_nodeids', [1, 1, 1, 2]), /two weights for target 0/],
    ['a target too many', ints('target_ids', [0, 1, 0, 0]), /target 1 of 1/],
    ['scattered trees', ints('nodes_treeids', [0, 1, 0, 1, 1, 1]), /not listed together|twice/],
    ['no target', { name: 'n_targets', kind: 'int', value: 0 }, /0 targets/],
    ['wrong base values', floats('base_values', [1, 2]), /2 base values for 1 targets/],
    ['a string for a list', { name: 'nodes_values', kind: 'string', value: 'x' }, /not a list of numbers/],
  ])('%s', (_, attribute, reason) => {
    const told = codeOf(() => readEnsemble(withAttribute(node, attribute)))
    expect(told).toMatch(/^GG_MODEL_FORMAT node 'trees'/)
    expect(told).toMatch(reason)
  })

  it('no tree at all', () => {
    const empty = oldNode({ ...ensemble, trees: [] })
    expect(codeOf(() => readEnsemble(empty))).toMatch(/^GG_MODEL_FORMAT .*no tree/)
  })

  it.each<[string, OnnxAttribute, RegExp]>([
    ['MIN', { name: 'aggregate_function', kind: 'string', value: 'MIN' }, /aggregate function MIN/],
    ['huge target counts', { name: 'n_targets', kind: 'int', value: 2 ** 40 }, /targets/],
    ['PROBIT', { name: 'post_transform', kind: 'string', value: 'PROBIT' }, /PROBIT/],
    ['SOFTMAX_ZERO', { name: 'post_transform', kind: 'string', value: 'SOFTMAX_ZERO' }, /SOFTMAX_ZERO/],
    ['unknown attributes', ints('nodes_magic', [1]), /nodes_magic/],
  ])('%s are refused', (_, attribute, reason) => {
    const model = treeModel(withAttribute(node, attribute), ensemble)
    const told = codeOf(() => importTreeModel(model, input))
    expect(told).toMatch(/^GG_MODEL_UNSUPPORTED/)
    expect(told).toMatch(reason)
  })

  it('a feature that the input does not have', () => {
    const narrow = treeModel(withAttribute(node, ints('nodes_featureids', [2, 0, 0, 0, 0, 0])), ensemble)
    expect(codeOf(() => importTreeModel(narrow, input))).toMatch(/^GG_MODEL_FORMAT .*feature 2 of 2/)
  })

  it('leaf weights that float32 sums would round', () => {
    const rough = treeModel(withAttribute(node, floats('target_weights', [0.1, 1e4, 3.3, 2])), ensemble)
    expect(codeOf(() => importTreeModel(rough, input))).toMatch(/^GG_MODEL_INEXACT .*snapLeaves/)
  })

  it('an average of three trees', () => {
    const three = { ...ensemble, trees: [stump, stump, stump], aggregate: 'AVERAGE' }
    const model = treeModel(oldNode(three), three)
    expect(codeOf(() => importTreeModel(model, input))).toMatch(/^GG_MODEL_INEXACT .*divides by 3/)
  })
})

describe('malformed trees of TreeEnsemble', () => {
  const two: TestTree = [
    { mode: 'BRANCH_LEQ', feature: 0, value: 1.5, yes: 1, no: 2 },
    { mode: 'MEMBER', feature: 1, value: 0, members: [3], yes: 3, no: 4 },
    leaf(1),
    leaf(2),
    leaf(4),
  ]
  const node = newNode({ trees: [two], features: 2, targets: 1 })
  const bytes = (name: string, values: number[]): OnnxAttribute => ({
    name,
    kind: 'tensor',
    value: packTensor(name, [values.length], Uint8Array.from(values)),
  })
  it.each<[string, OnnxAttribute, RegExp]>([
    ['a cycle', ints('nodes_truenodeids', [0, 0]), /two parents or lies on a cycle/],
    ['a missing leaf', ints('nodes_falsenodeids', [0, 9]), /leaf 9 does not exist/],
    ['a missing root', ints('tree_roots', [5]), /branch 5 does not exist/],
    ['no root', ints('tree_roots', []), /no tree/],
    ['an unknown mode', bytes('nodes_modes', [0, 9]), /mode 9|membership/],
    ['sets without a test', bytes('nodes_modes', [0, 0]), /1 membership sets for 0 tests/],
    ['a target too many', ints('leaf_targetids', [0, 3, 0]), /target 3 of 1/],
    ['a short list', ints('nodes_trueleafs', [0]), /1 entries where 2 belong/],
    ['a transform out of range', { name: 'post_transform', kind: 'int', value: 9 }, /out of range/],
    ['an aggregate out of range', { name: 'aggregate_function', kind: 'int', value: -1 }, /out of range/],
  ])('%s', (_, attribute, reason) => {
    const told = codeOf(() => readEnsemble(withAttribute(node, attribute)))
    expect(told).toMatch(/^GG_MODEL_FORMAT/)
    expect(told).toMatch(reason)
  })
})

describe('random damage to attributes', () => {
  it('ends in a typed error or in a forest', () => {
    const random = new Random(5)
    const shape = { trees: 3, depth: 3, features: 3, targets: 2, modes, unit: 1, weightBits: 4 }
    const rest = { low: -8, high: 7, scale: 1, early: 0.2 }
    let refused = 0
    for (let i = 0; i < 600; i++) {
      const made = randomEnsemble(random, { ...shape, ...rest, every: i % 2 === 0 })
      const node = i % 2 === 0 ? oldNode(made) : newNode(made)
      const at = random.integer(node.attributes.length)
      const damaged = damage(random, node.attributes[at]!)
      const model = treeModel(withAttribute(node, damaged), made)
      const told = codeOf(() => importTreeModel(model, { bits: 4, signed: true }))
      if (told !== 'accepted') refused++
    }
    expect(refused).toBeGreaterThan(150)
  })

  function damage(random: Random, attribute: OnnxAttribute): OnnxAttribute {
    const odd = [-1, 0, 1, 2, 5, 1e9, 2 ** 53, Number.NaN, 0.5][random.integer(9)]!
    if (attribute.kind === 'ints' || attribute.kind === 'floats') {
      const value = [...attribute.value]
      if (random.integer(4) === 0) value.splice(random.integer(value.length), 1)
      else value[random.integer(value.length)] = odd
      return { ...attribute, value }
    }
    if (attribute.kind === 'int') return { ...attribute, value: odd }
    if (attribute.kind === 'string') return { ...attribute, value: 'SUN' }
    if (attribute.kind === 'strings')
      return { ...attribute, value: [...attribute.value.slice(1), 'BRANCH_GT'] }
    return ints(attribute.name, [odd])
  }
})
