import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareEngines, compileVerilog } from '../../sim/verilog/index.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { type RandomFeatures, type RandomModule, randomBatch, randomModule } from './random-module.ts'

export interface RandomRun {
  readonly modules: number
  /** Seed of the first module; the others follow. */
  readonly seed: number
  /** Modules that are compiled together. */
  readonly batch: number
  readonly cycles: number
  /** Folder for the source of each module that differs or is refused. */
  readonly keep: string
}

/** Something that a module showed. */
export interface Finding {
  readonly module: string
  readonly what: 'differs' | 'refused'
  readonly detail: unknown
}

export interface BatchResult {
  /** Modules on which both engines agreed. */
  readonly agreed: number
  readonly compared: number
  readonly active: number
  readonly findings: readonly Finding[]
}

const allFeatures: RandomFeatures = { clocks: true, asynchronousResets: true, latches: true }

/** Runs many random modules through both engines; one line per batch and per finding. */
export async function conformRandomModules(
  { modules, seed, batch, cycles, keep }: RandomRun,
  write: (line: unknown) => void,
): Promise<boolean> {
  const cache = mkdtempSync(join(tmpdir(), 'gemgate-conformance-'))
  const total = { modules: 0, agreed: 0, compared: 0, active: 0, differing: 0, refused: 0 }
  try {
    for (let from = 0; from < modules; from += batch) {
      const count = Math.min(batch, modules - from)
      const tested = Array.from({ length: count }, (_, i) =>
        randomModule(seed + from + i, `m${seed + from + i}`, allFeatures),
      )
      const result = await conformBatch(tested, { cycles, seed: seed + from, cache })
      for (const finding of result.findings) {
        mkdirSync(keep, { recursive: true })
        const text = tested.find(({ name }) => name === finding.module)?.text ?? ''
        writeFileSync(join(keep, `${finding.module}.sv`), text)
        write(finding)
      }
      total.modules += count
      total.agreed += result.agreed
      total.compared += result.compared
      total.active += result.active
      total.differing += result.findings.filter(({ what }) => what === 'differs').length
      total.refused += result.findings.filter(({ what }) => what === 'refused').length
      write({ done: total.modules, of: modules, ...total })
      forgetDesigns(cache)
    }
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
  return total.differing === 0
}

/** Keeps the compiled runtime library, which all batches need. */
function forgetDesigns(cache: string): void {
  for (const name of readdirSync(cache))
    if (!name.endsWith('.runtime')) rmSync(join(cache, name), { recursive: true })
}

/** Compares a batch; a module that differs or is refused is taken out, and the others go on. */
export async function conformBatch(
  modules: readonly RandomModule[],
  options: { readonly cycles: number; readonly seed: number; readonly cache: string },
): Promise<BatchResult> {
  const findings: Finding[] = []
  for (let left = modules; left.length > 0; ) {
    const text = randomBatch(left, 'batch')
    const { cycles, seed, cache } = options
    const compile = { files: { 'batch.sv': text }, top: 'batch', cache }
    try {
      const own = await compileVerilog('batch.sv', compile)
      const theirs = await compileVerilog('batch.sv', {
        ...compile,
        engine: 'verilator',
        verilator: { optimize: 0 },
      })
      const { difference, compared, active } = compareEngines(own, theirs, { cycles, seed })
      if (!difference) return { agreed: left.length, compared, active, findings }
      const module = left.find(({ name }) => difference.name.startsWith(`${name}_`))
      if (!module) throw new Error(`a difference at ${difference.name}, which is of no module`)
      const own_inputs = Object.entries(difference.inputs).filter(([name]) =>
        name.startsWith(`${module.name}_`),
      )
      findings.push({
        module: module.name,
        what: 'differs',
        detail: { ...difference, inputs: Object.fromEntries(own_inputs) },
      })
      left = left.filter((other) => other !== module)
    } catch (error) {
      if (!(error instanceof GemgateError)) throw error
      const module = left.length === 1 ? left[0] : moduleAt(text, error.line)
      if (!module) return await halves(left, options, findings)
      const refused = left.find(({ name }) => name === (typeof module === 'string' ? module : module.name))
      if (!refused) return await halves(left, options, findings)
      findings.push({ module: refused.name, what: 'refused', detail: `${error}` })
      left = left.filter((other) => other !== refused)
    }
  }
  return { agreed: 0, compared: 0, active: 0, findings }
}

/** The module that a line of a batch belongs to. */
function moduleAt(text: string, line: number | undefined): string | undefined {
  if (line === undefined) return undefined
  const before = text.split('\n').slice(0, line).join('\n')
  return [...before.matchAll(/^module (\w+)\(/gm)].at(-1)?.[1]
}

async function halves(
  modules: readonly RandomModule[],
  options: Parameters<typeof conformBatch>[1],
  findings: readonly Finding[],
): Promise<BatchResult> {
  const middle = Math.ceil(modules.length / 2)
  const parts = [
    await conformBatch(modules.slice(0, middle), options),
    await conformBatch(modules.slice(middle), options),
  ]
  const sum = (key: 'agreed' | 'compared' | 'active') => parts.reduce((total, part) => total + part[key], 0)
  return {
    agreed: sum('agreed'),
    compared: sum('compared'),
    active: sum('active'),
    findings: [...findings, ...parts.flatMap((part) => part.findings)],
  }
}
