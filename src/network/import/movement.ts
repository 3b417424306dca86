import { elementCount } from '../graph/integer-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { onnxTypes } from '../onnx/onnx-model.ts'
import type { Tensor } from '../reference/tensor.ts'
import type { Importer } from './importer.ts'

const movements = new Set([
  'Concat',
  'DepthToSpace',
  'Dropout',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Pad',
  'Reshape',
  'Slice',
  'SpaceToDepth',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
])

/** Whether a node only moves elements of its first input (of all its inputs: Concat). */
export function isMovement(node: OnnxNode): boolean {
  return node.domain === '' && movements.has(node.operator)
}

export interface Moved {
  readonly shape: readonly number[]
  /** Where each element comes from; -1 for padding. */
  readonly indices: Int32Array
}

/**
 * Where the elements of each result come from, found by evaluating the node on its own element numbers.
 * @param first number of the first element of input `at`
 */
export function moveIndices(
  importer: Importer,
  node: OnnxNode,
  at: number,
  shape: readonly number[],
): Moved[] {
  return moveAll(importer, node, new Map([[node.inputs[at] ?? '', { shape, first: 0 }]]))
}

/** The same for several moved inputs, whose elements are numbered on from `first`. */
export function moveAll(
  importer: Importer,
  node: OnnxNode,
  moved: ReadonlyMap<string, { readonly shape: readonly number[]; readonly first: number }>,
): Moved[] {
  const values = new Map<string, Tensor>()
  for (const [position, name] of node.inputs.entries()) {
    if (name === '') continue
    const numbered = moved.get(name)
    const sample = importer.sample(name)
    if (numbered !== undefined)
      values.set(name, {
        type: onnxTypes.int64,
        dims: numbered.shape,
        data: Float64Array.from({ length: elementCount(numbered.shape) }, (_, i) => numbered.first + i + 1),
      })
    else if (node.operator === 'Pad' && position === 2)
      values.set(name, { type: onnxTypes.int64, dims: [], data: new Float64Array(1) })
    else if (sample !== undefined) values.set(name, sample)
  }
  const results = importer.evaluate(withoutFill(node), values)
  return node.outputs.flatMap((name) => {
    const tensor = results.get(name)
    return tensor === undefined
      ? []
      : [{ shape: tensor.dims, indices: Int32Array.from(tensor.data, (x) => x - 1) }]
  })
}

/** Old Pad nodes have their fill value as an attribute; elements are numbered from 1, so 0 is free for it. */
function withoutFill(node: OnnxNode): OnnxNode {
  if (node.operator !== 'Pad') return node
  return { ...node, attributes: node.attributes.filter((attribute) => attribute.name !== 'value') }
}
