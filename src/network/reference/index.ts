// Adds the decision trees of ai.onnx.ml.
import '../trees/reference-operators.ts'

export { type Precision, roundHalfToEven } from './element-types.ts'
export { type EvaluateOptions, evaluateModel } from './evaluate-model.ts'
export { type FoldOptions, foldConstants, isQuantizer } from './fold-constants.ts'
export { declaredDims, inferShapes, inferTensors } from './infer-shapes.ts'
export { type Operator, OperatorCall } from './operator-call.ts'
export { findOperator, type OperatorFamily, registerOperators } from './registry.ts'
export { countElements, floatTensor, fromOnnxTensor, type Tensor, toOnnxTensor } from './tensor.ts'
