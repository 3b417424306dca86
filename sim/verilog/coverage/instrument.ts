import { Additions, type Clock, type Hits } from './additions.ts'
import type { CoveragePlan, HitGroup, SignalGroup } from './points.ts'
import { type Case, type Process, RtlilLines, type Switch } from './rtlil-process.ts'
import { SourceFile } from './source-file.ts'
import type { Arm, Block, Branch } from './source-structure.ts'
import { type Position, positionKey, type Range } from './tokens.ts'

/** `file:line.column-line.column`, as Yosys writes it; undefined where it knows no place. */
function sourceRange(source: string | undefined): (Range & { file: string }) | undefined {
  const match = /^(.*):(\d+)\.(\d+)-(\d+)\.(\d+)$/.exec(source?.split('|')[0] ?? '')
  if (!match || match[2] === '0') return undefined
  const position = (line: number, column: number): Position => ({ line, column })
  return {
    file: match[1]!,
    start: position(Number(match[2]), Number(match[3])),
    end: position(Number(match[4]), Number(match[5])),
  }
}

/** The text of a source file, by the name that the RTLIL has for it: as it was written, and as Yosys read it. */
export type SourceText = (file: string) => { readonly written: string; readonly read: string } | undefined

/**
 * Adds to RTLIL text, after `hierarchy` and before `proc`, wires that are 1 while a branch is taken. Each group of them
 * has a companion wire that carries the clock of the code.
 */
export function instrument(rtlil: string, sourceText: SourceText): { rtlil: string; plan: CoveragePlan } {
  return new Instrumenter(sourceText).run(rtlil)
}

class Instrumenter {
  readonly #sourceText: SourceText
  readonly #files = new Map<string, SourceFile | undefined>()
  readonly #regions: { file: string; range: Range }[] = []
  readonly #regionOf = new Map<Arm | Block, number>()
  readonly #seen = new Map<Branch, string>()
  readonly #conditionals = new Map<
    string,
    { file: string; range: Range; arms: [Range, Range]; regions: [number, number] }
  >()
  readonly #groups: (HitGroup | SignalGroup)[] = []
  /** Arms that `full_case` or a constant makes unreachable. */
  readonly #reached = new Set<Arm>()

  constructor(sourceText: SourceText) {
    this.#sourceText = sourceText
  }

