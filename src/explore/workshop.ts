import { ThreadPool } from '../core/thread-pool.ts'
import type { Description, PointStore } from './point-store.ts'
import type { StudySource } from './study.ts'
import type { ExploreResults, ExploreTask, Outcome } from './tasks.ts'

type TaskOf<Name extends ExploreTask['do']> = Extract<ExploreTask, { do: Name }>

/** Hears of the steps of an exploration: the tasks, and before them the samples of the study. */
export type OnStep = (step: string, done: number, all: number) => void

/** A task and all that its result follows from. */
export interface Assignment<Name extends ExploreTask['do']> {
  readonly task: TaskOf<Name>
  readonly description: Description
}

/** Has tasks done by threads unless they are done already, and keeps what comes out. */
export class Workshop implements AsyncDisposable {
  readonly #store: PointStore
  readonly #pool: ThreadPool<ExploreTask, Outcome<unknown>>
  readonly #onStep: OnStep
  readonly #signal: AbortSignal | undefined

  constructor(
    store: PointStore,
    study: StudySource,
    options: { readonly threads?: number; readonly onStep?: OnStep; readonly signal?: AbortSignal },
  ) {
    this.#store = store
    this.#pool = new ThreadPool(new URL('./worker.ts', import.meta.url), {
      threads: options.threads,
      workerData: study,
    })
    this.#onStep = options.onStep ?? (() => {})
    this.#signal = options.signal
  }

  /** Outcomes in the order of the assignments; failures are not kept, so that they are tried again. */
  async all<Name extends ExploreTask['do']>(
    step: Name,
    assignments: readonly Assignment<Name>[],
  ): Promise<Outcome<ExploreResults[Name]>[]> {
    const outcomes = assignments.map(({ description }): Outcome<unknown> | undefined => {
      const result = this.#store.read(description)
      return result === undefined ? undefined : { result }
    })
    const missing = [...outcomes.keys()].filter((at) => outcomes[at] === undefined)
    let done = outcomes.length - missing.length
    this.#onStep(step, done, outcomes.length)
    await this.#pool.map(
      missing.map((at) => assignments[at]!.task),
      (outcome, k) => {
        const at = missing[k]!
        outcomes[at] = outcome
        if ('result' in outcome) this.#store.write(assignments[at]!.description, outcome.result)
        this.#onStep(step, ++done, outcomes.length)
      },
      this.#signal,
    )
    return outcomes as Outcome<ExploreResults[Name]>[]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool[Symbol.asyncDispose]()
  }
}
