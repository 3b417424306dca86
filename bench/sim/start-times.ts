import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchDesign } from './designs.ts'

export interface StartTimes {
  /** From source text to the first clock in a fresh process, Yosys included, without the start of Node.js. */
  readonly coldStartMs: number
  /** The same with the design in the cache. */
  readonly warmStartMs: number
}

/** Times of the first clock: once with an empty cache, then the best of three with a full one, each in its own process. */
export async function measureStart(design: BenchDesign): Promise<StartTimes> {
  const cache = mkdtempSync(join(tmpdir(), 'gemgate-bench-'))
  try {
    const coldStartMs = await firstClock(design, cache)
    let warmStartMs = Number.POSITIVE_INFINITY
    for (let i = 0; i < 3; i++) warmStartMs = Math.min(warmStartMs, await firstClock(design, cache))
    return { coldStartMs, warmStartMs }
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
}

/** In a checkout the process runs TypeScript through tsx, in the built package the compiled file. */
function firstClock({ name, sources }: BenchDesign, cache: string): Promise<number> {
  const source = import.meta.url.endsWith('.ts')
  const path = fileURLToPath(new URL(`./first-clock.${source ? 'ts' : 'js'}`, import.meta.url))
  const child = fork(path, [name, cache, ...sources], {
    execArgv: source ? ['--import', import.meta.resolve('tsx')] : [],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (milliseconds) => resolve(Number(milliseconds)))
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${name} did not start`)))
  })
}
