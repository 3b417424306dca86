import { compare, contains, type Position, type Range, type Token, tokenize } from './tokens.ts'

/** One way through an `if`, a `case` or a `?:`. */
export interface Arm {
  /** What it runs; undefined for an `else` or `default` that is not written. */
  readonly body: Range | undefined
  /** Where Yosys says it is, if it does: the condition of an `if`, or the word `else`. */
  readonly mark: Position | undefined
}

export interface Branch {
  readonly kind: 'if' | 'case' | 'conditional'
  readonly range: Range
  /** In source order; of an `if`, the condition holds first, then it does not. Of a `case`, `default` is last. */
  readonly arms: readonly Arm[]
}

export interface Statement {
  readonly range: Range
  /** Where it runs: an arm of a branch, or the always block itself. */
  readonly owner: Arm | Block | undefined
}

/** One always block. */
export interface Block {
  readonly range: Range
}

/** The procedural code of one file. */
export interface SourceStructure {
  readonly branches: readonly Branch[]
  readonly statements: readonly Statement[]
  readonly blocks: readonly Block[]
  readonly tokens: readonly Token[]
}

const declarations = new Set([
  'automatic', 'static', 'logic', 'reg', 'bit', 'byte', 'int', 'integer', 'shortint', 'longint', 'real', 'string',
  'wire', 'var', 'genvar', 'localparam', 'parameter', 'typedef', 'enum', 'struct', 'input', 'output', 'inout',
]) // biome-ignore format: a list of words
const ends = new Set([
  'end',
  'endcase',
  'endfunction',
  'endtask',
  'endmodule',
  'join',
  'join_any',
  'join_none',
])
const opening = new Set(['(', '[', '{'])
const closing = new Set([')', ']', '}'])

/** Reads the statements of a SystemVerilog source as far as coverage needs them. Text that it does not understand is skipped. */
export function sourceStructure(source: string): SourceStructure {
  return new Reader(tokenize(source)).read()
}

