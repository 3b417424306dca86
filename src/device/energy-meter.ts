import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Reads how much energy a processor takes. */
export interface EnergyMeter {
  /** What is read, for reports: it counts everything that runs there, idle power included. */
  readonly description: string
  /** Shortest work in seconds that it can tell anything about. */
  readonly shortest: number
  /** Starts to count; the function that it returns ends that and gives joules. */
  start(): Promise<() => Promise<number>>
}

/** A meter, or why there is none. */
export type EnergyMeterChoice =
  | { readonly meter: EnergyMeter }
  | { readonly meter: null; readonly reason: string }

/** Linux' interface to the energy counters of the processor (kernel documentation, power/powercap). */
const powercap = '/sys/class/powercap'

/** Zones of their own, not the parts that they contain (intel-rapl:0:1). */
const topZone = /^(?:intel-rapl|amd_rapl):\d+$/

/** What a package of the processor calls itself; `psys` is the whole platform, packages included. */
const packageName = /^package-/

interface Counter {
  readonly path: string
  /** Microjoules after which the counter starts again at 0. */
  readonly range: number
}

/**
 * The energy counters of the processor packages (RAPL).
 * @param root where the kernel shows them
 */
export async function processorMeter(root: string = powercap): Promise<EnergyMeterChoice> {
  const zones = (await readdir(root).catch(() => [])).filter((name) => topZone.test(name))
  const names = await Promise.all(
    zones.map((zone) => readFile(join(root, zone, 'name'), 'utf8').catch(() => '')),
  )
  const packages = zones.filter((_, i) => packageName.test(names[i]!))
  if (packages.length === 0)
    return { meter: null, reason: `this system shows no energy counters of the processor (${root})` }
  try {
    const counters = await Promise.all(packages.map((zone) => counter(join(root, zone))))
    await Promise.all(counters.map(({ path }) => microjoules(path)))
    return {
      meter: {
        description: `energy counters of ${packages.length} processor package(s) (RAPL), idle power included`,
        shortest: 0.1,
        async start() {
          const before = await Promise.all(counters.map(({ path }) => microjoules(path)))
          return async () => {
            const after = await Promise.all(counters.map(({ path }) => microjoules(path)))
            return after.reduce((sum, end, i) => sum + 1e-6 * spent(before[i]!, end, counters[i]!.range), 0)
          }
        },
      },
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { meter: null, reason: `the energy counters of the processor cannot be read: ${reason}` }
  }
}

async function counter(folder: string): Promise<Counter> {
  return {
    path: join(folder, 'energy_uj'),
    range: await microjoules(join(folder, 'max_energy_range_uj')),
  }
}

async function microjoules(path: string): Promise<number> {
  const value = Number((await readFile(path, 'utf8')).trim())
  if (!Number.isFinite(value)) throw new Error(`${path} holds no number`)
  return value
}

function spent(before: number, after: number, range: number): number {
  return after >= before ? after - before : after + range - before
}

/**
 * The power that NVIDIA's driver reports for its first GPU, the one that CUDA takes, ten times a second.
 * @param command the program to ask
 */
export async function graphicsMeter(command = 'nvidia-smi'): Promise<EnergyMeterChoice> {
  const once = await ask(command, []).finished
  if (once.watts.length === 0)
    return { meter: null, reason: `${command} reports no power: ${once.problem ?? 'it printed nothing'}` }
  return {
    meter: {
      description: `power of GPU 0 as ${command} reports it, idle power included, without the host's`,
      shortest: 1,
      async start() {
        const begin = performance.now()
        const sampling = ask(command, ['-lms', '100'])
        return async () => {
          const seconds = (performance.now() - begin) / 1000
          sampling.stop()
          const { watts } = await sampling.finished
          return (watts.reduce((sum, one) => sum + one, 0) / watts.length) * seconds
        }
      },
    },
  }
}

interface Sampling {
  stop(): void
  readonly finished: Promise<{ readonly watts: readonly number[]; readonly problem?: string }>
}

function ask(command: string, more: readonly string[]): Sampling {
  const child = spawn(
    command,
    ['-i', '0', '--query-gpu=power.draw', '--format=csv,noheader,nounits', ...more],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const finished = new Promise<{ watts: number[]; problem?: string }>((resolve) => {
    child.once('error', ({ message }) => resolve({ watts: [], problem: message }))
    child.once('close', () => {
      const numbers = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [Number(line)]))
      const watts = numbers.filter((watt) => Number.isFinite(watt))
      resolve(watts.length < numbers.length ? { watts, problem: text.trim().split('\n')[0]! } : { watts })
    })
  })
  return { stop: () => child.kill(), finished }
}
