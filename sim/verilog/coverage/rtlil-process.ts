/** One `switch` of a process. */
export interface Switch {
  readonly signal: string
  readonly source: string | undefined
  readonly full: boolean
  readonly cases: readonly Case[]
}

export interface Case {
  /** Empty for the default. */
  readonly compare: string
  readonly source: string | undefined
  readonly switches: readonly Switch[]
}

/** One process of RTLIL text before `proc`, without its assignments. */
export interface Process {
  readonly source: string | undefined
  readonly switches: readonly Switch[]
  /** Edges it runs at; none for combinational code. */
  readonly edges: readonly { readonly edge: 'posedge' | 'negedge'; readonly signal: string }[]
  /** Signals that it drives. */
  readonly updates: readonly string[]
}

/** A cursor over the lines of RTLIL text. */
export class RtlilLines {
  readonly lines: readonly string[]
  at = 0
  #attributes = new Map<string, string>()

  constructor(text: string) {
    this.lines = text.split('\n')
  }

  /** The next line that is no attribute, trimmed, with the attributes before it. */
  next(): { line: string; attributes: ReadonlyMap<string, string> } | undefined {
    this.#attributes = new Map()
    while (this.at < this.lines.length) {
      const line = this.lines[this.at++]!.trim()
      const attribute = /^attribute \\(\S+) (.*)$/.exec(line)
      if (!attribute) return { line, attributes: this.#attributes }
      this.#attributes.set(attribute[1]!, attribute[2]!.replace(/^"(.*)"$/, '$1'))
    }
    return undefined
  }

  peek(): string {
    return this.lines[this.at]?.trim() ?? 'end'
  }

  /** The rest of a process, from behind its first line to its `end`. */
  process(source: string | undefined): Process {
    const root = this.#body()
    const edges: { edge: 'posedge' | 'negedge'; signal: string }[] = []
    const updates: string[] = []
    for (let entry = this.next(); entry && entry.line !== 'end'; entry = this.next()) {
      const sync = /^sync (posedge|negedge) (.*)$/.exec(entry.line)
      if (sync) edges.push({ edge: sync[1] as 'posedge' | 'negedge', signal: sync[2]! })
      const update = /^update (\\\S+) /.exec(entry.line)
      if (update) updates.push(update[1]!)
    }
    return { source, switches: root, edges, updates }
  }

  /** Switches up to the next `case`, `end` or `sync`, which is not consumed. */
  #body(): Switch[] {
    const switches: Switch[] = []
    for (;;) {
      const mark = this.at
      const entry = this.next()
      if (!entry || /^(case\b|end$|sync\b)/.test(entry.line)) {
        this.at = mark
        return switches
      }
      if (!entry.line.startsWith('switch ')) continue
      const { line, attributes } = entry
      const cases: Case[] = []
      for (let inner = this.next(); inner && inner.line !== 'end'; inner = this.next()) {
        const compare = inner.line.slice('case'.length).trim()
        cases.push({ compare, source: inner.attributes.get('src'), switches: this.#body() })
      }
      const full = attributes.has('full_case')
      switches.push({ signal: line.slice('switch '.length), source: attributes.get('src'), full, cases })
    }
  }
}
