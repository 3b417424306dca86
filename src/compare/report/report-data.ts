import type { AgreementCount, ScoreCount } from '../agreement.ts'
import type { Disagreement } from '../disagreement.ts'
import type { PhysicsDetail } from '../physics.ts'
import type { ReferenceSummary } from '../reference/comparison.ts'
import type { CompareResult } from '../result.ts'
import type { CropPicture, FramePicture } from './picture-data.ts'

/** A line of the provenance table. */
export type Fact = readonly [name: string, value: string]

export interface ReportDevice {
  readonly address: string
  readonly description: string
}

/** Everything that the report of `gemgate compare` shows; made by ComparisonCollector. */
export interface ReportData {
  readonly title: string
  readonly created: Date
  readonly devices: readonly ReportDevice[]
  /** The device whose records the physics and the pictures show; null without records. */
  readonly reference: string | null
  readonly result: CompareResult
  readonly physics: PhysicsDetail
  /** CYGNO's offline chain on a sample of the frames; null when it did not run. */
  readonly chain: ReferenceSummary | null
  readonly bytes: readonly AgreementCount[]
  readonly scores: readonly ScoreCount[]
  readonly disagreements: readonly Disagreement[]
  readonly frames: readonly FramePicture[]
  readonly crops: readonly CropPicture[]
  /** Versions, seeds, settings, thresholds. */
  readonly provenance: readonly Fact[]
  /** Energy scale of the labels; null: light in ADU. */
  readonly aduPerKeVee: number | null
}
