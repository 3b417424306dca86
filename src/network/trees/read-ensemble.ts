import { unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { collectTree, type StoredNode } from './collect-tree.ts'
import { type PostTransform, postTransforms, type TreeEnsemble, testKinds } from './ensemble.ts'
import { refuseAggregate } from './ensemble-options.ts'
import { NodeAttributes } from './node-attributes.ts'
import { featureCount, readClassicEnsemble } from './read-classic-ensemble.ts'

/** The operators of domain ai.onnx.ml that `readEnsemble` reads. */
export const treeOperators: readonly string[] = [
  'TreeEnsemble',
  'TreeEnsembleClassifier',
  'TreeEnsembleRegressor',
]

/** More targets than any device has room for: keeps a small hostile file from filling memory. */
const maximumTargets = 4096

/**
 * Reads a tree ensemble node.
 * @throws GemgateError GG_MODEL_FORMAT when lists contradict each other or the nodes form no trees,
 *   GG_MODEL_UNSUPPORTED for aggregates other than sums and for thousands of targets
 */
export function readEnsemble(node: OnnxNode): TreeEnsemble {
  const ensemble = node.operator === 'TreeEnsemble' ? readModernEnsemble(node) : readClassicEnsemble(node)
  if (ensemble.targets > maximumTargets)
    throw unsupported(node, `it has ${ensemble.targets} targets`, `Use at most ${maximumTargets}.`)
  return ensemble
}

const aggregates = ['AVERAGE', 'SUM', 'MIN', 'MAX']

/** Reads TreeEnsemble (ai.onnx.ml operator set 5): branches and leaves in lists of their own. */
function readModernEnsemble(node: OnnxNode): TreeEnsemble {
  const attributes = new NodeAttributes(node, [
    'aggregate_function',
    'leaf_targetids',
    'leaf_weights',
    'membership_values',
    'n_targets',
    'nodes_falseleafs',
    'nodes_falsenodeids',
    'nodes_featureids',
    'nodes_hitrates',
    'nodes_missing_value_tracks_true',
    'nodes_modes',
    'nodes_splits',
    'nodes_trueleafs',
    'nodes_truenodeids',
    'post_transform',
    'tree_roots',
  ])
  const targets = attributes.int('n_targets', 0)
  if (!Number.isSafeInteger(targets) || targets < 1)
    throw attributes.malformed(`there are ${targets} targets`)
  const find = storedNodes(attributes, targets)
  const reached = new Set<string>()
  const trees = attributes
    .ints('tree_roots')
    .map((root) => collectTree(`branch ${root}`, find, reached, (reason) => attributes.malformed(reason)))
  if (trees.length === 0) throw attributes.malformed('there is no tree')
  const aggregate = aggregates[attributes.int('aggregate_function', 1)]
  if (aggregate === undefined) throw attributes.malformed('aggregate_function is out of range')
  return {
    precision: attributes.double ? 'double' : 'float32',
    features: featureCount(trees),
    targets,
    trees,
    base: undefined,
    average: refuseAggregate(node, aggregate) === 'AVERAGE',
    postTransform: transformOf(attributes),
    labels: undefined,
  }
}

function transformOf(attributes: NodeAttributes): PostTransform {
  const transform = postTransforms[attributes.int('post_transform', 0)]
  if (transform === undefined) throw attributes.malformed('post_transform is out of range')
  return transform
}

/** Looks up 'branch i' and 'leaf i'. */
function storedNodes(attributes: NodeAttributes, targets: number): (key: string) => StoredNode | undefined {
  const features = attributes.ints('nodes_featureids')
  const splits = attributes.numbers('nodes_splits', undefined, true)
  const modes = attributes.integerTensor('nodes_modes')
  const yes = attributes.ints('nodes_truenodeids')
  const no = attributes.ints('nodes_falsenodeids')
  const yesLeaf = attributes.ints('nodes_trueleafs')
  const noLeaf = attributes.ints('nodes_falseleafs')
  const missing = attributes.ints('nodes_missing_value_tracks_true')
  const leafTargets = attributes.ints('leaf_targetids')
  const leafWeights = attributes.numbers('leaf_weights')
  attributes.sameLength(features.length, {
    nodes_splits: splits,
    nodes_modes: modes,
    nodes_truenodeids: yes,
    nodes_falsenodeids: no,
    nodes_trueleafs: yesLeaf,
    nodes_falseleafs: noLeaf,
    ...(missing.length === 0 ? {} : { nodes_missing_value_tracks_true: missing }),
  })
  attributes.sameLength(leafTargets.length, { leaf_weights: leafWeights })
  const sets = membershipSets(attributes, modes)
  const leaf = (index: number): StoredNode | undefined => {
    const target = leafTargets[index]
    if (target === undefined) return undefined
    if (target >= targets) throw attributes.malformed(`leaf ${index} has target ${target} of ${targets}`)
    return { kind: 'leaf', weights: [{ target, weight: leafWeights[index]! }] }
  }
  return (key) => {
    const [kind, text] = key.split(' ')
    const i = Number(text)
    if (kind === 'leaf') return leaf(i)
    const mode = modes[i]
    if (mode === undefined) return undefined
    // A tree of one leaf is written as a branch whose children are the same leaf.
    if (yesLeaf[i] === 1 && noLeaf[i] === 1 && yes[i] === no[i]) return leaf(yes[i]!)
    const test = testKinds[mode]
    if (test === undefined) throw attributes.malformed(`branch ${i} has mode ${mode}`)
    if (test !== 'member' && Number.isNaN(splits[i]))
      throw attributes.malformed(`branch ${i} compares with NaN`)
    return {
      kind: 'branch',
      feature: features[i]!,
      test,
      value: splits[i]!,
      members: sets.get(i) ?? [],
      missingIsTrue: missing[i] === 1,
      yes: `${yesLeaf[i] === 1 ? 'leaf' : 'branch'} ${yes[i]}`,
      no: `${noLeaf[i] === 1 ? 'leaf' : 'branch'} ${no[i]}`,
    }
  }
}

/** One set, ended by NaN, for each branch of mode 'member', in the order of the branches. */
function membershipSets(attributes: NodeAttributes, modes: readonly number[]): Map<number, number[]> {
  const values = attributes.numbers('membership_values', undefined, true)
  const sets: number[][] = []
  let open: number[] = []
  for (const value of values) {
    if (!Number.isNaN(value)) {
      open.push(value)
      continue
    }
    sets.push(open)
    open = []
  }
  if (open.length > 0) sets.push(open)
  const members = modes.flatMap((mode, i) => (testKinds[mode] === 'member' ? [i] : []))
  if (sets.length !== members.length)
    throw attributes.malformed(`there are ${sets.length} membership sets for ${members.length} tests`)
  return new Map(members.map((branch, k) => [branch, sets[k]!]))
}
