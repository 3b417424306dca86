import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '../../../src/network/onnx/onnx-model.ts'
import { packTensor } from '../../../src/network/onnx/onnx-tensor.ts'

export type Mode = 'BRANCH_LEQ' | 'BRANCH_LT' | 'BRANCH_GTE' | 'BRANCH_GT' | 'BRANCH_EQ' | 'BRANCH_NEQ'

export type TestNode =
  | {
      readonly mode: Mode | 'MEMBER'
      readonly feature: number
      readonly value: number
      readonly members?: readonly number[]
      readonly yes: number
      readonly no: number
    }
  /** `[target or class, weight]` pairs */
  | { readonly leaf: readonly (readonly [number, number])[] }

/** Node 0 is the root. */
export type TestTree = readonly TestNode[]

export interface TestEnsemble {
  readonly trees: readonly TestTree[]
  readonly features: number
  readonly targets: number
  readonly base?: readonly number[]
  readonly aggregate?: string
  readonly postTransform?: string
  /** Class labels of a classifier. */
  readonly labels?: readonly number[] | readonly string[]
}

const ints = (name: string, value: readonly number[]): OnnxAttribute => ({ name, kind: 'ints', value })
const floats = (name: string, value: readonly number[]): OnnxAttribute => ({ name, kind: 'floats', value })
const strings = (name: string, value: readonly string[]): OnnxAttribute => ({ name, kind: 'strings', value })
const tensor = (name: string, value: OnnxTensor): OnnxAttribute => ({ name, kind: 'tensor', value })

/** A TreeEnsembleRegressor node, or a TreeEnsembleClassifier when the ensemble has labels. */
export function oldNode(ensemble: TestEnsemble, input = 'x'): OnnxNode {
  const { trees, labels } = ensemble
  const prefix = labels === undefined ? 'target' : 'class'
  const nodes = trees.flatMap((tree, t) => tree.map((node, n) => ({ node, t, n })))
  const leaves = nodes.flatMap(({ node, t, n }) =>
    'leaf' in node ? node.leaf.map(([id, weight]) => ({ id, weight, t, n })) : [],
  )
  const branch = <T>(missing: T, of: (node: Exclude<TestNode, { leaf: unknown }>) => T): T[] =>
    nodes.map(({ node }) => ('leaf' in node ? missing : of(node)))
  const attributes: OnnxAttribute[] = [
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
      branch(0, (node) => node.feature),
    ),
    floats(
      'nodes_values',
      branch(0, (node) => node.value),
    ),
    strings(
      'nodes_modes',
      branch<string>('LEAF', (node) => node.mode),
    ),
    ints(
      'nodes_truenodeids',
      branch(0, (node) => node.yes),
    ),
    ints(
      'nodes_falsenodeids',
      branch(0, (node) => node.no),
    ),
    ints(
      `${prefix}_treeids`,
      leaves.map(({ t }) => t),
    ),
    ints(
      `${prefix}_nodeids`,
      leaves.map(({ n }) => n),
    ),
    ints(
      `${prefix}_ids`,
      leaves.map(({ id }) => id),
    ),
    floats(
      `${prefix}_weights`,
      leaves.map(({ weight }) => weight),
    ),
  ]
  if (ensemble.base !== undefined) attributes.push(floats('base_values', ensemble.base))
  if (ensemble.postTransform !== undefined)
    attributes.push({ name: 'post_transform', kind: 'string', value: ensemble.postTransform })
  if (labels === undefined) {
    attributes.push({ name: 'n_targets', kind: 'int', value: ensemble.targets })
    if (ensemble.aggregate !== undefined)
      attributes.push({ name: 'aggregate_function', kind: 'string', value: ensemble.aggregate })
  } else if (typeof labels[0] === 'string')
    attributes.push(strings('classlabels_strings', labels as readonly string[]))
  else attributes.push(ints('classlabels_int64s', labels as readonly number[]))
  return {
    name: 'trees',
    operator: labels === undefined ? 'TreeEnsembleRegressor' : 'TreeEnsembleClassifier',
    domain: 'ai.onnx.ml',
    inputs: [input],
    outputs: labels === undefined ? ['scores'] : ['label', 'scores'],
    attributes,
  }
}

const modeNumbers = {
  BRANCH_LEQ: 0,
  BRANCH_LT: 1,
  BRANCH_GTE: 2,
  BRANCH_GT: 3,
  BRANCH_EQ: 4,
  BRANCH_NEQ: 5,
  MEMBER: 6,
} as const

