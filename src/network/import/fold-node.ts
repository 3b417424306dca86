import { GemgateError } from '../../core/errors.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import type { Tensor } from '../reference/tensor.ts'
import { type Constant, pickConstant } from './constant.ts'
import type { Importer } from './importer.ts'
import { isMovement, moveIndices } from './movement.ts'
import { quantizeConstant } from './quantize-constant.ts'

/** Nodes that look at the shape of their input only. */
const shapeOperators = new Set(['Shape', 'Size'])

/**
 * Evaluates a node whose inputs are all constants, by the definition of its operator in float32; answers
 * false when it has other inputs. Quantized constants stay quantized through whatever only moves elements.
 * @throws GemgateError when the definition cannot be evaluated
 */
export function foldNode(importer: Importer, node: OnnxNode): boolean {
  const ofShape = node.domain === '' && shapeOperators.has(node.operator)
  const constants = node.inputs.map((name) => (name === '' ? undefined : importer.binding(name)))
  if (!ofShape && constants.some((binding) => binding !== undefined && binding.kind !== 'constant'))
    return false
  const values = new Map<string, Tensor>()
  for (const name of node.inputs) {
    const sample = importer.sample(name)
    if (name === '') continue
    if (sample === undefined) return false
    values.set(name, sample)
  }
  const results = importer.evaluate(node, values)
  const structured = ofShape ? undefined : structuredResult(importer, node, constants as Constant[])
  for (const [name, tensor] of results) {
    if (tensor.data.some((x) => Number.isNaN(x)))
      throw new GemgateError(
        'GG_MODEL_FORMAT',
        `constant '${name}' holds NaN`,
        'Export the network again; a division by zero or a broken file is behind this.',
      )
    const plain: Constant = { kind: 'constant', type: tensor.type, shape: tensor.dims, values: tensor.data }
    importer.bindConstant(name, name === node.outputs[0] && structured !== undefined ? structured : plain)
  }
  return true
}

function structuredResult(
  importer: Importer,
  node: OnnxNode,
  inputs: readonly (Constant | undefined)[],
): Constant | undefined {
  const quantized = quantizeConstant(node, inputs)
  if (quantized !== undefined) return quantized
  const first = inputs[0]
  if (first?.quantized === undefined || !isMovement(node) || node.operator === 'Concat') return undefined
  const moved = moveIndices(importer, node, 0, first.shape)[0]
  return moved === undefined || moved.indices.some((i) => i < 0)
    ? undefined
    : pickConstant(first, moved.indices, moved.shape)
}
