import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explainFailure, type ProviderProbe, type ProviderTrial, placementOf } from './execution-provider.ts'
import type { TrialRequest } from './provider-trial.ts'

/** Longest time for a driver to start and evaluate a network once. */
const patience = 60_000

/**
 * Tries a network on an execution provider, for real: a session is made and run once. It happens in a process
 * of its own, so that neither a crash of a driver nor what native libraries print reaches this one.
 * A provider that took no operator counts as unavailable: the network would run on the CPU under its name.
 * @param provider as ONNX Runtime calls it, for example 'cuda'
 */
export async function probeProvider(provider: string, model: Uint8Array): Promise<ProviderProbe> {
  const folder = await mkdtemp(join(tmpdir(), 'gemgate-provider-'))
  const { trial, printed } = await tryInProcess({ provider, model, folder }).finally(() =>
    rm(folder, { recursive: true, force: true }),
  )
  if (trial.profile === undefined)
    return { available: false, ...explainFailure(`${printed}\n${trial.error ?? ''}`) }
  const placement = placementOf(provider, trial.profile)
  if (placement.taken > 0) return { available: true, placement }
  return {
    available: false,
    reason: `the provider starts but took none of the ${placement.all} operators of this network (left to the CPU: ${placement.left.join(', ')})`,
    remedy: 'Use onnx:cpu, which is where they would run.',
  }
}

async function tryInProcess(
  request: TrialRequest,
): Promise<{ readonly trial: ProviderTrial; readonly printed: string }> {
  const child = start()
  let printed = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  let trial: ProviderTrial | undefined
  child.on('message', (answer) => {
    trial = answer as ProviderTrial
  })
  const late = setTimeout(() => child.kill('SIGKILL'), patience)
  const ended = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
    child.send(request, () => {})
  })
  clearTimeout(late)
  // Without an answer the last words are those of the crash, not of what led to it.
  return trial === undefined
    ? { trial: { error: `the driver ended the process that tried it (${ended})` }, printed: '' }
    : { trial, printed }
}

/** In a checkout the process runs TypeScript through tsx, in the built package the compiled file. */
function start(): ChildProcess {
  const source = import.meta.url.endsWith('.ts')
  const path = fileURLToPath(new URL(`./provider-trial.${source ? 'ts' : 'js'}`, import.meta.url))
  return fork(path, [], {
    execArgv: source ? ['--import', import.meta.resolve('tsx')] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}
