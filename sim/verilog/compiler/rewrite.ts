import { scopeMark } from './format.ts'
import { reservedPrefix } from './reserved.ts'
import { type Token, tokensOf } from './tokens.ts'

/** Something that Yosys reads without a word, or refuses without a good one. */
export interface Refusal {
  readonly what: string
  readonly remedy: string
}

export interface Rewritten {
  /** The text for Yosys, with the lines where they were. */
  readonly text: string
  /** By line: what to say if Yosys stops there. */
  readonly refusals: ReadonlyMap<number, Refusal>
}

const interesting =
  /\$(?:finish|stop|error|fatal|warning|info|random|urandom|stime|monitor|strobe)\b|%m|#|\b(?:assert|assume|cover|final)\b/i

/**
 * Puts what Yosys does not read into a form that it does: `$finish` and severity tasks, actions of assertions, clocked
 * assertions. Works on tokens, so that what is not compiled because of a directive does no harm.
 */
export function rewriteVerilog(text: string): Rewritten {
  if (!interesting.test(text)) return { text, refusals: new Map() }
  return new Rewriter(text).run()
}

const assertions = new Set(['assert', 'assume', 'cover', 'restrict'])
const processes = new Set(['always', 'always_ff', 'always_comb', 'always_latch', 'initial', 'final'])
const printing = /^\$(?:display|write)[bho]?$|^\$(?:error|fatal|warning|info)$/
const opening: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Whether messages are texts of their own, or belong to the assertion that follows. */
type Mode = 'report' | 'message'