  run(rtlil: string): { rtlil: string; plan: CoveragePlan } {
    const cursor = new RtlilLines(rtlil)
    const output: string[] = []
    for (let from = 0; ; from = cursor.at) {
      const entry = cursor.next()
      if (!entry) break
      output.push(...cursor.lines.slice(from, cursor.at))
      if (entry.line.startsWith('module ')) output.push(...this.#module(cursor))
    }
    return { rtlil: output.join('\n'), plan: this.#plan() }
  }

  /** The rest of a module, to its `end`, with what is added. */
  #module(cursor: RtlilLines): string[] {
    const start = cursor.at
    const processes: Process[] = []
    const signals: { name: string; width: number; port: boolean; source: string | undefined }[] = []
    const conditionals: { signal: string; source: string | undefined }[] = []
    const places: string[] = []
    const inputs = new Map<string, string>()
    for (let entry = cursor.next(); entry && entry.line !== 'end'; entry = cursor.next()) {
      const { line, attributes } = entry
      const source = attributes.get('src')
      if (source !== undefined) places.push(source)
      if (line.startsWith('process ')) processes.push(cursor.process(source))
      else if (line.startsWith('wire ')) {
        const name = line.slice(line.lastIndexOf(' ') + 1)
        const width = Number(/ width (\d+) /.exec(line)?.[1] ?? 1)
        if (/^\\[^$]*$/.test(name) && !attributes.has('nosync'))
          signals.push({ name, width, port: / (input|output|inout) \d+ /.test(line), source })
      } else if (line.startsWith('cell ')) {
        const isConditional = line.startsWith('cell $mux $ternary$')
        const port = new Map<string, string>()
        for (let inner = cursor.next(); inner && inner.line !== 'end'; inner = cursor.next()) {
          const connect = /^connect \\(\S+) (.*)$/.exec(inner.line)
          if (connect) port.set(connect[1]!, connect[2]!)
        }
        if (port.has('A') && port.has('Y')) inputs.set(port.get('Y')!, port.get('A')!)
        if (isConditional) conditionals.push({ signal: port.get('S')!, source })
      }
    }
    const body = cursor.lines.slice(start, cursor.at - 1)
    const clocks = processes.map((process) => clockOf(process, inputs))
    const moduleClock = clocks.find((clock) => clock?.edge === 'posedge') ?? clocks.find((clock) => clock)
    const added = new Additions(this.#groups)
    const armHits = new Map<Arm, string[]>()
    const blocks = new Set<Block>()
    processes.forEach((process, i) => {
      this.#process(process, clocks[i] ?? moduleClock, added, armHits, blocks)
    })
    this.#otherBlocks(places, blocks, moduleClock, added)
    for (const { signal, source } of conditionals)
      this.#conditional(signal, source, moduleClock, armHits, added)
    const clockSignals = new Set(processes.flatMap(({ edges }) => edges.map(({ signal }) => signal)))
    const registers = new Map(
      processes.flatMap((process, i) =>
        clocks[i] ? process.updates.map((name) => [name, clocks[i]] as const) : [],
      ),
    )
    for (const { name, width, port, source } of signals) {
      const place = sourceRange(source)
      if (!place || clockSignals.has(name) || !(port || registers.has(name))) continue
      if (this.#file(place.file) === undefined) continue
      const { file, start: first } = place
      const end = { line: first.line, column: first.column + name.length - 1 }
      added.signal(
        { file, name: name.slice(1), range: { start: first, end }, width },
        name,
        registers.get(name) ?? moduleClock,
      )
    }
    return [...body, ...added.lines, 'end']
  }

  #file(name: string): SourceFile | undefined {
    if (!this.#files.has(name)) {
      const text = this.#sourceText(name)
      this.#files.set(name, text && new SourceFile(name, text.written, text.read))
    }
    return this.#files.get(name)
  }

  /** The number of the region of an arm or a block. */
  #region(owner: Arm | Block, file: string, range: Range): number {
    let region = this.#regionOf.get(owner)
    if (region === undefined) {
      region = this.#regions.push({ file, range }) - 1
      this.#regionOf.set(owner, region)
    }
    return region
  }

  #process(
    process: Process,
    clock: Clock | undefined,
    added: Additions,
    armHits: Map<Arm, string[]>,
    blocks: Set<Block>,
  ): void {
    const hits = added.hits(clock)
    const block = this.#blockOf(process)
    if (block && !blocks.has(block.block)) {
      blocks.add(block.block)
      hits.constant(this.#region(block.block, block.file, block.block.range))
    }
    for (const inner of process.switches) this.#switch(inner, hits, armHits)
    hits.close()
  }

  #blockOf({ source, switches }: Process): { block: Block; file: string } | undefined {
    const place =
      sourceRange(source) ??
      switches.map((inner) => sourceRange(inner.source)).find((range) => range !== undefined)
    const file = place && this.#file(place.file)
    const block = file?.blockAround(place!.start)
    return block && { block, file: file!.name }
  }

