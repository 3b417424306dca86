import { join } from 'node:path'
import { describeError, GemgateError } from '../src/core/errors.ts'
import { ThreadPool } from '../src/core/thread-pool.ts'
import type { PreparationOptions, StudyOptions } from '../src/explore/study.ts'
import { countRecoils, fixedDriftPlan, type RecoilPlan, testPlan, trainingPlan } from './data/plan.ts'
import { readData } from './data/store.ts'
import type { SampleTask } from './explore-sample-worker.ts'
import { defaultDataFolder } from './make-recoil-data.ts'
import { type RecoilData, splitData } from './training/data.ts'

/** Samples that classifiers are trained and scored on: those of the shipped ones, smaller ones of the same kind, or given. */
export class StudySamples {
  readonly #options: StudyOptions
  readonly #home: string
  readonly #testName: 'volume' | 'z25'
  #train: RecoilData | undefined
  #test: RecoilData | undefined

  /** @param home where simulated samples are kept */
  constructor(options: StudyOptions, home: string = defaultDataFolder) {
    this.#options = options
    this.#home = home
    this.#testName = options.drift === 'fixed' ? 'z25' : 'volume'
  }

  /** Simulates, in a thread for each sample, what is not there yet. */
  async make({ threads, onProgress, signal }: PreparationOptions): Promise<void> {
    if (this.#options.data !== null) return
    const tasks: SampleTask[] = [
      { folder: this.#folder('train'), plan: this.#sized(trainingPlan) },
      {
        folder: this.#folder(this.#testName),
        plan: this.#sized(this.#testName === 'z25' ? fixedDriftPlan : testPlan),
      },
    ]
    const sizes = tasks.map(({ plan }) => countRecoils(plan) + plan.others)
    const done = sizes.map(() => 0)
    const reach = (count: number, at: number): void => {
      done[at] = count
      onProgress?.('samples', sum(done), sum(sizes))
    }
    const module = new URL('./explore-sample-worker.ts', import.meta.url)
    await using pool = new ThreadPool<SampleTask, null, number>(module, { threads })
    await pool.map(tasks, (_, at) => reach(sizes[at]!, at), signal, reach)
  }

  /** @throws GemgateError GG_FILE_NOT_FOUND before they are made; GG_FILE_CORRUPT */
  get train(): RecoilData {
    this.#train ??= this.#read('train')
    return this.#train
  }

  /** @throws as `train` */
  get test(): RecoilData {
    this.#test ??= this.#read(this.#testName)
    return this.#test
  }

  #folder(name: string): string {
    const { data, quick } = this.#options
    return data === null ? join(this.#home, quick ? `quick-${name}` : name) : join(data, name)
  }

  #sized(plan: RecoilPlan): RecoilPlan {
    if (!this.#options.quick) return plan
    const recoils = plan.recoils.map((range) => ({ ...range, pairs: Math.round(range.pairs / 10) }))
    return { ...plan, recoils, others: Math.round(plan.others / 10) }
  }

  #read(name: string): RecoilData {
    const { data, quick } = this.#options
    const all = readSound(this.#folder(name))
    return data !== null && quick ? splitData(all, [0.1], 1)[0]! : all
  }
}

function readSound(folder: string): RecoilData {
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
