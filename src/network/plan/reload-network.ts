import { GemgateError } from '../../core/errors.ts'
import { type FoldedModule, type ReloadWord, reloadImage } from '../folded/index.ts'
import { mapOperands } from '../graph/integer-graph.ts'
import type { BuiltStage } from './build-modules.ts'
import { reloadLayout } from './chain.ts'

/**
 * What to write into a reloadable network so that it computes another one of the same shapes: every weight,
 * bias and function parameter, in any order, between two tensors.
 * @param stages of the network that was built reloadable
 * @param wanted stages of the other network (its own, or the same ones for the numbers that they have)
 * @throws GemgateError GG_USAGE when nothing is reloadable, GG_MODEL_UNSUPPORTED when shapes or functions
 *   differ or a number does not fit the width that was built
 */
export function reloadNetwork(stages: readonly BuiltStage[], wanted: readonly BuiltStage[]): ReloadWord[] {
  const layout = reloadLayout(stages.map((stage) => stage.module))
  if (layout === undefined)
    throw new GemgateError(
      'GG_USAGE',
      'no stage of this network can be reloaded',
      'Build it with folded layers and --reloadable.',
    )
  const parts = (list: readonly BuiltStage[]): readonly BuiltStage[] =>
    list.filter((stage) => stage.segment !== undefined)
  const [own, other] = [parts(stages), parts(wanted)]
  if (own.length !== other.length)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the networks have ${own.length} and ${other.length} stages`,
      'Reload networks of the same layers.',
    )
  own.forEach((stage, n) => {
    if (stage.module.reload === undefined && computation(stage) !== computation(other[n]!))
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `stage ${stage.module.name} (${stage.module.architecture}) is fixed logic and differs between the networks`,
        'Fold the layers that are to be reloaded.',
      )
  })
  return layout.stages.flatMap((k, at) => {
    const stage = stages[k]!
    const segment = other[own.indexOf(stage)]!.segment!
    const base = at * 2 ** layout.stageBits
    return reloadImage(stage.module as FoldedModule, segment).map(({ address, data }) => ({
      address: base + address,
      data,
    }))
  })
}

/** Equal for stages that compute the same. */
function computation({ segment }: BuiltStage): string {
  if (segment === undefined) return ''
  const { graph, source, values } = segment
  const first = Math.min(source, ...values)
  const operations = values.map((id) => {
    const { operation, shape } = graph.values[id]!
    return [shape, mapOperands(operation, (from) => from - first)]
  })
  return JSON.stringify(operations, (_, field: unknown) =>
    ArrayBuffer.isView(field) ? Array.from(field as unknown as ArrayLike<number>) : field,
  )
}
