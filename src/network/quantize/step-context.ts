import type { OnnxNode } from '../onnx/onnx-model.ts'
import type { Tensor } from '../reference/index.ts'

/** What the translation of one node may look at. */
export interface StepContext {
  readonly node: OnnxNode
  readonly opset: number
  /** Constants of the graph. */
  readonly constants: ReadonlyMap<string, Tensor>
  /** Shapes at batch size 1. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
}
