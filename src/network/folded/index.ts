export { buildFolded, type FoldedModule } from './build-folded.ts'
export type { FoldedOptions, FoldedPlan } from './folded-plan.ts'
export { type ReloadMap, type ReloadWord, reloadImage } from './reload.ts'
