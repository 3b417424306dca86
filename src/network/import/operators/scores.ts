import { rangeBound } from '../bounds.ts'
import { direction, isStrict, sameChain } from '../chain.ts'
import { evaluateFloat32 } from '../evaluate-chain.ts'
import { floatInexactness } from '../float-exact.ts'
import type { NodeImport } from '../importer.ts'
import { linearForm, sameMantissas } from '../linear-form.ts'
import type { Translator } from '../translators.ts'
import { chainAt, channelsOf, layOut, type View } from '../view.ts'

/** Softmax rises with each of its scores: it is left to the host, and an ArgMax behind it does not need it. */
const softmax: Translator = (context) => {
  const attribute = context.attributes('axis').get('axis')
  const view = context.view(0)
  // Before operator set 13 all axes from `axis` on were normalized together.
  const together = context.importer.opset < 13
  const given = attribute?.kind === 'int' ? attribute.value : together ? 1 : -1
  const axis = given < 0 ? given + view.shape.length : given
  const axes = view.shape.map((_, k) => k).filter((k) => (together ? k >= axis : k === axis))
  context.certify({
    class: 'A',
    bound: rangeBound(context.builder.value(view.value)),
    reason: 'left out: the scores are the logits, in the same order as the probabilities',
  })
  context.result({ ...view, logits: axes })
}

const argMax: Translator = (context) => {
  const attributes = context.attributes('axis', 'keepdims', 'select_last_index')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'int' ? attribute.value : missing
  }
  const view = context.view(0)
  const axis = number('axis', 0)
  const last = number('select_last_index', 0) !== 0
  context.result(largest(context, view, axis < 0 ? axis + view.shape.length : axis, last), 0)
}

/** FINN's way to write ArgMax: the indices of the largest one. */
const topK: Translator = (context) => {
  const attributes = context.attributes('axis', 'k', 'largest', 'sorted')
  const number = (name: string, missing: number): number => {
    const attribute = attributes.get(name)
    return attribute?.kind === 'int' ? attribute.value : missing
  }
  const k = context.has(1) ? context.constant(1, 'count').values[0] : number('k', 1)
  if (k !== 1 || number('largest', 1) === 0)
    throw context.unsupported(`it finds ${k} elements`, 'Only the largest one is implemented.')
  const values = context.node.outputs[0] ?? ''
  if (context.importer.index.consumers(values).length > 0 || context.importer.index.isOutput(values))
    throw context.unsupported('its values are used', 'Use its indices only.')
  const view = context.view(0)
  const axis = number('axis', -1)
  context.result(largest(context, view, axis < 0 ? axis + view.shape.length : axis, false), 1)
}

function largest(context: NodeImport, given: View, axis: number, last: boolean): View {
  const { builder } = context
  if (axis === 0 && given.shape[0] === 1 && given.shape.length > 1)
    throw context.unsupported('it compares elements of the batch', 'Choose another axis.')
  if (given.logits !== undefined && !given.logits.includes(axis))
    throw context.unsupported('it compares along another axis than the Softmax before it', 'Use one axis.')
  const batched = given.shape.length > 1 && given.shape[0] === 1
  const shape = batched ? given.shape.slice(1) : given.shape
  const laid = layOut(builder, given, shape)
  if (laid === undefined) throw context.inexact('its scores have different scales', 'Quantize per tensor.')
  const comparable = onOneGrid(context, laid, axis - (batched ? 1 : 0))
  if (given.logits !== undefined && context.importer.floats) checkSeparation(context, comparable)
  const value = builder.add(context.name, {
    kind: 'argmax',
    source: comparable.value,
    axis: axis - (batched ? 1 : 0),
    last,
  })
  context.certify({
    class: 'A',
    bound: rangeBound(builder.value(value)),
    reason: given.logits
      ? 'the largest logit: logits are so far apart that no two largest probabilities are equal in float32'
      : 'scores are ordered as their integers',
  })
  const at = context.node.operator === 'TopK' ? 1 : 0
  return {
    kind: 'view',
    type: context.resultType(at),
    shape: context.resultShape(at),
    value,
    chains: [[]],
  }
}

/** Logits nearer to each other can have equal probabilities: exp(-2^-20) is 8 float32 steps below 1. */
const leastSeparation = 2 ** -20

/** @throws GemgateError GG_MODEL_INEXACT when two largest probabilities could tie that are not equal logits */
function checkSeparation(context: NodeImport, view: View): void {
  for (const { chain, range } of channelsOf(context.builder, view)) {
    const rise = evaluateFloat32(chain, range.min + range.step) - evaluateFloat32(chain, range.min)
    const form = linearForm(chain)
    const largest = Math.max(
      Math.abs(evaluateFloat32(chain, range.min)),
      Math.abs(evaluateFloat32(chain, range.max)),
    )
    if (form !== undefined && rise >= leastSeparation && largest * 2 ** -22 <= rise) continue
    throw context.inexact(
      'probabilities of different scores can be equal in float32, and ONNX takes the first of equal ones',
      'Let ArgMax read the scores themselves, without Softmax.',
    )
  }
}

/** The view with integers that compare as its numbers do. */
function onOneGrid(context: NodeImport, view: View, axis: number): View {
  const { builder } = context
  const channels = channelsOf(builder, view)
  const { floats } = context.importer
  const first = chainAt(view, 0)
  const uniform = view.chains.every((chain) => sameChain(chain, first)) || axis !== 0
  const rises = view.chains.every((chain) => direction(chain) > 0)
  const exact = channels.every(({ chain, range }) =>
    floats ? floatInexactness(chain, range) === undefined : isStrict(chain),
  )
  const onceRounded = view.chains.every(isOneProduct)
  if (uniform && rises && (exact || (onceRounded && separates(channels)))) return view
  const forms = channels.map(({ chain }) => linearForm(chain))
  const base = forms[0]
  if (!exact || base === undefined || forms.some((form) => form === undefined || !sameMantissas(form, base)))
    throw context.inexact(
      'its scores are not integers of one common scale',
      'Let the scores come from one quantizer, or from a matrix with one scale for all outputs.',
    )
  const exponent = Math.min(...forms.map((form) => form!.exponent))
  const value = builder.add(context.name, {
    kind: 'map',
    source: view.value,
    functions: forms.map((form) => {
      const multiply = form!.sign * 2 ** (form!.exponent - exponent)
      return { kind: 'affine', multiply, add: form!.offset * multiply }
    }),
  })
  return { ...view, value, chains: [[]] }
}

/** Offsets of integers, then one multiplication: an accumulator, or a DequantizeLinear. */
function isOneProduct(chain: View['chains'][number]): boolean {
  const last = chain.at(-1)
  return (
    (last?.kind === 'accumulator' || last?.kind === 'multiply') &&
    chain.slice(0, -1).every((step) => step.kind === 'offset')
  )
}

/** float32 of an integer below 2^22 times a factor keeps different integers apart. */
function separates(channels: ReturnType<typeof channelsOf>): boolean {
  return channels.every(({ range }) => Math.max(-range.min, range.max) < 2 ** 22)
}

export const scoreTranslators: Readonly<Record<string, Translator>> = {
  Softmax: softmax,
  LogSoftmax: softmax,
  ArgMax: argMax,
  TopK: topK,
}
