import type { OnnxNode } from '../onnx/onnx-model.ts'
import { collectTree, type StoredNode } from './collect-tree.ts'
import {
  type EnsembleNode,
  type LeafWeight,
  type TestKind,
  type TreeEnsemble,
  testKinds,
} from './ensemble.ts'
import { readPostTransform, refuseAggregate } from './ensemble-options.ts'
import { NodeAttributes } from './node-attributes.ts'

const modeNames = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const

const nodeLists = [
  'nodes_falsenodeids',
  'nodes_featureids',
  'nodes_hitrates',
  'nodes_hitrates_as_tensor',
  'nodes_missing_value_tracks_true',
  'nodes_modes',
  'nodes_nodeids',
  'nodes_treeids',
  'nodes_truenodeids',
  'nodes_values',
  'nodes_values_as_tensor',
  'base_values',
  'base_values_as_tensor',
  'post_transform',
]

const weightLists = (prefix: string): string[] =>
  ['ids', 'nodeids', 'treeids', 'weights', 'weights_as_tensor'].map((name) => `${prefix}_${name}`)

/** Reads TreeEnsembleRegressor or TreeEnsembleClassifier (ai.onnx.ml operator sets 1 to 4). */
export function readClassicEnsemble(node: OnnxNode): TreeEnsemble {
  const classifier = node.operator === 'TreeEnsembleClassifier'
  const prefix = classifier ? 'class' : 'target'
  const own = classifier ? ['classlabels_int64s', 'classlabels_strings'] : ['n_targets', 'aggregate_function']
  const attributes = new NodeAttributes(node, [...nodeLists, ...weightLists(prefix), ...own])
  const labels = classifier ? readLabels(attributes) : undefined
  const targets = labels?.length ?? attributes.int('n_targets', 0)
  if (!Number.isSafeInteger(targets) || targets < 1)
    throw attributes.malformed(`there are ${targets} ${classifier ? 'class labels' : 'targets'}`)

  const values = attributes.numbers('nodes_values', undefined, true)
  const base = attributes.numbers('base_values')
  if (!classifier && base.length !== 0 && base.length !== targets)
    throw attributes.malformed(`there are ${base.length} base values for ${targets} targets`)
  const weights = readWeights(attributes, prefix, targets)
  const stored = readNodes(attributes, values, weights.byNode)
  for (const key of weights.byNode.keys())
    if (stored.nodes.get(key)?.kind !== 'leaf')
      throw attributes.malformed(`${key} has a weight but is no leaf`)

  const reached = new Set<string>()
  const trees = stored.roots.map((root) =>
    collectTree(
      root,
      (key) => stored.nodes.get(key),
      reached,
      (reason) => attributes.malformed(reason),
    ),
  )
  if (reached.size < stored.nodes.size) {
    const lost = [...stored.nodes.keys()].find((key) => !reached.has(key))
    throw attributes.malformed(`${lost} cannot be reached from the first node of its tree`)
  }
  return {
    precision: attributes.double ? 'double' : 'float32',
    features: featureCount(trees),
    targets,
    trees,
    base: base.length === 0 ? undefined : base,
    average: refuseAggregate(node, attributes.string('aggregate_function', 'SUM')) === 'AVERAGE',
    postTransform: readPostTransform(attributes, attributes.string('post_transform', 'NONE')),
    labels,
  }
}

export function featureCount(trees: readonly (readonly EnsembleNode[])[]): number {
  let most = 0
  for (const tree of trees)
    for (const node of tree) if (node.kind === 'branch') most = Math.max(most, node.feature + 1)
  return most
}

function readLabels(attributes: NodeAttributes): readonly number[] | readonly string[] {
  const strings = attributes.strings('classlabels_strings')
  return strings.length > 0 ? strings : attributes.ints('classlabels_int64s', Number.NEGATIVE_INFINITY)
}

