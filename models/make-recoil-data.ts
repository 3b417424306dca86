/**
 * Simulates the clusters that the shipped classifier is trained and scored on.
 *
 *   npx tsx models/make-recoil-data.ts [--out .cache/gemgate/recoil-data]
 *
 * Writes OUT/train and OUT/test (models/data/plan.ts), about six minutes on one core; what is there already and
 * stands on the same sources is kept. train-recoil-mlp.ts does the same by itself.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeError } from '../src/core/errors.ts'
import { packageRoot } from '../src/core/package-root.ts'
import { testPlan, trainingPlan } from './data/plan.ts'
import { loadOrGenerate, type StoredSample } from './data/store.ts'

/** Where the simulated clusters are kept, outside git. */
export const defaultDataFolder: string = join(packageRoot, '.cache/gemgate/recoil-data')

/** Training and test sample, simulated where `folder` does not hold them; progress on stderr. */
export function recoilSamples(folder = defaultDataFolder): { train: StoredSample; test: StoredSample } {
  const load = (name: string, plan: typeof trainingPlan): StoredSample =>
    loadOrGenerate(join(folder, name), plan, (done, all) => {
      process.stderr.write(`${name}: ${done} of ${all} deposits\n`)
    })
  return { train: load('train', trainingPlan), test: load('test', testPlan) }
}

function main(): void {
  const { values } = parseArgs({ options: { out: { type: 'string', default: defaultDataFolder } } })
  for (const [name, { sample, manifest }] of Object.entries(recoilSamples(values.out))) {
    process.stdout.write(`${name}: ${sample.labels.length} clusters\n`)
    for (const bin of manifest.efficiency) {
      const share = ({ found, deposits }: { found: number; deposits: number }): string =>
        (found / deposits).toFixed(4)
      process.stdout.write(
        `  ${bin.lowKeVee}-${bin.highKeVee} keVee: trigger efficiency nuclear ${share(bin.nuclear)}, electron ${share(bin.electron)}\n`,
      )
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    main()
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  }
