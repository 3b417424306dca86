import type { AgreementCount, ScoreCount } from './agreement.ts'
import type { Disagreement } from './disagreement.ts'
import type { PhysicsDetail } from './physics.ts'
import type { ReferenceSummary } from './reference/comparison.ts'
import type { RegionSummary } from './reference/region-tally.ts'
import type { DeviceTiming } from './timing.ts'

/** A device that was looked for, and why it is not there. */
export interface ProbedDevice {
  readonly address: string
  readonly available: boolean
  /** Null where it is available. */
  readonly reason: string | null
  readonly remedy: string | null
}

/** What `gemgate compare --json` prints. Null stands where something was not measured. */
export interface CompareResult {
  readonly frames: number
  readonly devices: readonly DeviceTiming[]
  /** Graphics processors that were tried, also those that take no part. */
  readonly probed: readonly ProbedDevice[]
  /** Event packets of all devices that give whole packets, byte by byte against the first of them. */
  readonly agreement: {
    /** Sum over devices and frames; null with fewer than two such devices. */
    readonly differingBytes: number | null
    /** Frames that were compared. */
    readonly frames: number
    /** Address of the reference; null with fewer than two such devices. */
    readonly comparedTo: string | null
  }
  /** Scores of ONNX Runtime devices against the reference; nulls without such a device. */
  readonly onnx: {
    readonly comparedClusters: number | null
    readonly differingScores: number | null
  }
  /** Scores of every device that gives nothing else (`onnx:`, `scores:`) against the reference. */
  readonly scores: readonly ScoreCount[]
  /** The first of them, with what explains those of scores. */
  readonly disagreements: readonly Disagreement[]
  /** From the reference's records and the truth of the frames; fractions 0 ... 1. */
  readonly physics: {
    readonly signalKept: number | null
    readonly areaDiscarded: number | null
    readonly falseRoisPerEmptyFrame: number | null
    readonly aucMatchedEnergy: number | null
    /** One standard error of aucMatchedEnergy. */
    readonly aucMatchedEnergyError: number | null
    readonly efficiencyVsKeV: readonly (readonly [keV: number, efficiency: number])[]
  }
  /**
   * CYGNO's offline chain on a sample of the frames, and on the same ones the regions of the device that `physics`
   * is from and CYGNO's online trigger (null when it was off). Null when the chain did not run.
   */
  readonly reference:
    | (FinderResult & {
        /** Share of the light in the rows that the chain looks at; null without light. */
        readonly signalAccepted: number | null
        readonly device: FinderResult
        readonly tileTrigger: FinderResult | null
      })
    | null
}

/** What one way to find regions came to. */
export interface FinderResult extends Omit<RegionSummary, 'falseClusters'> {
  /** Null without frames known to be empty. */
  readonly falseClustersPerEmptyFrame: number | null
}

export interface ResultParts {
  readonly frames: number
  readonly devices: readonly DeviceTiming[]
  readonly probed: readonly ProbedDevice[]
  readonly reference: string | null
  readonly bytes: readonly AgreementCount[]
  readonly scores: readonly ScoreCount[]
  readonly disagreements: readonly Disagreement[]
  readonly physics: PhysicsDetail
  readonly chain: ReferenceSummary | null
}

export function compareResult(parts: ResultParts): CompareResult {
  const { bytes, scores, physics } = parts
  const compared = bytes.length > 0
  const onnx = scores.filter(({ address }) => address.startsWith('onnx:'))
  return {
    frames: parts.frames,
    devices: parts.devices,
    probed: parts.probed,
    agreement: {
      differingBytes: compared ? bytes.reduce((sum, b) => sum + b.differingBytes, 0) : null,
      frames: compared ? Math.min(...bytes.map((b) => b.frames)) : 0,
      comparedTo: compared ? parts.reference : null,
    },
    onnx: {
      comparedClusters: onnx.length === 0 ? null : onnx.reduce((sum, s) => sum + s.comparedClusters, 0),
      differingScores: onnx.length === 0 ? null : onnx.reduce((sum, s) => sum + s.differingScores, 0),
    },
    scores,
    disagreements: parts.disagreements,
    physics: physicsResult(physics),
    reference: parts.chain === null ? null : referenceResult(parts.chain),
  }
}

function referenceResult({
  chain,
  signalAccepted,
  device,
  tileTrigger,
}: ReferenceSummary): NonNullable<CompareResult['reference']> {
  return {
    ...finderResult(chain),
    signalAccepted,
    device: finderResult(device),
    tileTrigger: tileTrigger === null ? null : finderResult(tileTrigger),
  }
}

function finderResult({ falseClusters, ...summary }: RegionSummary): FinderResult {
  const { emptyFrames } = summary
  return { ...summary, falseClustersPerEmptyFrame: emptyFrames === 0 ? null : falseClusters / emptyFrames }
}

function physicsResult(detail: PhysicsDetail): CompareResult['physics'] {
  const { emptyFrames, falseRois } = detail
  return {
    signalKept: detail.signalKept?.value ?? null,
    areaDiscarded: detail.framesWithTruth === 0 ? null : (detail.areaDiscarded?.value ?? null),
    falseRoisPerEmptyFrame: emptyFrames === 0 ? null : falseRois / emptyFrames,
    aucMatchedEnergy: detail.matched?.auc.value ?? null,
    aucMatchedEnergyError: detail.matched?.auc.error ?? null,
    efficiencyVsKeV: detail.efficiency.map(({ keV, value }) => [keV, value]),
  }
}
