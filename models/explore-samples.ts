import { join } from 'node:path'
import { describeError, GemgateError } from '../src/core/errors.ts'
import type { OpenStudy, StudyOptions } from '../src/explore/study.ts'
import { fixedDriftPlan, type RecoilPlan, testPlan, trainingPlan } from './data/plan.ts'
import { loadOrGenerate, readData } from './data/store.ts'
import { defaultDataFolder } from './make-recoil-data.ts'
import type { RecoilData } from './training/data.ts'

/** What classifiers are trained and scored on. */
export interface StudySamples {
  readonly train: RecoilData
  readonly test: RecoilData
}

/** The samples of the shipped classifiers, or smaller ones of the same kind; simulated where they are not there yet. */
export function studySamples(
  { quick, data, drift }: StudyOptions,
  onProgress: Parameters<OpenStudy>[1],
): StudySamples {
  const [testName, plan] =
    drift === 'fixed' ? (['z25', fixedDriftPlan] as const) : (['volume', testPlan] as const)
  if (data !== null) return { train: readGiven(join(data, 'train')), test: readGiven(join(data, testName)) }
  const load = (name: string, full: RecoilPlan): RecoilData => {
    const folder = join(defaultDataFolder, quick ? `quick-${name}` : name)
    const { sample } = loadOrGenerate(folder, quick ? tenth(full) : full, (done, all) =>
      onProgress?.(`simulate ${name}`, done, all),
    )
    return withoutCrops(sample)
  }
  return { train: load('train', trainingPlan), test: load(testName, plan) }
}

/** @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_CORRUPT */
function readGiven(folder: string): RecoilData {
  try {
    return readData(folder)
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new GemgateError(
      missing ? 'GG_FILE_NOT_FOUND' : 'GG_FILE_CORRUPT',
      missing ? 'holds no sample of clusters' : `is no sound sample: ${describeError(cause)}`,
      'Give a folder with train, volume and z25 as models/make-recoil-data.ts makes them.',
      { file: folder, cause },
    )
  }
}

function tenth(plan: RecoilPlan): RecoilPlan {
  const recoils = plan.recoils.map((range) => ({ ...range, pairs: Math.round(range.pairs / 10) }))
  return { ...plan, recoils, others: Math.round(plan.others / 10) }
}

/** Pictures of all clusters would stay in the memory of every thread. */
function withoutCrops({ features, labels, keVee }: RecoilData): RecoilData {
  return { features, labels, keVee }
}
