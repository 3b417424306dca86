import { treeTranslators } from '../trees/translate-trees.ts'
import { convolutions } from './operators/convolution.ts'
import { elementwise } from './operators/elementwise.ts'
import { matrices } from './operators/matrix.ts'
import { movementTranslators } from './operators/movement.ts'
import { normalizations } from './operators/normalization.ts'
import { pools } from './operators/pooling.ts'
import { qonnxTranslators } from './operators/qonnx.ts'
import { dequantizeLinear, quantizeLinear } from './operators/quantize-linear.ts'
import { qLinearGlobalAveragePool } from './operators/quantized-average.ts'
import { microsoftOperators, quantizedOperators } from './operators/quantized-operators.ts'
import { scoreTranslators } from './operators/scores.ts'
import { registerQonnxTranslators, registerTranslators } from './translators.ts'

let registered = false

/** Makes the translators that come with gemgate known. */
export function registerStandardTranslators(): void {
  if (registered) return
  registered = true
  const quantizers = { QuantizeLinear: quantizeLinear, DequantizeLinear: dequantizeLinear }
  const families = [convolutions, elementwise, matrices, movementTranslators, normalizations, pools]
  for (const family of [...families, scoreTranslators, quantizers, quantizedOperators])
    registerTranslators('', family)
  registerTranslators('com.microsoft', {
    ...quantizers,
    ...microsoftOperators,
    QLinearGlobalAveragePool: qLinearGlobalAveragePool,
  })
  registerTranslators('ai.onnx.ml', treeTranslators)
  registerQonnxTranslators(qonnxTranslators)
}
