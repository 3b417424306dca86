import { basename } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import type { CheckInfo, EngineInstance, SystemTasks } from '../engine.ts'

/** The C interface of the wrapper around a model, bound to one instance. */
export interface ModelCalls {
  /** Ports; word 0 is not 0 when `reports` has something, words 1 and 2 are the number of cycles done. */
  readonly words: Int32Array
  run(cycles: number): number
  settle(): void
  reset(): void
  /** Takes what the model reported; empty when there is nothing more. */
  reports(): Uint8Array
  destroy(): void
}

/** What the paths in the messages of a model mean. */
export interface Places {
  /** The path that the user knows. */
  userPath(path: string): string
  /** The text of a line; empty if there is none. */
  line(path: string, line: number): string
}

const mostCycles = 0xffffffff

/** A running model of Verilator, native or in WebAssembly. */
export class ModelInstance implements EngineInstance {
  readonly words: Int32Array
  readonly bytes = new Uint8Array(0)
  readonly step: () => void
  readonly #calls: ModelCalls
  readonly #tasks: SystemTasks
  readonly #places: Places
  #broken: GemgateError | undefined
  #ends = false

  constructor(calls: ModelCalls, tasks: SystemTasks, places: Places) {
    this.#calls = calls
    this.#tasks = tasks
    this.#places = places
    this.words = calls.words
    this.step = () => void this.run(1)
    this.reset()
  }

  run(cycles: number): number {
    this.#ends = false
    let done = 0
    while (done < cycles && !this.#ends) {
      const chunk = Math.min(cycles - done, mostCycles)
      done += this.#guard(() => this.#calls.run(chunk))
    }
    return done
  }

  settle(): void {
    this.#guard(() => this.#calls.settle())
  }

  coverCounts(): readonly [] {
    return []
  }

  reset(): void {
    if (this.#broken?.code === 'GG_CLOSED') throw this.#broken
    this.#broken = undefined
    this.#guard(() => this.#calls.reset())
  }

  close(): void {
    if (this.#broken?.code === 'GG_CLOSED') return
    this.#broken = new GemgateError('GG_CLOSED', 'the simulation was closed', 'Start another one.')
    this.#calls.destroy()
  }

  #guard<T>(work: () => T): T {
    if (this.#broken) throw this.#broken
    try {
      return work()
    } catch (cause) {
      // WebAssembly ends a model that stops for good with a trap; the report says why
      this.#broken = stopped(cause instanceof Error ? cause.message : String(cause))
      throw this.#broken
    } finally {
      if (this.words[0] !== 0) this.#report()
    }
  }

  #report(): void {
    const parts: Uint8Array[] = []
    for (let part = this.#calls.reports(); part.length > 0; part = this.#calls.reports())
      parts.push(part.slice())
    const reports = Buffer.concat(parts).toString().split('\0').slice(0, -1)
    for (let i = 0; i < reports.length; i++) {
      const [kind, text] = [reports[i]![0], reports[i]!.slice(1)]
      const next = reports[i + 1]
      const check = kind === 'P' && next?.startsWith('S') ? this.#failedCheck(text, next.slice(1)) : undefined
      if (check) {
        i++
        const cycle = (this.words[1]! >>> 0) + (this.words[2]! >>> 0) * 2 ** 32
        if (this.#tasks.violated(check, cycle)) this.#ends = true
      } else if (kind === 'P') this.#tasks.print(text)
      else if (kind === 'W') this.#tasks.print(`${text}\n`)
      else if (kind === 'F') {
        this.#broken = stopped(text)
        throw this.#broken
      } else {
        this.#ends = true
        this.#tasks.finish()
      }
    }
  }

  /** An assertion is a printed text with the name of its file, and a stop with the path. */
  #failedCheck(text: string, place: string): CheckInfo | undefined {
    const printed = /^\[\d+\] %(?:Error|Fatal): (.+?):(\d+): Assertion failed in (\S+?): ?(.*)\n$/s.exec(text)
    const [, path, line] = /^(.*):(\d+):$/.exec(place) ?? []
    if (!printed || path === undefined || basename(path) !== printed[1] || line !== printed[2])
      return undefined
    const [, , , name, message] = printed
    return {
      // Verilator calls both the same
      kind: /\bassume\b/.test(this.#places.line(path, Number(line))) ? 'assume' : 'assert',
      name: name!.replace(/^TOP\./, ''),
      message: /^'\w+' failed\.$/.test(message!) ? '' : message!,
      file: this.#places.userPath(path),
      line: Number(line),
    }
  }
}

function stopped(text: string): GemgateError {
  if (/converge/.test(text))
    return new GemgateError(
      'GG_UNSETTLED',
      `Verilator says: ${text}`,
      'Look for a combinational loop, and cut it with a register.',
    )
  return new GemgateError(
    'GG_VERILATOR',
    `the model stopped: ${text}`,
    'The message is of the model that Verilator made.',
  )
}
