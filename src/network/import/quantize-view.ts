import type { Range } from '../graph/integer-graph.ts'
import { elementCount } from '../graph/integer-graph.ts'
import type { ScalarFunction } from '../graph/scalar-function.ts'
import { type CertificateClass, weakestClass } from './certificate.ts'
import { type Chain, sameChain } from './chain.ts'
import { closeChain, isIdentity } from './close-chain.ts'
import { closeFused } from './close-fused.ts'
import type { ClosedChain } from './close-steps.ts'
import type { NodeImport } from './importer.ts'
import type { Quantizer } from './quantizer.ts'
import { channelCount, channelsOf, elementAt, innerSize, layOut, type View } from './view.ts'

export interface QuantizedView {
  /** Its value holds the quantizer's outputs; its chains are empty. */
  readonly view: View
  readonly class: CertificateClass
  readonly reason: string
}

/**
 * Emits the functions that quantize a view.
 * @param quantizerOf the quantizer of each element, in ONNX order; the same object for equal ones
 * @throws GemgateError GG_MODEL_INEXACT when the result of some integer is open under the oracle
 */
export function quantizeView(
  context: NodeImport,
  view: View,
  quantizerOf: (element: number) => Quantizer,
): QuantizedView {
  const { builder } = context
  const elements = elementCount(view.shape)
  const byChannel = quantizersByChannel(context, view, elements, quantizerOf)
  if (byChannel === undefined) {
    const flat = layOut(builder, view, [elements])!
    return quantizeView(context, flat, quantizerOf)
  }
  const channels = channelsOf(builder, view)
  const count = Math.max(channels.length, byChannel.length)
  const close = cached(context)
  const closed = Array.from({ length: count }, (_, c) => {
    const { chain, range } = channels[channels.length === 1 ? 0 : c]!
    return close(chain, range, byChannel[byChannel.length === 1 ? 0 : c]!)
  })
  let value = view.value
  const stages = closed.reduce((most, one) => Math.max(most, one.functions.length), 0)
  for (let stage = 0; stage < stages; stage++) {
    const source = builder.value(value)
    const functions = closed.map((one) => one.functions[stage] ?? identity)
    const idle = functions.every((f, c) => isIdentity(f, source.ranges[source.ranges.length === 1 ? 0 : c]!))
    if (!idle) value = builder.add(context.name, { kind: 'map', source: value, functions: shrink(functions) })
  }
  const { quantization: _, ofSum: __, ...rest } = view
  return {
    view: { ...rest, value, chains: [[]] },
    class: weakestClass(closed.map((one) => one.class)),
    reason: [...new Set(closed.map((one) => one.reason))].slice(0, 3).join('; '),
  }
}

const identity: ScalarFunction = { kind: 'affine', multiply: 1, add: 0 }

function shrink(functions: readonly ScalarFunction[]): readonly ScalarFunction[] {
  return functions.every((f) => f === functions[0]) ? [functions[0]!] : functions
}

/** The quantizer of each channel of the value, or one for all; undefined when a channel has several. */
function quantizersByChannel(
  context: NodeImport,
  view: View,
  elements: number,
  quantizerOf: (element: number) => Quantizer,
): readonly Quantizer[] | undefined {
  const first = quantizerOf(0)
  let uniform = true
  for (let i = 1; i < elements && uniform; i++) uniform = quantizerOf(i) === first
  if (uniform) return [first]
  const inner = innerSize(context.builder, view)
  const found: (Quantizer | undefined)[] = new Array(channelCount(context.builder, view))
  for (let i = 0; i < elements; i++) {
    const channel = Math.floor(elementAt(view, i) / inner)
    const quantizer = quantizerOf(i)
    if ((found[channel] ??= quantizer) !== quantizer) return undefined
  }
  return Array.from(found, (quantizer) => quantizer ?? first)
}

type Close = (chain: Chain, range: Range, quantizer: Quantizer) => ClosedChain

/** Channels with the same chain, range and quantizer are closed once. */
function cached(context: NodeImport): Close {
  const known: { chain: Chain; range: Range; quantizer: Quantizer; closed: ClosedChain }[] = []
  return (chain, range, quantizer) => {
    const found = known.find(
      (one) =>
        one.quantizer === quantizer &&
        one.range.min === range.min &&
        one.range.max === range.max &&
        one.range.step === range.step &&
        sameChain(one.chain, chain),
    )
    if (found !== undefined) return found.closed
    const closed = closeOne(context, chain, range, quantizer)
    known.push({ chain, range, quantizer, closed })
    return closed
  }
}

function closeOne(context: NodeImport, chain: Chain, range: Range, quantizer: Quantizer): ClosedChain {
  const fused = chain.some((step) => step.kind === 'accumulator' && step.quantized)
  const { floats } = context.importer
  if (chain.some((step) => step.kind === 'smooth') && (range.max - range.min) / range.step >= 2 ** 16)
    throw context.inexact(
      `a Sigmoid or Tanh before it sees more than 2^16 integers (${range.min} to ${range.max})`,
      'Quantize its input to at most 16 bits.',
    )
  const closed = fused
    ? closeFused(context, chain, range, quantizer)
    : closeChain(chain, range, quantizer, floats)
  if ('undecided' in closed)
    throw context.inexact(
      `for the integer ${closed.undecided} before it the result lies so near a rounding boundary that float32 evaluations can disagree`,
      floats
        ? 'Fold BatchNormalization into the weights before quantizing, choose power-of-two scales, or name the oracle qonnx (exact arithmetic).'
        : 'Change the scale of this quantizer slightly.',
    )
  return closed
}
