import { unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { type PostTransform, postTransforms } from './ensemble.ts'
import type { NodeAttributes } from './node-attributes.ts'

/** @throws GemgateError GG_MODEL_UNSUPPORTED for what is no sum */
export function refuseAggregate(node: OnnxNode, name: string): 'SUM' | 'AVERAGE' {
  if (name === 'SUM' || name === 'AVERAGE') return name
  throw unsupported(
    node,
    `aggregate function ${name} is not supported`,
    'Use SUM or AVERAGE: hardware adds the trees.',
  )
}

/** @throws GemgateError GG_MODEL_FORMAT for a name that ONNX does not have */
export function readPostTransform(attributes: NodeAttributes, name: string): PostTransform {
  const known = postTransforms.find((transform) => transform === name)
  if (known === undefined) throw attributes.malformed(`post_transform is '${name}'`)
  return known
}