class Rewriter {
  readonly #text: string
  /** Tokens without blanks and directives. */
  readonly #tokens: Token[]
  readonly #edits: { start: number; end: number; text: string }[] = []
  readonly #refusals = new Map<number, Refusal>()
  #inInitial = false

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text).filter(({ kind }) => kind !== 'blank' && kind !== 'directive')
  }

  run(): Rewritten {
    for (let at = 0; at < this.#tokens.length; ) at = this.#item(at)
    let text = ''
    let from = 0
    for (const edit of this.#edits) {
      const removed = this.#text.slice(edit.start, edit.end)
      text +=
        this.#text.slice(from, edit.start) + edit.text + '\n'.repeat(linesIn(removed) - linesIn(edit.text))
      from = edit.end
    }
    return { text: text + this.#text.slice(from), refusals: this.#refusals }
  }

  #word(at: number): string {
    return this.#tokens[at]?.text ?? ''
  }

  /** Something outside of processes; returns where the next thing begins. */
  #item(at: number): number {
    const word = this.#word(at)
    if (processes.has(word)) {
      if (word === 'final')
        this.#refuse(at, 'a final block', 'Look at the values after the run, in the test bench.')
      this.#inInitial = word === 'initial'
      const end = this.#statement(at + 1, word === 'always')
      this.#inInitial = false
      return end
    }
    if (word === 'task' || word === 'function') {
      const end = `end${word}`
      let next = at + 1
      while (next < this.#tokens.length && this.#word(next) !== end) next = this.#statement(next)
      return next + 1
    }
    const labelled = this.#tokens[at]?.kind === 'name' && this.#word(at + 1) === ':'
    const start = labelled ? at + 2 : at
    if (assertions.has(this.#word(start)) && this.#word(start + 1) === 'property')
      return this.#assertion(at, start, true)
    return at + 1
  }

  /** A statement of a process; returns where the next one begins. */
  #statement(at: number, delayed = false): number {
    const word = this.#word(at)
    switch (word) {
      case '':
      case 'endmodule':
        return at
      case 'begin':
      case 'fork': {
        let next = this.#word(at + 1) === ':' ? at + 3 : at + 1
        while (next < this.#tokens.length && !/^(?:end|join\w*|endmodule)$/.test(this.#word(next)))
          next = this.#statement(next)
        if (this.#word(next) === 'endmodule') return next
        return this.#word(next + 1) === ':' ? next + 3 : next + 1
      }
      case 'unique':
      case 'unique0':
      case 'priority':
        return this.#statement(at + 1)
      case 'if': {
        const next = this.#statement(this.#group(at + 1))
        return this.#word(next) === 'else' ? this.#statement(next + 1) : next
      }
      case 'case':
      case 'casex':
      case 'casez':
        return this.#cases(this.#group(at + 1))
      case 'for':
      case 'foreach':
      case 'while':
      case 'repeat':
      case 'wait':
        return this.#statement(this.#group(at + 1))
      case 'forever':
        return this.#statement(at + 1)
      case '@':
        return this.#statement(this.#word(at + 1) === '(' ? this.#group(at + 1) : at + 2)
      case '#': {
        // Yosys would leave it out without a word
        if (delayed || this.#inInitial) {
          this.#refuse(at, 'a delay', 'Make clocks and wait for times in the test bench.')
          this.#edit(at, at + 1, 'gemgate_delay #')
        }
        return this.#statement(this.#word(at + 1) === '(' ? this.#group(at + 1) : at + 2)
      }
    }
    if (assertions.has(word)) return this.#assertion(at, at, false)
    if (this.#tokens[at]!.kind === 'name' && this.#word(at + 1) === ':') {
      if (assertions.has(this.#word(at + 2))) return this.#assertion(at, at + 2, false)
      return this.#statement(at + 2)
    }
    const end = this.#skipTo(at, ';')
    this.#tasks(at, end, 'report')
    return end + 1
  }

  #cases(from: number): number {
    let at = from
    while (at < this.#tokens.length && !/^end(?:case|module)$/.test(this.#word(at))) {
      const isDefault = this.#word(at) === 'default'
      let next = isDefault ? at + 1 : this.#skipTo(at, ':') + 1
      if (isDefault && this.#word(next) === ':') next++
      // an assertion without a label: the name before it belongs to the case
      at = assertions.has(this.#word(next)) ? this.#assertion(next, next, false) : this.#statement(next)
    }
    return at + 1
  }

  /** Where a word stands that is not inside of brackets. */
  #skipTo(from: number, word: string): number {
    let at = from
    while (at < this.#tokens.length && this.#word(at) !== word && this.#word(at) !== 'endmodule')
      at = opening[this.#word(at)] ? this.#group(at) : at + 1
    return at
  }

  /** The end of what an opening bracket begins. */
  #group(from: number): number {
    const close = opening[this.#word(from)]
    if (!close) return from
    let at = from + 1
    while (at < this.#tokens.length && this.#word(at) !== close && this.#word(at) !== 'endmodule')
      at = opening[this.#word(at)] ? this.#group(at) : at + 1
    return at + 1
  }

  /** Rewrites the system tasks of a plain statement. */
  #tasks(from: number, to: number, mode: Mode): void {
    for (let at = from; at < to; at++) {
      const task = this.#task(at, mode)
      if (task === undefined) continue
      const end = this.#taskEnd(at)
      this.#edit(at, end, task)
      at = end - 1
    }
  }

  /** What a call of a system task becomes, if it is one that Yosys needs help with. */
  #task(at: number, mode: Mode): string | undefined {
    const name = this.#word(at)
    if (/^\$(?:random|urandom|stime)$/.test(name)) {
      this.#refuse(at, `the function ${name}`, 'Feed random numbers or times in through a port.')
      // without brackets Yosys takes it for an undeclared wire
      return this.#word(at + 1) === '(' ? undefined : `${name}()`
    }
    if (name === '$finish' || name === '$stop') return display(reservedPrefix('finish'), '')
    if (!printing.test(name)) return undefined
    const inner = this.#word(at + 1) === '(' ? this.#rendered(at + 2, this.#group(at + 1) - 1, undefined) : ''
    const text = inner.replaceAll('%m', octal(scopeMark))
    switch (name) {
      case '$error':
        return display(reservedPrefix(mode === 'message' ? 'message' : 'error'), text)
      case '$fatal': {
        const message = text.replace(/^\s*\d+\s*(?:,|$)/, '')
        const purpose = mode === 'message' ? 'message' : 'error'
        return `begin ${display(reservedPrefix(purpose), message)}; ${display(reservedPrefix('finish'), '')}; end`
      }
      case '$warning':
      case '$info':
        if (mode === 'message') return display(reservedPrefix('message'), text)
        return display(name === '$info' ? 'Info: ' : 'Warning: ', text)
      default:
        return text === inner ? undefined : `${name}(${text})`
    }
  }

  /** An assertion with or without label; Yosys knows no actions, no clocks and no implications. */
  #assertion(from: number, at: number, isItem: boolean): number {
    const kind = this.#word(at)
    let open = at + 1
    if (this.#word(open) === '#') open += 2
    if (/^(?:property|final)$/.test(this.#word(open))) open++
    if (this.#word(open) !== '(') return open
    const close = this.#group(open)
    const pass = this.#word(close) === 'else' ? close : this.#actionEnd(close)
    const hasPass = pass > close && this.#word(close) !== ';'
    const hasElse = this.#word(pass) === 'else'
    const end = hasElse ? this.#actionEnd(pass + 1) : hasPass ? pass : close + 1
    const property = this.#property(open + 1, close - 1)
    if (!hasPass && !hasElse && !property.changed) return end
    const condition = `(${property.condition})`
    const parts: string[] = []
    if (hasElse) parts.push(`if (!${condition}) ${this.#rendered(pass + 1, end, 'message')}`)
    const label = from === at ? '' : `${this.#word(from)}: `
    parts.push(`${label}${kind} ${condition};`)
    if (hasPass) parts.push(`if (${condition}) ${this.#rendered(close, pass, 'report')}`)
    const body = `begin ${parts.join(' ')} end`
    const guarded = property.disable === undefined ? body : `if (!(${property.disable})) ${body}`
    this.#edit(from, end, isItem ? `always @${property.clock ?? '*'} ${guarded}` : guarded)
    return end
  }

  /** The parts of `@(clock) disable iff (reset) left |-> right`. */
  #property(from: number, to: number) {
    let at = from
    let clock: string | undefined
    let disable: string | undefined
    if (this.#word(at) === '@') {
      const end = this.#word(at + 1) === '(' ? this.#group(at + 1) : at + 2
      clock = this.#rendered(at + 1, end, undefined)
      at = end
    }
    if (this.#word(at) === 'disable' && this.#word(at + 1) === 'iff') {
      const end = this.#group(at + 2)
      disable = this.#rendered(at + 2, end, undefined)
      at = end
    }
    const arrow = ['|->', '|=>'].map((word) => this.#skipTo(at, word)).find((index) => index < to)
    const changed = at > from || arrow !== undefined
    if (arrow === undefined) return { clock, disable, changed, condition: this.#rendered(at, to, undefined) }
    const [left, right] = [this.#rendered(at, arrow, undefined), this.#rendered(arrow + 1, to, undefined)]
    const before = disable === undefined ? `(${left})` : `(${left}) && !(${disable})`
    const premise = this.#word(arrow) === '|->' ? `(${left})` : `$past(${before})`
    return { clock, disable, changed, condition: `!${premise} || (${right})` }
  }

  /** The end of an action: a statement that is moved elsewhere, so nothing in it is edited in place. */
  #actionEnd(from: number): number {
    const edits = this.#edits.length
    const end = this.#statement(from)
    this.#edits.length = edits
    return end
  }

  /** Tokens on one line, with their system tasks rewritten unless there are none to expect. */
  #rendered(from: number, to: number, mode: Mode | undefined): string {
    let text = ''
    for (let at = from; at < to; at++) {
      const token = this.#tokens[at]!
      const before = this.#tokens[at - 1]
      const apart = at > from && before!.start + before!.text.length < token.start
      const task = mode && this.#task(at, mode)
      text += `${apart ? ' ' : ''}${task ?? token.text}`
      if (task !== undefined) at = this.#taskEnd(at) - 1
    }
    return text
  }

  /** The end of a call; that of $fatal, which becomes a block, takes its semicolon along. */
  #taskEnd(at: number): number {
    const end = this.#word(at + 1) === '(' ? this.#group(at + 1) : at + 1
    return this.#word(at) === '$fatal' && this.#word(end) === ';' ? end + 1 : end
  }

  #edit(from: number, to: number, text: string): void {
    const last = this.#tokens[Math.min(to, this.#tokens.length) - 1]!
    this.#edits.push({ start: this.#tokens[from]!.start, end: last.start + last.text.length, text })
  }

  #refuse(at: number, what: string, remedy: string): void {
    this.#refusals.set(this.#tokens[at]!.line, { what, remedy })
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1
}

/** A `$display` whose text begins with a mark. */
function display(prefix: string, inner: string): string {
  const text = octal(prefix)
  const trimmed = inner.trim()
  if (trimmed.startsWith('"')) return `$display("${text}${trimmed.slice(1)})`
  return trimmed === '' ? `$display("${text}")` : `$display("${text}", ${trimmed})`
}

function octal(text: string): string {
  return text.replaceAll('\u0001', '\\001').replaceAll('\u0002', '\\002')
}
