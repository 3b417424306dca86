export {
  type AgreementCount,
  comparePackets,
  compareScores,
  differingBytes,
  type ScoreCount,
  type Unquantized,
} from './agreement.ts'
export { type ClassifierTiming, classifierTiming } from './classifier-timing.ts'
export { ComparisonCollector, type ComparisonFacts, type ComparisonOptions } from './collector.ts'
export { type Disagreement, describeDisagreement, type Explanation, explain } from './disagreement.ts'
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
export { quantile } from './quantile.ts'
export { type ReferenceEvent, referenceChain } from './reference/chain.ts'
export type { ReferenceCluster } from './reference/cluster.ts'
export type { ReferenceSummary } from './reference/comparison.ts'
export { IdealMatchedFilter } from './reference/ideal-matched-filter.ts'
export { type RegionAbove, regionsAbove } from './reference/regions-above.ts'
export { type NoiseMaps, noiseMapsFromWords, subtractPedestal } from './reference/residual.ts'
export { removeRowCommonMode } from './reference/row-common-mode.ts'
export { type ReferenceSettings, referenceSettingsFor } from './reference/settings.ts'
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
export {
  type DeviceTiming,
  type FrameTiming,
  frameTiming,
  type LastPixelToResult,
  type LatencyQuantiles,
  lastPixelToResult,
} from './timing.ts'
