import type { GraphBuilder } from '../graph/graph-builder.ts'
import { elementCount, type Range, rangeOf, type ValueId } from '../graph/integer-graph.ts'
import { type Chain, type Step, sameChain } from './chain.ts'

/**
 * An ONNX tensor that depends on the network's inputs: integers of the graph, and how its real numbers are
 * made from them. Nothing is emitted for what a view can express: order, shape and elementwise functions
 * wait until a matrix, a quantizer or an output needs integers.
 */
export interface View {
  readonly kind: 'view'
  /** ONNX element type. */
  readonly type: number
  /** As in ONNX, the batch axis (of size 1) included. */
  readonly shape: readonly number[]
  readonly value: ValueId
  /** For each element in ONNX order the element of `value`; the same order when left out. */
  readonly order?: Int32Array
  /** One for all elements of `value`, or one for each index of its axis 0. */
  readonly chains: readonly Chain[]
  /** Set for results of a quantizer: the numbers are (integer - zeroPoint) * scale. */
  readonly quantization?: { readonly scales: readonly number[]; readonly zeroPoint: number }
  /** Scores without the softmax that the file applies to them, along these axes: for ArgMax and outputs. */
  readonly logits?: readonly number[]
  /** A sum of two views: some runtimes add an output zero point before rounding. */
  readonly ofSum?: boolean
}

/** Elements of `value` for each index of its axis 0. */
export function innerSize(builder: GraphBuilder, view: View): number {
  const { shape } = builder.value(view.value)
  return shape.length === 0 ? 1 : elementCount(shape.slice(1))
}

/** Number of indices on axis 0 of the view's value. */
export function channelCount(builder: GraphBuilder, view: View): number {
  return builder.value(view.value).shape[0] ?? 1
}

/** The chain of the elements with index `channel` on axis 0 of the value. */
export function chainAt(view: View, channel: number): Chain {
  return view.chains[view.chains.length === 1 ? 0 : channel]!
}

/** Element `i` of the view as an index into its value. */
export function elementAt(view: View, i: number): number {
  return view.order === undefined ? i : view.order[i]!
}

/** The view with other elements of itself, in a new shape. */
export function pickView(view: View, indices: Int32Array | undefined, shape: readonly number[]): View {
  if (indices === undefined) return { ...view, shape }
  const { order } = view
  return { ...view, shape, order: order === undefined ? indices : indices.map((i) => order[i]!) }
}

/** One chain for all when they are all the same. */
export function shrinkChains(chains: readonly Chain[]): readonly Chain[] {
  return chains.every((chain) => sameChain(chain, chains[0]!)) ? [chains[0]!] : chains
}

/** The view with the same steps after every element. */
export function appendSteps(view: View, ...steps: Step[]): View {
  return { ...view, chains: view.chains.map((chain) => [...chain, ...steps]) }
}

/**
 * The view with a step of its own for each element. Elements of one channel of the value must agree;
 * otherwise the value is first laid out as a vector, in which each element is a channel.
 */
export function appendStepPerElement(builder: GraphBuilder, view: View, steps: readonly Step[][]): View {
  const direct = stepsByChannel(builder, view, steps)
  if (direct !== undefined) return direct
  const flat = layOut(builder, view, [elementCount(view.shape)])!
  return { ...flat, chains: steps.map((more, i) => [...chainAt(flat, i), ...more]) }
}

function stepsByChannel(builder: GraphBuilder, view: View, steps: readonly Step[][]): View | undefined {
  const inner = innerSize(builder, view)
  const found: (Step[] | undefined)[] = new Array(channelCount(builder, view))
  for (let i = 0; i < steps.length; i++) {
    const channel = Math.floor(elementAt(view, i) / inner)
    const known = (found[channel] ??= steps[i]!)
    if (!sameChain(known, steps[i]!)) return undefined
  }
  const chains = Array.from(found, (more, channel) => [...chainAt(view, channel), ...(more ?? [])])
  return { ...view, chains: shrinkChains(chains) }
}

/**
 * The view with its elements in ONNX order in a graph value of the given shape, emitting a rearrangement
 * when they are not. Undefined when elements with different chains would share a channel.
 */
export function layOut(builder: GraphBuilder, view: View, shape: readonly number[]): View | undefined {
  const source = builder.value(view.value)
  const sameShape = source.shape.length === shape.length && source.shape.every((s, k) => s === shape[k])
  const inOrder = isInOrder(view, elementCount(source.shape))
  if (sameShape && inOrder) return inOrderOf(view)
  const chains = chainsAfter(builder, view, shape)
  if (chains === undefined) return undefined
  const value = builder.add(
    source.name,
    { kind: 'rearrange', source: view.value, ...(inOrder ? {} : { indices: view.order! }) },
    shape,
  )
  return { ...inOrderOf(view), value, chains }
}

function inOrderOf(view: View): View {
  const { order: _, ...rest } = view
  return rest
}

function isInOrder(view: View, elements: number): boolean {
  if (view.order === undefined) return elementCount(view.shape) === elements
  return view.order.length === elements && view.order.every((from, i) => from === i)
}

/** The chains by axis 0 of a new shape that the elements get in ONNX order. */
export function chainsAfter(
  builder: GraphBuilder,
  view: View,
  shape: readonly number[],
): readonly Chain[] | undefined {
  if (view.chains.length === 1) return view.chains
  const inner = innerSize(builder, view)
  const channels = shape[0] ?? 1
  const perChannel = elementCount(shape) / channels
  const chains: Chain[] = []
  for (let c = 0; c < channels; c++) {
    const first = chainAt(view, Math.floor(elementAt(view, c * perChannel) / inner))
    for (let i = 1; i < perChannel; i++) {
      const other = chainAt(view, Math.floor(elementAt(view, c * perChannel + i) / inner))
      if (!sameChain(first, other)) return undefined
    }
    chains.push(first)
  }
  return shrinkChains(chains)
}

/** Ranges and chains by index of axis 0, as long as either differs. */
export function channelsOf(
  builder: GraphBuilder,
  view: View,
): readonly { readonly chain: Chain; readonly range: Range }[] {
  const value = builder.value(view.value)
  const count = Math.max(view.chains.length, value.ranges.length)
  return Array.from({ length: count }, (_, c) => ({ chain: chainAt(view, c), range: rangeOf(value, c) }))
}
