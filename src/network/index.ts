export {
  buildDenseModel,
  buildDenseOnnx,
  type CarrierType,
  type DenseSpec,
  type DenseSpecLayer,
  type MatrixForm,
} from './build-dense.ts'
export { type Certificate, exactLimit, type LayerBound } from './certificate.ts'
export { roundHalfEven } from './import-clamp.ts'
export { importDense } from './import-dense.ts'
export {
  type DenseLayer,
  evaluate,
  evaluateBatch,
  formatRange,
  type IntegerNetwork,
  makeScores,
  type NetworkVector,
  type NumberFormat,
  requantize,
} from './integer-network.ts'
export type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './onnx/onnx-model.ts'
export { maximumModelBytes, readOnnx } from './onnx/onnx-read.ts'
export {
  loadOnnxRuntime,
  type OnnxSession,
  type OnnxSessionOptions,
  openOnnxSession,
} from './onnx/onnx-session.ts'
export { writeOnnx } from './onnx/onnx-write.ts'
export { emitClassifier, emitWeights, type MlpParameters, mlpLatency, mlpParameters } from './verilog.ts'
