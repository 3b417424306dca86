import type { ScalarFunction } from '../graph/scalar-function.ts'
import { clamp } from '../graph/scalar-function.ts'
import type { Chain } from './chain.ts'
import { floatInexactness } from './float-exact.ts'
import type { NodeImport } from './importer.ts'
import { type LinearForm, linearForm, onGrid } from './linear-form.ts'
import { channelsOf, shrinkChains, type View } from './view.ts'

/** The linear form of each channel of a view's value, or one for all. */
export interface ExactForms {
  readonly view: View
  readonly forms: readonly LinearForm[]
}

/**
 * A view as multiples of a scale, for an operation on sums. Clips at points of the grid are emitted as
 * integer functions first.
 * @throws GemgateError GG_MODEL_INEXACT when there is no such form or, under a float oracle, when float32
 *   does not hold its numbers exactly
 */
export function exactForms(context: NodeImport, view: View): ExactForms {
  const found = tryForms(context, view)
  if (typeof found !== 'string') return found
  throw context.inexact(
    `its data are not on an integer grid: ${found}`,
    'Quantize them before this node (QuantizeLinear or Quant), with power-of-two scales for the oracle qdq-float.',
  )
}

/** The same, answering the reason instead of throwing. */
export function tryForms(context: NodeImport, view: View): ExactForms | string {
  const clipped = settleClips(context, view)
  const forms: LinearForm[] = []
  for (const { chain, range } of channelsOf(context.builder, clipped)) {
    const form = chain.some((step) => step.kind === 'accumulator') ? undefined : linearForm(chain)
    if (form === undefined) return `they are made by ${describe(chain)}`
    const reason = context.importer.floats ? floatInexactness(chain, range) : undefined
    if (reason !== undefined) return reason
    forms.push(form)
  }
  return { view: clipped, forms }
}

export function describe(chain: Chain): string {
  return chain.map((step) => step.kind).join(', ') || 'nothing'
}

/** Turns clips whose limits lie on the grid into functions of integers. */
export function settleClips(context: NodeImport, view: View): View {
  if (!view.chains.some((chain) => chain.some((step) => step.kind === 'clip'))) return view
  const { builder } = context
  const channels = channelsOf(builder, view)
  const clips = channels.map(({ chain }) => integerClip(chain))
  if (clips.some((clip) => clip === undefined)) return view
  const value = builder.add(context.name, {
    kind: 'map',
    source: view.value,
    functions: clips.map((clip) => clip!.clamp),
  })
  const chains = shrinkChains(clips.map((clip) => clip!.rest))
  return settleClips(context, { ...view, value, chains })
}

function integerClip(chain: Chain): { clamp: ScalarFunction; rest: Chain } | undefined {
  const at = chain.findIndex((step) => step.kind === 'clip')
  const none: ScalarFunction = {
    kind: 'round',
    shift: 0,
    rounding: 'floor',
    min: -(2 ** 53) + 1,
    max: 2 ** 53 - 1,
  }
  if (at < 0) return { clamp: none, rest: chain }
  const step = chain[at]!
  const form = linearForm(chain.slice(0, at))
  if (form === undefined || step.kind !== 'clip') return undefined
  const limit = (x: number): number | undefined => {
    if (!Number.isFinite(x)) return form.sign * x
    const steps = onGrid(form, x)
    return steps === undefined ? undefined : steps - form.offset
  }
  const [low, high] = [limit(step.low), limit(step.high)]
  if (low === undefined || high === undefined) return undefined
  const widest = 2 ** 53 - 1
  const min = clamp(Math.min(low, high), -widest, widest)
  const max = clamp(Math.max(low, high), -widest, widest)
  return {
    clamp: { kind: 'round', shift: 0, rounding: 'floor', min, max },
    rest: [...chain.slice(0, at), ...chain.slice(at + 1)],
  }
}
