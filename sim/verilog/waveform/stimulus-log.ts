import type { Simulation } from '../simulation.ts'

/** Where the entries of a log go, in their order. */
export interface StimulusVisitor {
  /** An input word changes. */
  input(word: number, value: number): void
  run(cycles: number): void
  settle(): void
  poke(name: string, index: number | undefined, value: bigint): void
  stream(replay: ReplayStream): void
}

/** Does cycle by cycle, on another instance in the same state, what a stream did inside the engine. */
export type ReplayStream = (other: Simulation) => void

const [inputEntry, runEntry, settleEntry, pokeEntry, streamEntry] = [0, 1, 2, 3, 4]
const kindBits = 3
const longestRun = 2 ** 28 - 1

/** What was done to a simulation, as compact 32-bit words: an entry's kind in the low bits of its first one. */
export class StimulusLog {
  #words = new Int32Array(256)
  #length = 0
  /** Index of the last entry's first word. */
  #last = -1
  readonly #streams: ReplayStream[] = []
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()

  get bytes(): number {
    return 4 * this.#length
  }

  input(word: number, value: number): void {
    this.#begin(2, inputEntry | (word << kindBits))
    this.#words[this.#length - 1] = value
  }

  /** Cycles with inputs that do not change are one entry. */
  run(cycles: number): void {
    let left = cycles
    const last = this.#last < 0 ? settleEntry : this.#words[this.#last]!
    if ((last & 7) === runEntry) {
      const more = Math.min(left, longestRun - (last >>> kindBits))
      this.#words[this.#last] = last + (more << kindBits)
      left -= more
    }
    for (; left > 0; left -= Math.min(left, longestRun))
      this.#begin(1, runEntry | (Math.min(left, longestRun) << kindBits))
  }

  settle(): void {
    if (this.#last < 0 || this.#words[this.#last] !== settleEntry) this.#begin(1, settleEntry)
  }

  poke(name: string, index: number | undefined, value: bigint): void {
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#names.push(name) - 1
      this.#numbers.set(name, number)
    }
    const count = Math.max(1, Math.ceil(value.toString(2).length / 32))
    this.#begin(3 + count, pokeEntry | (number << kindBits))
    const at = this.#length - count
    this.#words[at - 2] = index ?? -1
    this.#words[at - 1] = count
    for (let i = 0; i < count; i++) this.#words[at + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn)
  }

  stream(replay: ReplayStream): void {
    this.#begin(1, streamEntry | ((this.#streams.push(replay) - 1) << kindBits))
  }

  /** Goes through all entries, oldest first. */
  visit(visitor: StimulusVisitor): void {
    const words = this.#words
    for (let at = 0; at < this.#length; ) {
      const head = words[at++]!
      const argument = head >>> kindBits
      switch (head & 7) {
        case inputEntry:
          visitor.input(argument, words[at++]!)
          break
        case runEntry:
          visitor.run(argument)
          break
        case settleEntry:
          visitor.settle()
          break
        case streamEntry:
          visitor.stream(this.#streams[argument]!)
          break
        default: {
          const index = words[at++]!
          let value = 0n
          const count = words[at++]!
          for (let i = count - 1; i >= 0; i--) value = (value << 32n) | BigInt(words[at + i]! >>> 0)
          at += count
          visitor.poke(this.#names[argument]!, index < 0 ? undefined : index, value)
        }
      }
    }
  }

  #begin(count: number, head: number): void {
    if (this.#length + count > this.#words.length) {
      const wider = new Int32Array(Math.max(2 * this.#words.length, this.#length + count))
      wider.set(this.#words)
      this.#words = wider
    }
    this.#last = this.#length
    this.#words[this.#length] = head
    this.#length += count
  }
}
