import type { ErrorCode } from '../core/errors.ts'
import type { Family, SynthesisCount } from '../toolchain/synthesize.ts'
import type { ClassifierSettings, HardwareSettings, TriggerChoice } from './settings.ts'
import type { ClassifierPhysics, TriggerPhysics } from './study.ts'

/** One step of one point; threads do them in any order. Files travel as base64, so that results are JSON. */
export type ExploreTask =
  | { readonly do: 'train'; readonly classifier: ClassifierSettings }
  | { readonly do: 'score'; readonly onnx: string }
  | { readonly do: 'estimate'; readonly onnx: string; readonly hardware: HardwareSettings }
  | {
      readonly do: 'synthesize'
      readonly onnx: string
      readonly hardware: HardwareSettings
      readonly family: Family
    }
  | { readonly do: 'trigger'; readonly choice: TriggerChoice }

/** Result of each task. */
export interface ExploreResults {
  readonly train: { readonly onnx: string; readonly physics: ClassifierPhysics }
  readonly score: ClassifierPhysics
  readonly estimate: Estimate
  readonly synthesize: Synthesis
  readonly trigger: TriggerPhysics
}

/** What the compiler says of a classifier's logic. */
export interface Estimate {
  readonly luts: number
  readonly ffs: number
  readonly dsps: number
  readonly brams: number
  /** Clocks from features to scores. */
  readonly clocks: number
  /** Clocks between clusters. */
  readonly interval: number
  /** SHA-256 of the Verilog. */
  readonly verilog: string
}

/** What Yosys counts, not placed. */
export type Synthesis = Omit<SynthesisCount, 'cells'>

/** Why there is no result. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

export type Outcome<Result> = { readonly result: Result } | { readonly failure: Failure }
