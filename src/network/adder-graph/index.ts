/** Constant matrix times vector as a small graph of adders. */
export {
  type AdderGraph,
  type AdderNode,
  type AdderOutput,
  adderCount,
  defaultInput,
  type InputRange,
} from './adder-graph.ts'
export { coefficients, computes, linearForms } from './coefficients.ts'
export { evaluateAdderGraph } from './evaluate.ts'
export { type ConstantMatrix, constantMatrix } from './matrix.ts'
export { adderBits, adderDepth, rangeBits, type ValueRange, valueRanges } from './measure.ts'
export {
  type AdderGraphOptions,
  type AdderGraphProgress,
  leastDepth,
  optimiseAdderGraph,
} from './optimise.ts'
export { optimiseAdderGraphInWorker } from './optimise-in-worker.ts'
export { plainAdderGraph } from './plain-adder-graph.ts'
export {
  type AdderGraphVerilog,
  emitAdderGraph,
  inputSignal,
  type VerilogInput,
  type VerilogSignal,
} from './verilog.ts'
export { adderGraphModule } from './verilog-module.ts'
