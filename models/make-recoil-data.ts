/**
 * Simulates the clusters that the shipped classifiers are trained and scored on.
 *
 *   npx tsx models/make-recoil-data.ts [--out .cache/gemgate/recoil-data] [--only train|volume|z25|z25-train]
 *
 * Writes OUT/train, OUT/volume, OUT/z25 and OUT/z25-train (models/data/plan.ts), a quarter of an hour on one core: with --only in as
 * many processes as there are cores. What is there already and stands on the same sources is kept. The training scripts
 * do the same by themselves.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeError } from '../src/core/errors.ts'
import { packageRoot } from '../src/core/package-root.ts'
import {
  fixedDriftPlan,
  fixedDriftTrainingPlan,
  type RecoilPlan,
  testPlan,
  trainingPlan,
} from './data/plan.ts'
import { loadOrGenerate, type StoredSample } from './data/store.ts'
import type { TestSamples } from './training/score-report.ts'

/** Where the simulated clusters are kept, outside git. */
export const defaultDataFolder: string = join(packageRoot, '.cache/gemgate/recoil-data')

/** Plans by the name of their folder. */
const plans: Readonly<Record<string, RecoilPlan>> = {
  train: trainingPlan,
  volume: testPlan,
  z25: fixedDriftPlan,
  'z25-train': fixedDriftTrainingPlan,
}

function load(folder: string, name: string): StoredSample {
  return loadOrGenerate(join(folder, name), plans[name]!, (done, all) => {
    process.stderr.write(`${name}: ${done} of ${all} deposits\n`)
  })
}

/** The training sample, simulated where `folder` does not hold it; progress on stderr. */
export function trainingSample(folder = defaultDataFolder): StoredSample {
  return load(folder, 'train')
}

/** What the twin that knows the drift distance learns from; simulated where `folder` does not hold it. */
export function fixedDriftTrainingSample(folder = defaultDataFolder): StoredSample {
  return load(folder, 'z25-train')
}

/** The test samples, simulated where `folder` does not hold them; progress on stderr. */
export function testSamples(folder = defaultDataFolder): TestSamples {
  return { volume: load(folder, 'volume'), fixedDrift: load(folder, 'z25') }
}

function main(): void {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: defaultDataFolder }, only: { type: 'string' } },
  })
  const { out, only } = values
  if (only !== undefined && !(only in plans))
    throw new RangeError(`--only ${only}: ${Object.keys(plans).join(', ')}`)
  for (const name of only === undefined ? Object.keys(plans) : [only]) {
    const { sample, manifest } = load(out, name)
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
