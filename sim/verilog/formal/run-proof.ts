import { join } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import { compileVerilog, onlyTop } from '../compile.ts'
import { readSources } from '../compiler/sources.ts'
import type { CheckInfo } from '../engine.ts'
import { Simulation } from '../simulation.ts'
import type { Restart } from './counterexample.ts'
import { proofKey, readProof, writeProof } from './proof-cache.ts'
import { type ProveOptions, proofTask } from './proof-options.ts'
import { inProofThread } from './proof-pool.ts'
import type { Failure, ProofAnswer, ProofProgress, ProofTask } from './proof-task.ts'
import { endless } from './replay-trace.ts'

/** Milliseconds; beyond it a timer would fire at once. */
const longestTimer = 2 ** 31 - 1

export interface ProofRun extends ProofAnswer {
  readonly cached: boolean
  readonly restart: Restart
}

/** Answers from the cache or in a thread; places are those that the user knows. */
export async function runProof(
  goal: ProofTask['goal'],
  given: string | readonly string[],
  options: ProveOptions,
): Promise<ProofRun> {
  const sources = typeof given === 'string' ? [given] : given
  const { include = [], files = {}, cache, signal } = options
  signal?.throwIfAborted()
  const set = readSources(sources, include, files)
  const { parameters = {}, defines = {} } = options
  const top = options.top ?? (Object.keys(parameters).length > 0 ? onlyTop(set, defines) : undefined)
  const task = proofTask(goal, set, top, options)
  const folder = cache === false ? undefined : (cache ?? join(process.cwd(), '.cache', 'gemgate', 'proofs'))
  const key = proofKey(task)
  const known = folder === undefined ? undefined : readProof(folder, key)
  const answer = known ?? (await inThread(task, options.timeout ?? 60, signal, set.userPath))
  const passed = answer.reached.length === 0 && answer.rest?.status !== 'stopped'
  if (folder !== undefined && known === undefined && passed) {
    try {
      await writeProof(folder, key, answer)
    } catch (error) {
      // a default nobody asked for must not stop a proof
      if (cache !== undefined) throw error
    }
  }
  const shown = <Check extends CheckInfo>(check: Check): Check =>
    check.file === undefined ? check : { ...check, file: set.userPath(check.file) }
  return {
    ...answer,
    checks: answer.checks.map(shown),
    reached: answer.reached.map((found) => ({ ...found, check: shown(found.check) })),
    cached: known !== undefined,
    restart: async ({ clock }) => {
      const design = await compileVerilog(sources, {
        ...(task.top === undefined ? {} : { top: task.top }),
        ...(clock.name === undefined ? {} : { clock: clock.name }),
        parameters: { ...task.parameters },
        defines: { ...task.defines },
        include,
        files,
      })
      return new Simulation(endless(design), { onPrint: () => {}, assertions: 'collect' })
    },
  }
}

/** Ends with what is known when the time is over, which counts from when a thread begins. */
async function inThread(
  task: ProofTask,
  seconds: number,
  signal: AbortSignal | undefined,
  userPath: (path: string) => string,
): Promise<ProofAnswer> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let partial: { checks: readonly CheckInfo[]; reached: ProofAnswer['reached']; depth: number } | undefined
  const hear = (progress: ProofProgress): void => {
    if ('started' in progress) timer = setTimeout(() => late.abort(), Math.min(1000 * seconds, longestTimer))
    else if ('checks' in progress) partial = { checks: progress.checks, reached: [], depth: 0 }
    else if ('reached' in progress)
      partial = { ...partial!, reached: [...partial!.reached, progress.reached], depth: 0 }
    else partial = { ...partial!, depth: Math.max(partial!.depth, progress.depth) }
  }
  const signals = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
  try {
    const [answer] = await inProofThread((pool) => pool.map([task], undefined, signals, hear))
    if ('failure' in answer!) throw restored(answer.failure, userPath)
    return answer!
  } catch (error) {
    if (!late.signal.aborted || signal?.aborted) throw error
    if (partial === undefined)
      throw new GemgateError(
        'GG_SIM_TIMEOUT',
        `the design could not be read in ${seconds} seconds`,
        'Give more time with `timeout`, or prove a smaller part.',
      )
    const { checks, reached, depth } = partial
    return { checks, reached, rest: { status: 'stopped', depth, k: 0 } }
  } finally {
    clearTimeout(timer)
  }
}

function restored(
  { code, message, remedy, file, line }: Failure,
  userPath: (path: string) => string,
): GemgateError {
  const place = file === undefined ? {} : { file: userPath(file) }
  return new GemgateError(code, message, remedy, { ...place, ...(line === undefined ? {} : { line }) })
}
