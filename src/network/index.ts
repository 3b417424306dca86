// The compiler

// Constant matrices as shifts and adds
export {
  type AdderGraph,
  type AdderGraphOptions,
  type AdderNode,
  type AdderOutput,
  adderGraphModule,
  type ConstantMatrix,
  constantMatrix,
  evaluateAdderGraph,
  optimiseAdderGraph,
} from './adder-graph/index.ts'
// ONNX files
export {
  buildDenseModel,
  buildDenseOnnx,
  type DenseSpec,
  type DenseSpecLayer,
  type MatrixForm,
} from './build-dense.ts'
export {
  buildHardware,
  type CompiledNetwork,
  type CompileOptions,
  type CompileProgress,
  compileNetwork,
  type HardwareOptions,
} from './compile.ts'
// The integer graph
export { evaluateGraph } from './graph/evaluate-graph.ts'
export type { DecisionTree, Forest, TreeNode } from './graph/forest.ts'
export type { IntegerGraph, Operation, Port, Range, Value, ValueId, Window } from './graph/integer-graph.ts'
export type { Rounding, ScalarFunction } from './graph/scalar-function.ts'
export type { HardwareModule, Resources, StreamFormat } from './hardware/hardware-module.ts'
export { allFiles } from './hardware/library-files.ts'
// Import with certificate
export {
  type Certificate,
  type CertificateClass,
  checkNetwork,
  type ImportedNetwork,
  type ImportOptions,
  type InputGrid,
  importNetwork,
  type NetworkCheck,
  type NodeCertificate,
  type NodeVerdict,
  type Oracle,
} from './import/index.ts'
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
  type NetworkVector,
  type OnnxSession,
  type OnnxSessionOptions,
  openOnnxSession,
} from './onnx/onnx-session.ts'
export { writeOnnx } from './onnx/onnx-write.ts'
export { type CarrierType, QdqBuilder, type QdqParameters } from './qdq-builder.ts'
// Quantization and trees
export { type QuantizedModel, type QuantizeOptions, quantizeModel } from './quantize/index.ts'
export { simplifyGraph } from './rewrite/simplify-graph.ts'
export { importTreeModel, type TreeImport, type TreeInput } from './trees/import-tree-model.ts'
export { type SnappedLeaves, snapLeaves } from './trees/snap-leaves.ts'
