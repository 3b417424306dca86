import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { packageRoot } from '../../src/core/package-root.ts'
import type { BenchDesign } from './designs.ts'
import type { TimedRun } from './statistics.ts'

/** A design as Verilator and g++ make it, in a process of its own. */
export class NativeSimulator {
  readonly buildMs: number
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(folder: string, buildMs: number) {
    this.#folder = folder
    this.buildMs = buildMs
    this.#child = spawn(join(folder, 'bench'), { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child.stdin!.on('error', () => {})
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /**
   * Verilator's fastest settings for one thread: -O3 of both compilers, no checks, unknown values as it likes.
   * @returns the running simulator, or in words why there is none
   */
  static async build(design: BenchDesign, signal?: AbortSignal): Promise<NativeSimulator | string> {
    if (spawnSync('verilator', ['--version']).status !== 0) return 'verilator is not installed'
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-bench-'))
    const harness = join(packageRoot, 'bench/sim/native-bench.cpp')
    const fastest = [
      '-O3',
      '--x-assign',
      'fast',
      '--x-initial',
      'fast',
      '--noassert',
      '-Wno-fatal',
      '-Wno-lint',
    ]
    const start = performance.now()
    try {
      const run = promisify(execFile)
      await run(
        'verilator',
        [
          '--cc',
          '--exe',
          '--no-timing',
          ...fastest,
          '--prefix',
          'Vbench',
          '--Mdir',
          folder,
          '-o',
          'bench',
        ].concat(['--top-module', design.name, ...design.sources, harness]),
        { signal },
      )
      const optimise = ['OPT_FAST=-O3', 'OPT_SLOW=-O3', 'OPT_GLOBAL=-O3']
      await run('make', ['-s', '-j2', '-C', folder, '-f', 'Vbench.mk', ...optimise], { signal })
      return new NativeSimulator(folder, performance.now() - start)
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      signal?.throwIfAborted()
      return error instanceof Error ? error.message.split('\n')[0]! : String(error)
    }
  }

  /** Clocks the design on from where it is. */
  async run(cycles: number): Promise<TimedRun> {
    this.#child.stdin!.write(`${cycles}\n`)
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the native simulator has ended')
    const [seconds, signature] = String(value).split(' ').map(Number)
    return { cycles, seconds: seconds!, signature: signature! }
  }

  close(): void {
    this.#child.stdin!.end()
    this.#child.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
