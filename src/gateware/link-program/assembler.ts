/** A 16-bit word of the program memory: known, or a Verilog expression of the module's parameters. */
type Word = { readonly text: () => string; readonly comment: string }

const memory = 512

/** Conditions of jumps, see conditions in hdl/link/link_endpoint.sv and link_processor.sv. */
export const conditions = {
  always: 0,
  zero: 1,
  carry: 2,
  negative: 3,
  bit14: 4,
  wholeWords: 5,
  lengthMatches: 6,
  frame: 7,
  damaged: 8,
  crcRight: 9,
  busy: 10,
  replyBusy: 11,
  slotFree: 12,
  closed: 13,
  closedLast: 14,
  full: 15,
  filling: 16,
  session: 17,
  requestKnown: 18,
  replyDue: 19,
  helloDue: 20,
  errorDue: 21,
  creditDue: 22,
  retransmitDue: 23,
  retransmitAsked: 24,
  creditSent: 25,
  waiting: 26,
  short: 27,
} as const

export type Condition = keyof typeof conditions
export type Flag =
  | 'session'
  | 'requestKnown'
  | 'replyDue'
  | 'helloDue'
  | 'errorDue'
  | 'creditDue'
  | 'retransmitDue'
  | 'retransmitAsked'
  | 'creditSent'
  | 'waiting'

/** What DO strobe does, one bit each. */
export const strobes = {
  releaseFrame: 1,
  keep: 2,
  session: 4,
  slotSeen: 8,
  closedSeen: 16,
  rewind: 32,
  fill: 64,
} as const

/** Collects the words of a program for link_processor: instructions from 0 on, then variables and constants. */
export class Assembler {
  readonly #code: Word[] = []
  readonly #labels = new Map<string, number>()
  readonly #variables = new Map<string, { readonly value: string; readonly comment: string }>()
  readonly #arrays = new Map<string, number>()

  label(name: string): void {
    if (this.#labels.has(name)) throw new Error(`the label ${name} stands twice`)
    this.#labels.set(name, this.#code.length)
  }

  /** Variables with Verilog expressions of what they hold at first. */
  words(values: Readonly<Record<string, string | number>>): void {
    for (const [name, value] of Object.entries(values))
      this.#variables.set(name, {
        value: typeof value === 'number' ? hexadecimal(value) : value,
        comment: name,
      })
  }

  /** Eight words that the index chooses from. */
  array(name: string): void {
    this.#arrays.set(name, memory - 8 * (this.#arrays.size + 1))
  }

  load(name: string): void {
    this.#memory(0, 'LD', name)
  }
  add(name: string): void {
    this.#memory(1, 'ADD', name)
  }
  subtract(name: string): void {
    this.#memory(2, 'SUB', name)
  }
  increment(name: string): void {
    this.#memory(3, 'INC', name)
  }
  store(...names: string[]): void {
    for (const name of names) this.#memory(4, 'ST', name)
  }

  /** Next bytes into the accumulator from above. */
  input(source: 'frame' | 'word' | 'fill' | 'fillHigh' | 'zero', bytes: 1 | 2 = 1): void {
    const from = { frame: 0, word: 1, fill: 2, fillHigh: 3, zero: 3 }[source]
    const code = (5 << 12) | (bytes === 2 ? 1 << 11 : 0) | (from << 9) | (source === 'fillHigh' ? 1 : 0)
    this.#emit(code, `IN ${source}${bytes === 2 ? ' twice' : ''}`)
  }

  /** The accumulator's two bytes, or its low byte, into the frame to the host or the reply's payload. */
  output(drain: 'header' | 'reply', bytes: 1 | 2 = 2): void {
    const code = (6 << 12) | (bytes === 2 ? 1 << 11 : 0) | (drain === 'reply' ? 1 << 9 : 0)
    this.#emit(code, `OUT ${drain}${bytes === 2 ? ' twice' : ''}`)
  }

  /** Loads a word and sends it. */
  send(...names: string[]): void {
    for (const name of names) {
      this.load(name)
      this.output('header')
    }
  }

  flag(name: Flag, value: boolean): void {
    const code = (7 << 12) | (value ? 16 : 0) | (conditions[name] - conditions.session)
    this.#emit(code, `DO ${value ? 'set' : 'clear'} ${name}`)
  }
  access(direction: 'read' | 'write'): void {
    this.#emit((7 << 12) | (1 << 9) | (direction === 'write' ? 1 : 0), `DO ${direction}`)
  }
  address(): void {
    this.#emit((7 << 12) | (2 << 9), 'DO address')
  }
  payload(source: 'events' | 'reply'): void {
    this.#emit((7 << 12) | (4 << 9) | (source === 'reply' ? 1 : 0), `DO payload ${source}`)
  }
  strobe(...names: (keyof typeof strobes)[]): void {
    const bits = names.reduce((sum, name) => sum | strobes[name], 0)
    this.#emit((7 << 12) | (5 << 9) | bits, `DO ${names.join(', ')}`)
  }
  index(): void {
    this.#emit((7 << 12) | (6 << 9), 'DO index')
  }

  jump(target: string): void {
    this.jumpIf('always', target)
  }
  jumpIf(condition: Condition, target: string): void {
    this.#jump(condition, false, target)
  }
  jumpUnless(condition: Condition, target: string): void {
    this.#jump(condition, true, target)
  }

  /** All words that are not 0 at first: address, Verilog expression, comment. */
  finish(): { readonly address: number; readonly value: string; readonly comment: string }[] {
    const labelled = new Map<number, string>()
    for (const [name, at] of this.#labels)
      labelled.set(at, `${labelled.has(at) ? `${labelled.get(at)} ` : ''}${name}: `)
    const words = this.#code.map(({ text, comment }, address) => ({
      address,
      value: text(),
      comment: `${labelled.get(address) ?? ''}${comment}`,
    }))
    for (const [name, { value, comment }] of this.#variables)
      words.push({ address: this.#address(name), value, comment })
    if (words.length > memory - 8 * this.#arrays.size)
      throw new Error(`the program is too long: ${words.length} words`)
    return words
  }

  #memory(operation: number, name: string, operand: string): void {
    const text = (): string => {
      const indexed = this.#arrays.has(operand) ? 1 << 9 : 0
      return hexadecimal((operation << 12) | indexed | this.#address(operand))
    }
    this.#code.push({ text, comment: `${name} ${operand}` })
  }

  #jump(condition: Condition, invert: boolean, target: string): void {
    const code = (1 << 15) | (invert ? 1 << 14 : 0) | (conditions[condition] << 9)
    const text = (): string => {
      const at = this.#labels.get(target)
      if (at === undefined) throw new Error(`there is no label ${target}`)
      return hexadecimal(code | at)
    }
    const when = condition === 'always' ? '' : ` ${invert ? 'unless' : 'if'} ${condition}`
    this.#code.push({ text, comment: `JMP ${target}${when}` })
  }

  #emit(code: number, comment: string): void {
    this.#code.push({ text: () => hexadecimal(code), comment })
  }

  #address(name: string): number {
    const array = this.#arrays.get(name)
    if (array !== undefined) return array
    const at = [...this.#variables.keys()].indexOf(name)
    if (at < 0) throw new Error(`there is no variable ${name}`)
    return this.#code.length + at
  }
}

function hexadecimal(value: number): string {
  return `16'h${value.toString(16).padStart(4, '0').toUpperCase()}`
}
