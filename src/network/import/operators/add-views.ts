import { elementCount } from '../../graph/integer-graph.ts'
import { magnitude } from '../bounds.ts'
import type { Chain } from '../chain.ts'
import { broadcastIndices, broadcastShape } from '../constant.ts'
import { tryForms } from '../exact-forms.ts'
import { exactLimit } from '../float-exact.ts'
import type { NodeImport } from '../importer.ts'
import { chainOf, type LinearForm, sameMantissas } from '../linear-form.ts'
import { channelsOf, layOut, pickView, shrinkChains, type View } from '../view.ts'
import { addByFactors } from './add-by-factors.ts'

/**
 * `a + sign * b` of two computed tensors, as integers on the finer of their grids.
 * @throws GemgateError GG_MODEL_INEXACT when the grids do not differ by a power of two
 */
export function addViews(context: NodeImport, a: View, b: View, sign: 1 | -1): View {
  if (a.type !== b.type) throw context.malformed('its operands have different types')
  if (a.type !== 1)
    throw context.unsupported('it adds integer tensors', 'Add after DequantizeLinear, in float32.')
  const shape = broadcastShape(a.shape, b.shape)
  if (shape === undefined) throw context.malformed('its operands do not broadcast')
  const wide = (view: View): View =>
    elementCount(view.shape) === elementCount(shape)
      ? { ...view, shape }
      : pickView(view, broadcastIndices(view.shape, shape), shape)
  const [left, right] = aligned(context, wide(a), wide(b))
  const [x, y] = [tryForms(context, left), tryForms(context, right)]
  if (typeof x === 'string' || typeof y === 'string') {
    const byFactors = sign === 1 ? addByFactors(context, left, right) : undefined
    if (byFactors !== undefined) return byFactors
    const reason = typeof x === 'string' ? x : (y as string)
    throw context.inexact(
      `its operands are not on integer grids: ${reason}`,
      'Quantize both operands, with power-of-two scales for the oracle qdq-float.',
    )
  }
  const channels = Math.max(x.forms.length, y.forms.length)
  const of = <T>(list: readonly T[], c: number): T => list[list.length === 1 ? 0 : c]!
  const outputs: LinearForm[] = []
  const factors: [number, number][] = []
  const rangesX = channelsOf(context.builder, x.view)
  const rangesY = channelsOf(context.builder, y.view)
  let bound = 0
  for (let c = 0; c < channels; c++) {
    const [f, g] = [of(x.forms, c), of(y.forms, c)]
    if (!sameMantissas(f, g))
      throw context.inexact(
        'the scales of its operands are no powers of two of each other',
        'Give both branches the same scale (or scales that differ by powers of two).',
      )
    const exponent = Math.min(f.exponent, g.exponent)
    const s = f.sign * 2 ** (f.exponent - exponent)
    const t = sign * g.sign * 2 ** (g.exponent - exponent)
    if (Math.max(Math.abs(s), Math.abs(t)) > 2 ** 24)
      throw context.inexact('the scales of its operands differ by more than 2^24', 'Use closer scales.')
    factors.push([s, t])
    outputs.push({ offset: s * f.offset + t * g.offset, sign: 1, exponent, mantissas: f.mantissas })
    bound = Math.max(
      bound,
      Math.abs(s) * magnitude(of(rangesX, c).range, f.offset) +
        Math.abs(t) * magnitude(of(rangesY, c).range, g.offset),
    )
  }
  const isFloatExact = bound < exactLimit && outputs.every((form) => form.mantissas.length === 0)
  if (context.importer.floats && !isFloatExact)
    throw context.inexact(
      `its sum can reach ${bound} steps of the finer operand, beyond the 2^24 that float32 holds exactly`,
      'Use closer scales or fewer bits.',
    )
  const terms = ([x, y] as const).map(({ view }, k) =>
    term(
      context,
      view,
      factors.map((pair) => pair[k]!),
    ),
  )
  const value = context.builder.add(context.name, { kind: 'sum', terms })
  context.certify({
    class: isFloatExact ? 'A' : 'B',
    bound,
    reason: isFloatExact
      ? 'operands on grids that differ by a power of two: the float32 sum is exact'
      : 'an exact integer sum; the scale is multiplied in exact arithmetic',
  })
  const chains: Chain[] = outputs.map(chainOf)
  return { ...x.view, value, chains: shrinkChains(chains), ofSum: true }
}

/** Both views with their elements at the same places of their values. */
function aligned(context: NodeImport, a: View, b: View): [View, View] {
  const { builder } = context
  const [va, vb] = [builder.value(a.value), builder.value(b.value)]
  const sameShape = va.shape.join() === vb.shape.join()
  const complete = elementCount(va.shape) === elementCount(a.shape)
  if (sameShape && complete && sameOrder(a, b)) return [a, b]
  const shapes = [va.shape, vb.shape, a.shape.slice(1), [elementCount(a.shape)]]
  for (const shape of shapes) {
    if (elementCount(shape) !== elementCount(a.shape) || shape.length === 0) continue
    const [x, y] = [layOut(builder, a, shape), layOut(builder, b, shape)]
    if (x !== undefined && y !== undefined) return [x, y]
  }
  throw context.malformed('its operands have no elements')
}

function sameOrder(a: View, b: View): boolean {
  if (a.order === undefined || b.order === undefined) return a.order === b.order
  return a.order.every((from, i) => b.order![i] === from)
}

/** A summand with one factor, multiplying its channels first when they need different ones. */
function term(
  context: NodeImport,
  view: View,
  factors: readonly number[],
): { readonly source: number; readonly factor: number } {
  if (factors.every((factor) => factor === factors[0])) return { source: view.value, factor: factors[0]! }
  const value = context.builder.add(context.name, {
    kind: 'map',
    source: view.value,
    functions: factors.map((multiply) => ({ kind: 'affine', multiply, add: 0 })),
  })
  return { source: value, factor: 1 }
}