  #switch({ signal, source, full, cases }: Switch, hits: Hits, armHits: Map<Arm, string[]>): void {
    const place = sourceRange(source)
    const file = place && this.#file(place.file)
    const branch = file?.branchAt(place!.start)
    hits.line(`switch ${signal}`)
    /** The branches of an `if` ... `else if` chain that Yosys made one switch of. */
    const chain: Branch[] = []
    cases.forEach((inner, i) => {
      hits.line(`case ${inner.compare}`)
      const arm = branch && file && this.#armOf(inner, i, branch, cases, file, chain, full)
      if (arm) {
        const arms = [arm, ...chain.flatMap((other) => (other.arms.includes(arm) ? [] : [other.arms[1]!]))]
        const regions = arms.map((one) => {
          this.#reached.add(one)
          return this.#region(one, file.name, one.body ?? branch.range)
        })
        const bit = hits.hit(regions)
        armHits.set(arm, [...(armHits.get(arm) ?? []), bit])
      }
      for (const deeper of inner.switches) this.#switch(deeper, hits, armHits)
    })
    hits.line('end')
    for (const other of chain.length > 0 ? chain : branch ? [branch] : []) this.#seen.set(other, file!.name)
  }

  #armOf(
    { compare, source }: Case,
    index: number,
    branch: Branch,
    cases: readonly Case[],
    file: SourceFile,
    chain: Branch[],
    full: boolean,
  ): Arm | undefined {
    if (branch.kind === 'case') {
      // a constant selector leaves only some of the arms
      if (cases.length !== branch.arms.length) return undefined
      const arm = branch.arms[index]!
      return full && arm.body === undefined ? undefined : arm
    }
    const mark = sourceRange(source)
    const found = mark && file.armAt(mark.start)
    if (found) {
      if (!chain.includes(found.branch)) chain.push(found.branch)
      return found.arm
    }
    // of a module with changed parameters Yosys forgets some places
    if (compare === "1'1" && chain.length === 0) return branch.arms[0]
    if (compare !== '') return undefined
    const last = chain[chain.length - 1] ?? branch
    return last.arms[1]
  }

  /** Combinational blocks without a branch: Yosys does not say where they are, but their cells are somewhere in them. */
  #otherBlocks(
    places: readonly string[],
    known: Set<Block>,
    clock: Clock | undefined,
    added: Additions,
  ): void {
    const hits = added.hits(clock)
    for (const source of places) {
      const place = sourceRange(source)
      const file = place && this.#file(place.file)
      const block = file?.blockAround(place!.start)
      if (!block || known.has(block)) continue
      known.add(block)
      hits.constant(this.#region(block, file!.name, block.range))
    }
    hits.close()
  }

  #conditional(
    signal: string,
    source: string | undefined,
    clock: Clock | undefined,
    armHits: ReadonlyMap<Arm, readonly string[]>,
    added: Additions,
  ): void {
    const place = sourceRange(source)
    const file = place && this.#file(place.file)
    if (!file) return
    const key = `${file.name}:${positionKey(place.start)}-${positionKey(place.end)}`
    let known = this.#conditionals.get(key)
    if (!known) {
      const arms = file.conditional(place)
      if (!arms) return
      const regions = arms.map((range) => this.#regions.push({ file: file.name, range }) - 1) as [
        number,
        number,
      ]
      known = { file: file.name, range: { start: place.start, end: place.end }, arms, regions }
      this.#conditionals.set(key, known)
    }
    // it counts only where it is evaluated; in an unrolled loop that is not known
    const owner = file.armAround(place.start)
    const guards = owner === undefined ? [] : (armHits.get(owner) ?? [])
    const hits = added.hits(clock)
    if (guards.length === 1) {
      hits.line(`switch ${guards[0]}`)
      hits.line("case 1'1")
    }
    hits.line(`switch ${signal}`)
    hits.line("case 1'1")
    hits.hit([known.regions[0]])
    hits.line('case ')
    hits.hit([known.regions[1]])
    hits.line('end')
    if (guards.length === 1) hits.line('end')
    hits.close()
  }

  #plan(): CoveragePlan {
    const branches: CoveragePlan['branches'][number][] = []
    for (const [branch, file] of this.#seen)
      branches.push({
        file,
        kind: branch.kind,
        range: branch.range,
        arms: branch.arms
          .filter((arm) => arm.body !== undefined || this.#reached.has(arm))
          .map((arm) => ({ range: arm.body ?? null, region: this.#regionOf.get(arm) ?? -1 })),
      })
    for (const { file, range, arms, regions } of this.#conditionals.values())
      branches.push({
        file,
        kind: 'conditional',
        range,
        arms: arms.map((arm, i) => ({ range: arm, region: regions[i]! })),
      })
    const statements = [...this.#files.values()].flatMap((file) =>
      (file?.statements ?? []).flatMap(({ range, owner }) => {
        const region = owner && this.#regionOf.get(owner)
        return region === undefined ? [] : [{ file: file!.name, range, region }]
      }),
    )
    return { regions: this.#regions, branches, statements, groups: this.#groups }
  }
}

/** The clock of a process; of several edges, the one whose signal the code does not test first is it. */
function clockOf({ edges, switches }: Process, inputs: ReadonlyMap<string, string>): Clock | undefined {
  if (edges.length <= 1) return edges[0]
  const tested = switches[0]?.signal ?? ''
  return edges.find(({ signal }) => signal !== tested && signal !== inputs.get(tested)) ?? edges[0]
}
