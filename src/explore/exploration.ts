import type { Family } from '../toolchain/synthesize.ts'
import type { ClassifierSettings, HardwareSettings, TriggerChoice } from './settings.ts'
import type { Basis, ClassifierPhysics, TriggerPhysics } from './study.ts'
import type { Estimate, Failure, Synthesis } from './tasks.ts'

/** A classifier in a form of logic, and all that was found out about it. */
export interface ClassifierPoint {
  readonly name: string
  readonly classifier: ClassifierSettings
  readonly hardware: HardwareSettings
  /** The name under which gemgate ships it, or null. */
  readonly shipped: string | null
  /** SHA-256 of the ONNX file; null where training failed. */
  readonly sha256: string | null
  readonly physics: ClassifierPhysics | null
  readonly estimate: Estimate | null
  /** Null where the estimate is far from the front, and so nobody counted. */
  readonly synthesis: Synthesis | null
  /** Whether no other synthesized point is better: see `costNames`. */
  readonly onFront: boolean
  readonly failure: Failure | null
}

/** A way to look for clusters. */
export interface TriggerPoint {
  readonly name: string
  readonly choice: TriggerChoice
  readonly physics: TriggerPhysics | null
  /** Whether no other point finds fainter electrons at no more false regions. */
  readonly onFront: boolean
  readonly failure: Failure | null
}

/** How a shipped classifier stands. */
export interface ShippedVerdict {
  readonly name: string
  readonly onFront: boolean
  /** Names of the synthesized points that are nowhere worse and somewhere better. */
  readonly dominatedBy: readonly string[]
}

/** The result of an exploration: the contents of explore.json. */
export interface Exploration {
  readonly versions: Readonly<Record<'gemgate' | 'node' | 'yosys', string>>
  readonly family: Family
  readonly quick: boolean
  /** Null for the part that was not asked for. */
  readonly study: { readonly classifiers: Basis | null; readonly triggers: Basis | null }
  /** What the front of classifiers is made by; all of them are to be small. */
  readonly costs: readonly string[]
  readonly synthesized: number
  readonly frontSize: number
  readonly shipped: readonly ShippedVerdict[]
  readonly points: readonly ClassifierPoint[]
  readonly trigger: readonly TriggerPoint[]
}
