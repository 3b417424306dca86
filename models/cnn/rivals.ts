import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Measured } from '../../src/compare/roc.ts'
import { figuresOf } from '../training/card-table.ts'
import type { EnergyBin } from '../training/evaluate.ts'
import type { ScoreReport } from '../training/score-report.ts'

/** What another classifier reaches on the same test samples, bin by bin. */
export interface Rival {
  readonly name: string
  readonly byEnergy: readonly Measured[]
  readonly fixedDrift: readonly Measured[]
}

/** The classifiers of features whose reports lie in `root`/models. */
export function readRivals(root: string): Rival[] {
  return ['recoil-mlp', 'recoil-trees'].flatMap((name) => {
    const path = join(root, `models/${name}.generated.json`)
    if (!existsSync(path)) return []
    const report: ScoreReport = JSON.parse(readFileSync(path, 'utf8'))
    const aucs = (bins: readonly EnergyBin[]): Measured[] =>
      bins.map((bin) => figuresOf(bin, 'classifier').auc)
    return [{ name, byEnergy: aucs(report.byEnergy), fixedDrift: aucs(report.fixedDrift) }]
  })
}
