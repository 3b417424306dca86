import type { OnnxNode } from '../onnx/onnx-model.ts'
import { countElements } from '../reference/index.ts'

/** A matrix product or convolution with everything linear around it folded in, in double precision. */
export interface LinearStep {
  readonly kind: 'linear'
  /** 'gemm': `[N, K]` weights on `[batch, K]`; 'conv': `[M, C / groups, ...kernel]` weights. */
  readonly form: 'gemm' | 'conv'
  readonly dims: readonly number[]
  readonly weights: Float64Array
  /** One for each output (channel). */
  readonly bias: Float64Array
  /** The convolution whose attributes count (pads, strides, ...). */
  readonly attributes: OnnxNode['attributes']
}

/** What a float network is made of, for quantization. Axis 1 is the channel, axis 0 the batch. */
export type StepKind =
  | LinearStep
  /** `scales[c] * x + offsets[c]` along axis 1; one element means all channels. Folded away. */
  | { readonly kind: 'affine'; readonly scales: Float64Array; readonly offsets: Float64Array }
  /** `min(max, max(min, x))`; Relu has an infinite max. */
  | { readonly kind: 'clamp'; readonly min: number; readonly max: number }
  /** A nonlinear function of one number. */
  | { readonly kind: 'function'; readonly node: OnnxNode; readonly nonNegative: boolean }
  /** The mean over windows of `area` elements, a power of two; `node` does it. */
  | { readonly kind: 'average'; readonly node: OnnxNode; readonly area: number }
  | { readonly kind: 'add' }
  | { readonly kind: 'concat'; readonly axis: number }
  /** Moves or chooses elements: the result has the scale of the source. */
  | { readonly kind: 'move'; readonly node: OnnxNode }
  /** To another shape; axis 0 is kept and `dims` are the others. */
  | { readonly kind: 'reshape'; readonly dims: readonly number[] }
  /** The index of the largest element; nothing quantized follows. */
  | { readonly kind: 'argmax'; readonly node: OnnxNode }

export interface FloatStep {
  /** The ONNX node, for messages and names. */
  readonly name: string
  /** Values that are not constants. */
  readonly inputs: readonly string[]
  readonly output: string
  readonly what: StepKind
}

/** A float network as steps in order of evaluation. */
export interface FloatNetwork {
  readonly name: string
  readonly inputs: readonly { readonly name: string; readonly dims: readonly number[] }[]
  readonly outputs: readonly { readonly name: string; readonly dims: readonly number[] }[]
  readonly steps: readonly FloatStep[]
  /** Shapes of all values at batch size 1. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** Nodes at the end that were left out because they keep the order of the scores (softmax). */
  readonly removed: readonly string[]
}

/** The steps that read each value. */
export function consumersOf(steps: readonly FloatStep[]): Map<string, FloatStep[]> {
  const consumers = new Map<string, FloatStep[]>()
  for (const step of steps)
    for (const name of new Set(step.inputs)) {
      const list = consumers.get(name)
      if (list === undefined) consumers.set(name, [step])
      else list.push(step)
    }
  return consumers
}

/** Outputs (channels) of a linear step. */
export function outputsOf(step: LinearStep): number {
  return step.dims[0]!
}

/** The input (channel) that weight `i` multiplies. */
export function inputOf({ dims }: LinearStep, inputs: number, i: number): number {
  const [outputs, group, ...kernel] = dims as [number, number, ...number[]]
  const area = countElements(kernel)
  const output = Math.floor(i / (group * area))
  const first = Math.floor((output * (inputs / group)) / outputs) * group
  return first + (Math.floor(i / area) % group)
}
