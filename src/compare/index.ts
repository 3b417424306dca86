export {
  type AgreementCount,
  comparePackets,
  compareScores,
  type Disagreement,
  describeDisagreement,
  differingBytes,
  type ScoreCount,
} from './agreement.ts'
export { ComparisonCollector, type ComparisonFacts, type ComparisonOptions } from './collector.ts'
export { type EfficiencyBin, type Fraction, fraction } from './efficiency.ts'
export { type ClusterMatch, type DepositOutcome, matchClusters, recoilClasses } from './match.ts'
export { type MatchedRoc, matchedRoc, type ScoredRecoil } from './matched.ts'
export {
  type EmptyRecord,
  type FramePhysics,
  PhysicsCollector,
  type PhysicsDetail,
  type PhysicsOptions,
} from './physics.ts'
export { RegionMask, regionsOf } from './regions.ts'
export type { PictureOptions } from './report/pictures.ts'
export { writeReport } from './report/report.ts'
export type { ReportData } from './report/report-data.ts'
export type { RunReportFacts } from './report/run-report.ts'
export type { CompareResult } from './result.ts'
export { auc, efficiencyAtRejection, type Measured, type RocPoint, rocCurve } from './roc.ts'
export type { RunResult } from './run-result.ts'
export { RunSummary } from './run-summary.ts'
export type { TileTriggerSummary } from './tile-counter.ts'
export { type DeviceTiming, deviceTiming, type LatencyQuantiles, quantile } from './timing.ts'
