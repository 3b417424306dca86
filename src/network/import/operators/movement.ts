import { elementCount } from '../../graph/integer-graph.ts'
import type { Chain } from '../chain.ts'
import type { Constant } from '../constant.ts'
import { evaluateExactly, evaluateFloat32 } from '../evaluate-chain.ts'
import { settleClips, tryForms } from '../exact-forms.ts'
import type { NodeImport } from '../importer.ts'
import { chainOf, linearForm, onGrid, unitForm } from '../linear-form.ts'
import { moveAll, moveIndices } from '../movement.ts'
import { compareIntervals, exactly } from '../rational.ts'
import type { Translator } from '../translators.ts'
import { chainAt, elementAt, innerSize, layOut, pickView, shrinkChains, type View } from '../view.ts'

/** Whatever only moves elements: the view remembers their order, nothing is emitted. */
const move: Translator = (context) => {
  const view = context.view(0)
  const { importer, node } = context
  if (node.operator === 'Dropout' && context.has(2)) {
    const training = context.constant(2, 'training mode')
    if (training.values[0] !== 0) throw context.unsupported('it is in training mode', 'Export for inference.')
  }
  if (node.outputs[1] && node.operator === 'Dropout')
    throw context.unsupported('it also answers a mask', 'Export for inference.')
  moveIndices(importer, node, 0, view.shape).forEach(({ shape, indices }, at) => {
    if (indices.length === 0) throw context.unsupported('its result has no elements', 'Leave it out.')
    context.result(pickView(view, indices, shape), at)
  })
}

/** Padding: a place that reads nothing is 0 in the graph, so 0 has to stand for the fill value. */
const pad: Translator = (context) => {
  const attribute = context.node.attributes.find(({ name }) => name === 'value')
  const fill =
    attribute?.kind === 'float'
      ? attribute.value
      : (context.optionalConstant(2, 'fill value')?.values[0] ?? 0)
  const given = context.view(0)
  const [moved] = moveIndices(context.importer, context.node, 0, given.shape)
  if (moved === undefined) throw context.malformed('it has no result')
  if (moved.indices.every((i) => i >= 0)) {
    context.result(pickView(given, moved.indices, moved.shape))
    return
  }
  const view = { ...zeroAt(context, given, fill), shape: given.shape }
  const padded = Int32Array.from(moved.indices, (i) => (i < 0 ? -1 : elementAt(view, i)))
  if (view.chains.length > 1)
    throw context.inexact('its channels have different scales', 'Pad before the channels get their scales.')
  const value = context.builder.add(
    context.name,
    { kind: 'rearrange', source: view.value, indices: padded },
    moved.shape.length > 1 && moved.shape[0] === 1 ? moved.shape.slice(1) : moved.shape,
  )
  const { order: _, ...rest } = view
  context.result({ ...rest, value, shape: moved.shape })
}

/** The view on integers of which 0 stands for a given number. */
function zeroAt(context: NodeImport, given: View, fill: number): View {
  const view = settleClips(context, given)
  const zeros = view.chains.map((chain) => integerFor(context, chain, fill))
  if (zeros.some((zero) => zero === undefined))
    throw context.inexact(
      `no integer of its data stands for its fill value ${fill}`,
      'Quantize before padding, and pad with 0.',
    )
  const found = zeros as number[]
  if (found.every((zero) => zero === 0)) return view
  const value = context.builder.add(context.name, {
    kind: 'map',
    source: view.value,
    functions: found.map((zero) => ({ kind: 'affine', multiply: 1, add: -zero })),
  })
  const chains = found.map((zero, c) => [{ kind: 'offset', value: zero } as const, ...chainAt(view, c)])
  return { ...view, value, chains: shrinkChains(chains) }
}