class Reader {
  readonly #tokens: readonly Token[]
  readonly #branches: Branch[] = []
  readonly #statements: Statement[] = []
  readonly #blocks: Block[] = []
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  read(): SourceStructure {
    while (this.#at < this.#tokens.length) {
      const start = this.#at
      const { text } = this.#tokens[this.#at++]!
      if (/^always(_ff|_comb|_latch)?$/.test(text)) {
        const open = { range: this.#from(start) }
        this.#events()
        this.#statement(open)
        open.range = this.#from(start)
        this.#blocks.push(open)
      } else if (text === 'function' || text === 'task') {
        this.#until(';')
        while (this.#at < this.#tokens.length && !/^end(function|task|module)$/.test(this.#peek()))
          this.#statement(undefined)
      } else if (text === 'initial' || text === 'final') this.#skipped(() => this.#statement(undefined))
    }
    const tokens = this.#tokens
    return { branches: this.#branches, statements: this.#statements, blocks: this.#blocks, tokens }
  }

  /** Reads on without keeping what was read: code that does not run in cycles. */
  #skipped(read: () => void): void {
    const [branches, statements] = [this.#branches.length, this.#statements.length]
    read()
    this.#branches.length = branches
    this.#statements.length = statements
  }

  #peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead]?.text ?? ''
  }

  #from(start: number): Range {
    const first = this.#tokens[start] ?? this.#tokens[this.#tokens.length - 1]!
    const last = this.#tokens[Math.max(start, this.#at - 1)] ?? first
    return { start: first.start, end: last.end }
  }

  /** Event controls and delays before a statement. */
  #events(): void {
    while (this.#peek() === '@' || this.#peek() === '#') {
      this.#at++
      if (this.#peek() === '(') this.#parentheses()
      else this.#at++
    }
  }

  #parentheses(): void {
    let depth = 0
    do {
      const { text } = this.#tokens[this.#at++]!
      if (opening.has(text)) depth++
      else if (closing.has(text)) depth--
    } while (depth > 0 && this.#at < this.#tokens.length)
  }

  /** Moves behind the next `text` that is in no parentheses. */
  #until(text: string): void {
    let depth = 0
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!.text
      if (opening.has(token)) depth++
      else if (closing.has(token)) depth--
      else if (token === text && depth <= 0) return
    }
  }

  #statement(owner: Arm | Block | undefined): void {
    this.#events()
    const start = this.#at
    const word = this.#peek()
    if (ends.has(word) || word === '') {
      this.#at++
      return
    }
    if (word === 'unique' || word === 'unique0' || word === 'priority') {
      this.#at++
      this.#statement(owner)
    } else if (word === 'begin' || word === 'fork') this.#sequence(owner)
    else if (word === 'if') this.#if()
    else if (/^case[xz]?$/.test(word)) this.#case()
    else if (/^(for|foreach|while|repeat)$/.test(word)) {
      this.#at++
      this.#parentheses()
      this.#statement(owner)
    } else if (word === 'forever') {
      this.#at++
      this.#statement(owner)
    } else if (word === ';') this.#at++
    else if (this.#peek(1) === ':' && /^[A-Za-z_]/.test(word)) {
      this.#at += 2
      this.#statement(owner)
    } else {
      this.#until(';')
      const range = this.#from(start)
      if (!declarations.has(word)) this.#statements.push({ range, owner })
    }
  }

  #sequence(owner: Arm | Block | undefined): void {
    this.#at++
    if (this.#peek() === ':') this.#at += 2
    while (this.#at < this.#tokens.length && !ends.has(this.#peek())) this.#statement(owner)
    this.#at++
    if (this.#peek() === ':') this.#at += 2
  }

  #if(): void {
    const start = this.#at++
    const branch = { kind: 'if' as const, range: this.#from(start), arms: [] as Arm[] }
    this.#branches.push(branch)
    const mark = this.#tokens[this.#at + 1]?.start
    this.#parentheses()
    branch.arms.push(this.#arm(mark))
    if (this.#peek() === 'else') {
      const otherwise = this.#tokens[this.#at++]!.start
      branch.arms.push(this.#arm(otherwise))
    } else branch.arms.push({ body: undefined, mark: undefined })
    branch.range = this.#from(start)
  }

  #case(): void {
    const start = this.#at++
    const branch = { kind: 'case' as const, range: this.#from(start), arms: [] as Arm[] }
    this.#branches.push(branch)
    this.#parentheses()
    if (this.#peek() === 'inside') this.#at++
    let fallback: Arm = { body: undefined, mark: undefined }
    while (this.#at < this.#tokens.length && !ends.has(this.#peek())) {
      const isDefault = this.#peek() === 'default'
      if (isDefault) {
        this.#at++
        if (this.#peek() === ':') this.#at++
      } else this.#until(':')
      const arm = this.#arm(undefined)
      if (isDefault) fallback = arm
      else branch.arms.push(arm)
    }
    this.#at++
    branch.arms.push(fallback)
    branch.range = this.#from(start)
  }

  #arm(mark: Position | undefined): Arm {
    const start = this.#at
    const arm = { body: this.#from(start) as Range | undefined, mark }
    this.#statement(arm)
    arm.body = this.#from(start)
    return arm
  }
}

/** The two values of the conditional expression that fills a range; undefined if there is none. */
export function conditionalArms(tokens: readonly Token[], range: Range): [Range, Range] | undefined {
  let depth = 0
  let nested = 0
  let question: Token | undefined
  let colon: Token | undefined
  for (const token of tokens) {
    if (compare(token.start, range.start) < 0) continue
    if (!contains(range, token.start)) break
    if (opening.has(token.text)) depth++
    else if (closing.has(token.text)) depth--
    else if (depth === 0 && token.text === '?') {
      if (question) nested++
      else question = token
    } else if (depth === 0 && token.text === ':' && question) {
      if (nested > 0) nested--
      else {
        colon = token
        break
      }
    }
  }
  if (!question || !colon) return undefined
  const between = (from: Position, to: Position): Range | undefined => {
    const inside = tokens.filter(({ start, end }) => compare(from, start) <= 0 && compare(end, to) <= 0)
    return inside.length > 0 ? { start: inside[0]!.start, end: inside[inside.length - 1]!.end } : undefined
  }
  const [one, other] = [between(question.end, colon.start), between(colon.end, range.end)]
  return one && other && [one, other]
}
