import type { AgreementCount, ScoreCount } from './agreement.ts'
import type { PhysicsDetail } from './physics.ts'
import type { DeviceTiming } from './timing.ts'

/** What `gemgate compare --json` prints. Null stands where something was not measured. */
export interface CompareResult {
  readonly frames: number
  readonly devices: readonly DeviceTiming[]
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
}

export interface ResultParts {
  readonly frames: number
  readonly devices: readonly DeviceTiming[]
  readonly reference: string | null
  readonly bytes: readonly AgreementCount[]
  readonly scores: readonly ScoreCount[]
  readonly physics: PhysicsDetail
}

export function compareResult(parts: ResultParts): CompareResult {
  const { bytes, scores, physics } = parts
  const compared = bytes.length > 0
  return {
    frames: parts.frames,
    devices: parts.devices,
    agreement: {
      differingBytes: compared ? bytes.reduce((sum, b) => sum + b.differingBytes, 0) : null,
      frames: compared ? Math.min(...bytes.map((b) => b.frames)) : 0,
      comparedTo: compared ? parts.reference : null,
    },
    onnx: {
      comparedClusters: scores.length === 0 ? null : scores.reduce((sum, s) => sum + s.comparedClusters, 0),
      differingScores: scores.length === 0 ? null : scores.reduce((sum, s) => sum + s.differingScores, 0),
    },
    physics: physicsResult(physics),
  }
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