/** The integer that a chain makes exactly this number of, in the arithmetic of the oracle. */
function integerFor(context: NodeImport, chain: Chain, fill: number): number | undefined {
  if (chain.some((step) => step.kind === 'pair-sum' || step.kind === 'smooth' || step.kind === 'normalize'))
    return undefined
  const form = linearForm(chain)
  const steps = form === undefined ? undefined : onGrid(form, fill)
  const offset = chain.reduce((sum, step) => (step.kind === 'offset' ? sum + step.value : sum), 0)
  const candidate = steps === undefined ? -offset : steps - form!.offset
  const { floats } = context.importer
  const meets = floats
    ? evaluateFloat32(chain, candidate) === fill
    : compareIntervals(evaluateExactly(chain, candidate), exactly(fill)) === 0
  return meets ? candidate + 0 : undefined
}

const concat: Translator = (context) => {
  const { importer, node } = context
  const operands = node.inputs.map((_, at) => context.operand(at))
  const type = context.resultType()
  const template = operands.find((operand): operand is View => operand.kind === 'view')!
  const views = operands.map((operand, at) =>
    operand.kind === 'view' ? context.view(at) : constantView(context, operand, template),
  )
  let first = 0
  const numbered = new Map<string, { shape: readonly number[]; first: number }>()
  const flat: View[] = []
  for (const [at, view] of views.entries()) {
    const name = node.inputs[at]!
    if (numbered.has(name)) continue
    numbered.set(name, { shape: view.shape, first })
    first += elementCount(view.shape)
    flat.push(vector(context, view))
  }
  const [moved] = moveAll(importer, node, numbered)
  if (moved === undefined || moved.indices.length === 0) throw context.malformed('it has no elements')
  const joined = joinChannels(context, flat)
  context.result({ ...pickView({ ...joined, type, shape: [first] }, moved.indices, moved.shape), type })
}

/** The view with whole channels in ONNX order, channels outermost, or as a vector. */
function vector(context: NodeImport, view: View): View {
  const { builder } = context
  const withoutBatch = view.shape.length > 1 && view.shape[0] === 1 ? view.shape.slice(1) : view.shape
  const laid = layOut(builder, view, withoutBatch)
  return laid ?? layOut(builder, view, [elementCount(view.shape)])!
}

/** All views one behind another: along channels when the rest of their shapes agrees, else as vectors. */
function joinChannels(context: NodeImport, parts: readonly View[]): View {
  const { builder } = context
  if (parts.length === 1) return parts[0]!
  const rest = (view: View): string => builder.value(view.value).shape.slice(1).join()
  const alike = parts.every((part) => rest(part) === rest(parts[0]!))
  const laid = alike ? parts : parts.map((part) => layOut(builder, part, [elementCount(part.shape)])!)
  const value = builder.add(context.name, {
    kind: 'concat',
    sources: laid.map((part) => part.value),
    axis: 0,
  })
  const chains = laid.flatMap((part) => {
    const channels = elementCount(builder.value(part.value).shape) / innerSize(builder, part)
    return Array.from({ length: channels }, (_, c) => chainAt(part, c))
  })
  const { order: _, quantization: __, ofSum: ___, ...plain } = laid[0]!
  return { ...plain, value, chains: shrinkChains(chains) }
}

/** A constant among concatenated values, on the grid of one of them. */
function constantView(context: NodeImport, constant: Constant, template: View): View {
  const found = tryForms(context, template)
  const forms = typeof found === 'string' ? [unitForm] : found.forms
  for (const form of forms) {
    const grid = { ...form, offset: 0 }
    const steps = Array.from(constant.values, (x) => onGrid(grid, x))
    if (steps.some((step) => step === undefined)) continue
    const elements = Float64Array.from(steps as number[])
    const value = context.builder.add(context.name, { kind: 'constant', elements }, [elements.length])
    return { kind: 'view', type: constant.type, shape: constant.shape, value, chains: [chainOf(grid)] }
  }
  throw context.inexact(
    'a constant of it is not on the grid of the computed values',
    'Quantize the constant.',
  )
}

const movements = ['DepthToSpace', 'Dropout', 'Expand', 'Flatten', 'Gather', 'Identity', 'Reshape', 'Slice']
const more = ['SpaceToDepth', 'Split', 'Squeeze', 'Tile', 'Transpose', 'Unsqueeze']

export const movementTranslators: Readonly<Record<string, Translator>> = {
  ...Object.fromEntries([...movements, ...more].map((name) => [name, move])),
  Concat: concat,
  Pad: pad,
}
