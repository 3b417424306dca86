import { join, relative } from 'node:path'
import { describeError } from '../../../src/core/errors.ts'
import type { Simulation } from '../simulation.ts'
import { type Recording, record } from '../waveform/recording.ts'
import { waveformOrReason } from '../waveform/waveform.ts'
import { mostVisible, writeVcdFile } from '../waveform/write-vcd.ts'

/** A test, as far as it matters here. */
export interface TestLike {
  readonly name: string
  readonly suite?: { readonly name: string } | undefined
  readonly file: { readonly name: string }
  readonly result?: { readonly errors?: readonly { message: string }[] | undefined } | undefined
}

/** Designs that one test keeps for its report: the latest ones. */
const mostDesigns = 4
/** Cycles before the failure that go into the VCD. */
const vcdCycles = 10_000

interface Watched {
  readonly own: Recording[]
  /** Recordings of before the test, and how much was done on each. */
  readonly before: ReadonlyMap<Recording, number>
}

/** Records the designs of a test file, and reports those of a failed test. */
export class FailedTests {
  readonly #folder: string
  readonly #running = new Map<TestLike, Watched>()
  readonly #shared = new Set<Recording>()
  readonly #files = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** A simulation starts: it belongs to the tests that run now, or to all that follow. */
  started(simulation: Simulation): void {
    const recording = record(simulation)
    if (this.#running.size === 0) this.#shared.add(recording)
    for (const { own } of this.#running.values()) {
      own.push(recording)
      if (own.length > mostDesigns) own.shift()
    }
  }

  begin(test: TestLike): void {
    const before = new Map([...this.#shared].map((recording) => [recording, recording.calls]))
    this.#running.set(test, { own: [], before })
  }

  end(test: TestLike): void {
    this.#running.delete(test)
  }

  /** Adds the waveforms to the test's message, and writes their VCD files. */
  async report(test: TestLike): Promise<void> {
    const watched = this.#running.get(test)
    const error = test.result?.errors?.[0]
    if (!watched || !error) return
    const { own, before } = watched
    const used = [...before].filter(([recording, calls]) => recording.calls > calls).map(([used]) => used)
    const designs = [...used, ...own].filter(({ calls }) => calls > 0).slice(-mostDesigns)
    for (const recording of designs) {
      const { simulation } = recording
      const shown = error.message.split('\n').some((line) => line.startsWith(`${simulation.design.top}, `))
      if (!shown) {
        // an assertion is mostly about signals inside
        const inside = simulation.violations.length > 0 ? { design: await mostVisible(recording) } : {}
        error.message += `\n\n${waveformOrReason(simulation, inside)}`
      }
      error.message += `\n  ${await this.#writeVcd(recording, test)}`
    }
  }

  async #writeVcd(recording: Recording, test: TestLike): Promise<string> {
    const path = this.#path(test, recording.simulation.design.top)
    try {
      const { firstCycle, lastCycle, complete } = await writeVcdFile(recording, path, { last: vcdCycles })
      const what = complete ? 'every signal' : 'ports and registers'
      const when = firstCycle === lastCycle ? '' : ` of cycles ${firstCycle} to ${lastCycle}`
      return `${what}${when}: ${relative(process.cwd(), path)}`
    } catch (error) {
      return `no VCD file: ${describeError(error)}`
    }
  }

  #path(test: TestLike, top: string): string {
    const suite = test.suite?.name ? `${test.suite.name} ` : ''
    const file = test.file.name.replace(/\.(test|spec)\.[cm]?[jt]sx?$/, '')
    const name = [file, `${suite}${test.name}`, top].map(plain).join('.')
    const count = (this.#files.get(name) ?? 0) + 1
    this.#files.set(name, count)
    return join(this.#folder, `${name}${count === 1 ? '' : `-${count}`}.vcd`)
  }
}

function plain(text: string): string {
  return text
    .replace(/[^\w.]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
    .slice(0, 80)
}