const nodeKey = (tree: number, node: number): string => `node ${node} of tree ${tree}`

function readNodes(
  attributes: NodeAttributes,
  values: readonly number[],
  weights: ReadonlyMap<string, readonly LeafWeight[]>,
): { nodes: Map<string, StoredNode>; roots: string[] } {
  const treeIds = attributes.ints('nodes_treeids', Number.NEGATIVE_INFINITY)
  const nodeIds = attributes.ints('nodes_nodeids')
  const featureIds = attributes.ints('nodes_featureids')
  const modes = attributes.strings('nodes_modes')
  const yes = attributes.ints('nodes_truenodeids')
  const no = attributes.ints('nodes_falsenodeids')
  const missing = attributes.ints('nodes_missing_value_tracks_true')
  attributes.sameLength(nodeIds.length, {
    nodes_treeids: treeIds,
    nodes_featureids: featureIds,
    nodes_modes: modes,
    nodes_truenodeids: yes,
    nodes_falsenodeids: no,
    nodes_values: values,
    ...(missing.length === 0 ? {} : { nodes_missing_value_tracks_true: missing }),
  })
  if (nodeIds.length === 0) throw attributes.malformed('there is no tree')
  const nodes = new Map<string, StoredNode>()
  const roots: string[] = []
  const begun = new Set<number>()
  for (let i = 0; i < nodeIds.length; i++) {
    const tree = treeIds[i]!
    const key = nodeKey(tree, nodeIds[i]!)
    if (nodes.has(key)) throw attributes.malformed(`${key} is there twice`)
    if (i === 0 || tree !== treeIds[i - 1]) {
      if (begun.has(tree)) throw attributes.malformed(`the nodes of tree ${tree} are not listed together`)
      begun.add(tree)
      roots.push(key)
    }
    if (modes[i] === 'LEAF') {
      nodes.set(key, { kind: 'leaf', weights: weights.get(key) ?? [] })
      continue
    }
    const test = testOf(modes[i]!)
    if (test === undefined) throw attributes.malformed(`${key} has mode '${modes[i]}'`)
    if (Number.isNaN(values[i])) throw attributes.malformed(`${key} compares with NaN`)
    nodes.set(key, {
      kind: 'branch',
      feature: featureIds[i]!,
      test,
      value: values[i]!,
      members: [],
      missingIsTrue: missing[i] === 1,
      yes: nodeKey(tree, yes[i]!),
      no: nodeKey(tree, no[i]!),
    })
  }
  return { nodes, roots }
}

function testOf(mode: string): TestKind | undefined {
  const index = (modeNames as readonly string[]).indexOf(mode)
  return index < 0 ? undefined : testKinds[index]
}

function readWeights(
  attributes: NodeAttributes,
  prefix: string,
  targets: number,
): { byNode: Map<string, LeafWeight[]> } {
  const ids = attributes.ints(`${prefix}_ids`)
  const nodeIds = attributes.ints(`${prefix}_nodeids`)
  const treeIds = attributes.ints(`${prefix}_treeids`, Number.NEGATIVE_INFINITY)
  const weights = attributes.numbers(`${prefix}_weights`)
  attributes.sameLength(ids.length, {
    [`${prefix}_nodeids`]: nodeIds,
    [`${prefix}_treeids`]: treeIds,
    [`${prefix}_weights`]: weights,
  })
  const byNode = new Map<string, LeafWeight[]>()
  ids.forEach((target, i) => {
    const key = nodeKey(treeIds[i]!, nodeIds[i]!)
    if (target >= targets)
      throw attributes.malformed(`${key} has a weight for target ${target} of ${targets}`)
    const list = byNode.get(key) ?? []
    if (list.some((entry) => entry.target === target))
      throw attributes.malformed(`${key} has two weights for target ${target}`)
    list.push({ target, weight: weights[i]! })
    byNode.set(key, list)
  })
  return { byNode }
}
