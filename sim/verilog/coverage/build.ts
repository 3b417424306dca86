import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { GeneratedDesign } from '../compiler/generate.ts'
import type { Module } from '../compiler/rtlil.ts'
import type { SourceSet } from '../compiler/sources.ts'
import { addCounters, type GroupNames } from './counters.ts'
import { instrument } from './instrument.ts'
import type { CoveragePlan } from './points.ts'

/** Leads one compilation with coverage through its steps: text before `proc`, the flat module, the finished design. */
export class CoverageBuild {
  readonly #set: SourceSet
  /** The files as Yosys reads them. */
  readonly #read: ReadonlyMap<string, string>
  readonly #clock: string | undefined
  #plan: CoveragePlan | undefined
  #groups: readonly GroupNames[] = []

  constructor(set: SourceSet, read: ReadonlyMap<string, string>, clock: string | undefined) {
    this.#set = set
    this.#read = read
    this.#clock = clock
  }

  instrument(rtlil: string): string {
    const result = instrument(rtlil, (file) => {
      const written = this.#set.files.get(file)
      return written === undefined ? undefined : { written, read: this.#read.get(file) ?? written }
    })
    this.#plan = result.plan
    return result.rtlil
  }

  transform(module: Module): Module {
    const result = addCounters(module, this.#clock)
    this.#groups = result.groups
    return result.module
  }

  /** The design as users see it, with the counters apart from its own registers. */
  finish(design: GeneratedDesign): GeneratedDesign {
    const probes = new Map(design.probes.map((probe) => [probe.name, probe]))
    const ports = new Map(design.ports.map((port) => [port.name, port]))
    const own = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
      list.filter(({ name }) => !name.includes('$coverage.'))
    const path = (file: string) => this.#path(file)
    const plan = this.#plan!
    return {
      ...design,
      ports: own(design.ports),
      probes: own(design.probes),
      signals: own(design.signals),
      coverage: {
        plan: {
          ...plan,
          branches: plan.branches.map((branch) => ({ ...branch, file: path(branch.file) })),
          statements: plan.statements.map((statement) => ({ ...statement, file: path(statement.file) })),
          groups: plan.groups.map((group) =>
            group.kind === 'hits'
              ? group
              : { ...group, signal: { ...group.signal, file: path(group.signal.file) } },
          ),
        },
        groups: this.#groups.map(({ group, probes: names, output }) => ({
          group,
          output: output === undefined ? undefined : ports.get(output),
          probes: names.map((name) => probes.get(name) ?? { name, width: 0, runs: [] }),
        })),
      },
    }
  }

  /** The absolute path of a source file; Yosys knows included files by a second name. */
  #path(file: string): string {
    const path = resolve(this.#set.userPath(file))
    if (existsSync(path)) return path
    const text = this.#set.files.get(file)
    const twin = [...this.#set.files].find(
      ([name, other]) => name !== file && other === text && basename(name) === basename(file),
    )
    return twin ? resolve(this.#set.userPath(twin[0])) : path
  }
}