/** A TreeEnsemble node of operator set 5; each leaf has one weight. */
export function newNode(ensemble: TestEnsemble, input = 'x'): OnnxNode {
  const roots: number[] = []
  const branches: Exclude<TestNode, { leaf: unknown }>[] = []
  const leaves: (readonly [number, number])[] = []
  const places = ensemble.trees.map((tree) =>
    tree.map((node) => ('leaf' in node ? leaves.push(node.leaf[0]!) : branches.push(node)) - 1),
  )
  const children = {
    yes: [] as number[],
    no: [] as number[],
    yesLeaf: [] as number[],
    noLeaf: [] as number[],
  }
  const link = (yes: number, no: number, yesLeaf: boolean, noLeaf: boolean): void => {
    children.yes.push(yes)
    children.no.push(no)
    children.yesLeaf.push(Number(yesLeaf))
    children.noLeaf.push(Number(noLeaf))
  }
  ensemble.trees.forEach((tree, t) => {
    for (const node of tree)
      if (!('leaf' in node))
        link(places[t]![node.yes]!, places[t]![node.no]!, 'leaf' in tree[node.yes]!, 'leaf' in tree[node.no]!)
  })
  ensemble.trees.forEach((tree, t) => {
    if (!('leaf' in tree[0]!)) {
      roots.push(places[t]![0]!)
      return
    }
    // A tree of one leaf: a branch whose children are the same leaf.
    roots.push(branches.push({ mode: 'BRANCH_LEQ', feature: 0, value: 0, yes: 0, no: 0 }) - 1)
    link(places[t]![0]!, places[t]![0]!, true, true)
  })
  const members = branches.flatMap((node) =>
    node.mode === 'MEMBER' ? [...(node.members ?? []), Number.NaN] : [],
  )
  const weights = leaves.map(([, weight]) => weight)
  const attributes: OnnxAttribute[] = [
    { name: 'n_targets', kind: 'int', value: ensemble.targets },
    ints('tree_roots', roots),
    ints(
      'nodes_featureids',
      branches.map((node) => node.feature),
    ),
    tensor(
      'nodes_splits',
      packTensor(
        's',
        [branches.length],
        Float32Array.from(branches, (node) => node.value),
      ),
    ),
    tensor(
      'nodes_modes',
      packTensor(
        'm',
        [branches.length],
        Uint8Array.from(branches, (node) => modeNumbers[node.mode]),
      ),
    ),
    ints('nodes_truenodeids', children.yes),
    ints('nodes_falsenodeids', children.no),
    ints('nodes_trueleafs', children.yesLeaf),
    ints('nodes_falseleafs', children.noLeaf),
    ints(
      'leaf_targetids',
      leaves.map(([id]) => id),
    ),
    tensor('leaf_weights', packTensor('w', [weights.length], Float32Array.from(weights))),
  ]
  if (members.length > 0)
    attributes.push(
      tensor('membership_values', packTensor('v', [members.length], Float32Array.from(members))),
    )
  const enumeration = (name: string, names: readonly string[], value: string | undefined): void => {
    if (value !== undefined) attributes.push({ name, kind: 'int', value: names.indexOf(value) })
  }
  enumeration('aggregate_function', ['AVERAGE', 'SUM', 'MIN', 'MAX'], ensemble.aggregate)
  enumeration(
    'post_transform',
    ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'],
    ensemble.postTransform,
  )
  return {
    name: 'trees',
    operator: 'TreeEnsemble',
    domain: 'ai.onnx.ml',
    inputs: [input],
    outputs: ['scores'],
    attributes,
  }
}

/** A model with one ensemble on float32 features, as skl2onnx and onnxmltools write it. */
export function treeModel(
  node: OnnxNode,
  ensemble: TestEnsemble,
  before: readonly OnnxNode[] = [],
): OnnxModel {
  const version = node.operator === 'TreeEnsemble' ? 5 : 3
  const text = typeof ensemble.labels?.[0] === 'string'
  return {
    irVersion: 8,
    producer: 'test',
    opsets: new Map([
      ['', 17],
      ['ai.onnx.ml', version],
    ]),
    graph: {
      name: 'trees',
      nodes: [...before, node],
      initializers: [],
      inputs: [{ name: 'x', type: 1, dims: [undefined, ensemble.features] }],
      outputs: node.outputs.map((name) =>
        name === 'label'
          ? { name, type: text ? 8 : 7, dims: [undefined] }
          : { name, type: 1, dims: [undefined, ensemble.targets] },
      ),
    },
    metadata: new Map(),
  }
}
