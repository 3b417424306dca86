import type { OnnxNode } from '../onnx/onnx-model.ts'
import type { Operator } from './operator-call.ts'
import { activations } from './operators/activations.ts'
import { arithmetic } from './operators/arithmetic.ts'
import { convolutions } from './operators/convolution.ts'
import { creations } from './operators/creation.ts'
import { indexing } from './operators/indexing.ts'
import { integerProducts } from './operators/integer-products.ts'
import { layout } from './operators/layout.ts'
import { matrices } from './operators/matrix.ts'
import { normalizations } from './operators/normalization.ts'
import { pooling } from './operators/pooling.ts'
import { qonnx } from './operators/qonnx.ts'
import { quantization } from './operators/quantize-linear.ts'
import { quantizedElementwise } from './operators/quantized-elementwise.ts'
import { quantizedProducts } from './operators/quantized-products.ts'
import { reductions } from './operators/reduction.ts'
import { shapes } from './operators/shape.ts'

/** Operators by name, of one domain. */
export type OperatorFamily = Readonly<Record<string, Operator>>

/** The domains under which exporters have written QONNX operators; some write none at all. */
export const qonnxDomains: readonly string[] = [
  '',
  'qonnx.custom_op.general',
  'onnx.brevitas',
  'finn.custom_op.general',
]

const operators = new Map<string, Operator>()

/** Adds operators of a domain, or replaces them. */
export function registerOperators(domain: string, family: OperatorFamily): void {
  for (const [name, operator] of Object.entries(family)) operators.set(key(domain, name), operator)
}

/** What evaluates a node, if anything does. */
export function findOperator(node: OnnxNode): Operator | undefined {
  return operators.get(key(node.domain, node.operator))
}

function key(domain: string, name: string): string {
  return `${domain}:${name}`
}

const standard = [
  activations,
  arithmetic,
  convolutions,
  creations,
  indexing,
  integerProducts,
  layout,
  matrices,
  normalizations,
  pooling,
  quantization,
  quantizedProducts.standard,
  reductions,
  shapes,
]
for (const family of standard) registerOperators('', family)
for (const domain of qonnxDomains) registerOperators(domain, qonnx)
registerOperators('com.microsoft', quantization)
registerOperators('com.microsoft', quantizedElementwise)
registerOperators('com.microsoft', quantizedProducts.microsoft)
