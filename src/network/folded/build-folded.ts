import type { GraphSegment, HardwareModule } from '../hardware/hardware-module.ts'
import { type FoldedOptions, type FoldedPlan, planFolded } from './folded-plan.ts'
import { readFoldedSegment } from './folded-segment.ts'
import { foldedText } from './folded-text.ts'
import { contentFiles, memoryResources, memoryText } from './memory.ts'
import { memoryContents } from './memory-contents.ts'
import { type ReloadMap, reloadMap } from './reload.ts'

/** A folded module; `reload` says where its numbers lie when it was built to be reloaded. */
export interface FoldedModule extends HardwareModule {
  readonly plan: FoldedPlan
  readonly reload: ReloadMap | undefined
}

/**
 * A matrix with the functions behind it, computed by a few multipliers over many clocks. A picture
 * `[C, H, W]` as source arrives pixel by pixel and is multiplied while it arrives; the next tensor may arrive
 * while results leave.
 * @param segment rearrangements, dense, then maps
 * @throws GemgateError GG_MODEL_UNSUPPORTED, naming the value, for what cannot be folded
 */
export function buildFolded(segment: GraphSegment, options: FoldedOptions): FoldedModule {
  const parsed = readFoldedSegment(segment)
  const plan = planFolded(segment, parsed, options)
  const contents = memoryContents(plan, parsed)
  const map = plan.reloadable ? reloadMap(plan) : undefined
  const choice = options.memory ?? 'auto'
  const files = new Map<string, string>()
  plan.memories.forEach((memory, k) => {
    if (!plan.reloadable && memory.shape.depth === 1) return
    const port = map === undefined ? undefined : { addressBits: map.addressBits, ...map.memories[k]! }
    files.set(`${memory.shape.name}.sv`, memoryText(memory.shape, contents[k]!, choice, memory.purpose, port))
    if (port === undefined) return
    for (const [file, text] of contentFiles(memory.shape, contents[k]!)) files.set(file, text)
  })
  files.set(`${options.name}.sv`, foldedText(plan, contents, map))
  const resources = { ...plan.resources }
  for (const memory of plan.memories) {
    if (!plan.reloadable && memory.shape.depth === 1) continue
    const cost = memoryResources(memory.shape, choice)
    resources.luts += cost.luts
    resources.ffs += cost.ffs
    resources.brams += cost.brams
  }
  const { name, library, input, output, latency, interval } = plan
  return {
    name,
    architecture: 'folded',
    files,
    library,
    input,
    output,
    latency,
    interval,
    resources,
    plan,
    reload: map,
  }
}
