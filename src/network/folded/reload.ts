import { GemgateError } from '../../core/errors.ts'
import type { GraphSegment } from '../hardware/hardware-module.ts'
import { checkFormat } from '../streaming/value-format.ts'
import type { FoldedPlan } from './folded-plan.ts'
import { readFoldedSegment } from './folded-segment.ts'
import { addressBits, wordBits } from './memory.ts'
import { memoryContents } from './memory-contents.ts'

/** Where the memories of a reloadable module lie behind its write port. */
export interface ReloadMap {
  /** Bits of `w_address`. */
  readonly addressBits: number
  /** In the order of `plan.memories`: chunk c of word w lies at base + w * stride + c. */
  readonly memories: readonly { readonly base: number; readonly stride: number }[]
}

/** One write of 32 bits. */
export interface ReloadWord {
  readonly address: number
  readonly data: number
}

/** Every memory at a multiple of its own size rounded up to a power of two, the largest first. */
export function reloadMap(plan: FoldedPlan): ReloadMap {
  const sizes = plan.memories.map(({ shape }) => {
    const stride = 2 ** Math.ceil(Math.log2(Math.ceil(wordBits(shape) / 32)))
    return { stride, size: stride * 2 ** addressBits(shape.depth) }
  })
  const bases = sizes.map(() => 0)
  const order = sizes.map((_, k) => k).sort((a, b) => sizes[b]!.size - sizes[a]!.size || a - b)
  let next = 0
  for (const k of order) {
    bases[k] = next
    next += sizes[k]!.size
  }
  return {
    addressBits: Math.max(1, Math.ceil(Math.log2(next))),
    memories: sizes.map(({ stride }, k) => ({ base: bases[k]!, stride })),
  }
}

/**
 * What to write into a reloadable module so that it computes another segment of the same shape: writes in
 * any order, between two tensors.
 * @throws GemgateError GG_MODEL_UNSUPPORTED when the segment has another shape or its numbers do not fit,
 *   GG_USAGE when the module was not built reloadable
 */
export function reloadImage(
  module: { readonly name: string; readonly plan: FoldedPlan; readonly reload: ReloadMap | undefined },
  segment: GraphSegment,
): ReloadWord[] {
  const { plan, reload } = module
  if (reload === undefined)
    throw new GemgateError(
      'GG_USAGE',
      `the module ${module.name} cannot be reloaded`,
      'Build it with reloadable: true.',
    )
  const parsed = readFoldedSegment(segment)
  const kinds = parsed.maps.map((map) => map.operation.functions[0]!.kind)
  const sameShape =
    String(parsed.source.shape) === String(plan.shape) &&
    parsed.bias.length === plan.outputs &&
    kinds.length === plan.stages.length
  if (!sameShape)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `'${parsed.dense.name}' has not the shape that ${module.name} was built for`,
      'Reload a layer with the same inputs, outputs and number of functions.',
    )
  checkFormat(parsed.source, plan.input, plan.input)
  checkFormat(parsed.result, plan.output, plan.output)
  const contents = memoryContents(plan, parsed)
  return contents.flatMap((words, k) => {
    const { base, stride } = reload.memories[k]!
    const chunks = Math.ceil(wordBits(plan.memories[k]!.shape) / 32)
    return words.flatMap((word, at) =>
      Array.from({ length: chunks }, (_, chunk) => ({
        address: base + at * stride + chunk,
        data: Number(BigInt.asUintN(32, word >> BigInt(32 * chunk))),
      })),
    )
  })
}
