import type { ControlInfo, TaskInfo } from './compiler/assemble.ts'
import { formatText } from './compiler/format.ts'
import { type Reserved, reservedText } from './compiler/reserved.ts'
import type { CheckInfo, EngineInstance, SystemTasks } from './engine.ts'

/** Carries out what the code of a design reports: formats texts, and passes everything on to the simulation. */
export class TaskHost {
  readonly #control: ControlInfo
  readonly #words: Int32Array
  readonly #tasks: SystemTasks
  readonly #reserved: readonly (Reserved | undefined)[]
  /** Text of the assertion that is reported next in a scope. */
  readonly #messages = new Map<string, string>()

  constructor(control: ControlInfo, words: Int32Array, tasks: SystemTasks) {
    this.#control = control
    this.#words = words
    this.#tasks = tasks
    this.#reserved = control.tasks.map(({ format }) => reservedText(format))
  }

  run(index: number): void {
    const task = this.#control.tasks[index]!
    if (task.kind !== 'print') {
      const message = this.#messages.get(task.scope) ?? ''
      this.#messages.delete(task.scope)
      this.#violated({ ...checkOf(task), message })
      return
    }
    const reserved = this.#reserved[index]
    const text = formatText(reserved?.format ?? task.format, {
      words: this.#words,
      address: task.address,
      time: this.#cycle,
      scope: task.scope,
    })
    switch (reserved?.purpose) {
      case undefined:
        this.#tasks.print(text)
        return
      case 'finish':
        this.#tasks.finish()
        this.#stop()
        return
      case 'message':
        this.#messages.set(task.scope, text.trimEnd())
        return
      case 'error':
        this.#violated({ ...checkOf({ ...task, kind: 'assert' }), message: text.trimEnd() })
    }
  }

  coverCounts(): ReturnType<EngineInstance['coverCounts']> {
    return this.#control.tasks
      .filter(({ kind }) => kind === 'cover')
      .map((task) => ({ check: checkOf(task), count: this.#words[task.address / 4]! >>> 0 }))
  }

  /** A cycle begins that is not made by `step`. */
  countCycle(): void {
    const word = this.#control.cycleWord
    if (word < 0) return
    const next = this.#cycle + 1n
    this.#words[word] = Number(next & 0xffffffffn) | 0
    this.#words[word + 1] = Number(next >> 32n) | 0
  }

  get #cycle(): bigint {
    const word = this.#control.cycleWord
    return (BigInt(this.#words[word + 1]! >>> 0) << 32n) | BigInt(this.#words[word]! >>> 0)
  }

  #violated(check: CheckInfo): void {
    if (this.#tasks.violated(check, Number(this.#cycle))) this.#stop()
  }

  #stop(): void {
    this.#words[this.#control.stopWord] = 1
  }
}

function checkOf({ kind, name, message, file, line }: TaskInfo): CheckInfo {
  return {
    kind: kind as CheckInfo['kind'],
    name,
    message,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }
}
