import type { OnnxNode } from '../onnx/onnx-model.ts'
import { broadcastIndices, type Constant } from './constant.ts'
import { levelAt } from './levels.ts'
import { qonnxQuantizer } from './qonnx-quantizer.ts'
import { levelOutput } from './quantizer.ts'

/** Whether a node is of QONNX: its operators have domains in several spellings. */
function isQonnx(node: OnnxNode, ...names: readonly string[]): boolean {
  return names.includes(node.operator) && node.domain !== 'com.microsoft'
}

/**
 * The result of a quantizer on constants with the integers and scales that it is made of; undefined for
 * other nodes.
 */
export function quantizeConstant(
  node: OnnxNode,
  inputs: readonly (Constant | undefined)[],
): Constant | undefined {
  const [x, scale, zero] = inputs
  if (x === undefined || scale === undefined) return undefined
  if (node.operator === 'DequantizeLinear') {
    const at = parameterIndices(node, scale, x.shape)
    if (at === undefined) return undefined
    const integers = x.values.map((q, i) => q - (zero === undefined ? 0 : zero.values[at[i]!]!))
    const scales = Float64Array.from(at, (k) => scale.values[k]!)
    return quantized(x.shape, integers, scales)
  }
  if (isQonnx(node, 'Quant', 'IntQuant', 'BipolarQuant')) {
    const at = broadcastIndices(scale.shape, x.shape)
    const scales = Float64Array.from(at, (k) => scale.values[k]!)
    const quantizers = qonnxQuantizer(node, inputs, x.shape)
    const integers = x.values.map((value, i) => {
      const quantizer = quantizers(i)
      return levelOutput(quantizer, levelAt([], quantizer, 'exact', value)!)
    })
    return quantized(x.shape, integers, scales)
  }
  return undefined
}

function quantized(shape: readonly number[], integers: Float64Array, scales: Float64Array): Constant {
  const values = integers.map((q, i) => Math.fround(Math.fround(q) * scales[i]!))
  return { kind: 'constant', type: 1, shape, values, quantized: { integers, scales } }
}

/**
 * For each element of a tensor the index of its scale in a QuantizeLinear or DequantizeLinear: one scale,
 * one for each index of `axis`, or (`block_size`) one for each block along it.
 */
export function parameterIndices(
  node: OnnxNode,
  scale: Constant,
  shape: readonly number[],
): Int32Array | undefined {
  const numberOf = (name: string, missing: number): number => {
    const found = node.attributes.find((attribute) => attribute.name === name)
    return found?.kind === 'int' ? found.value : missing
  }
  if (scale.values.length === 1) return new Int32Array(shape.reduce((a, b) => a * b, 1))
  const given = numberOf('axis', 1)
  const axis = given < 0 ? given + shape.length : given
  const block = numberOf('block_size', 0)
  if (axis < 0 || axis >= shape.length) return undefined
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const size = shape[axis]!
  const indices = new Int32Array(size * inner * shape.slice(0, axis).reduce((a, b) => a * b, 1))
  if (block === 0) {
    if (scale.values.length !== size) return undefined
    return indices.map((_, i) => Math.floor(i / inner) % size)
  }
  const blocks = Math.ceil(size / block)
  if (scale.values.length !== (indices.length / size) * blocks) return undefined
  return indices.map((_, i) => {
    const outer = Math.floor(i / (inner * size))
    const place = Math.floor((Math.floor(i / inner) % size) / block)
    return (outer * blocks + place) * inner + (i % inner)
  })
}
