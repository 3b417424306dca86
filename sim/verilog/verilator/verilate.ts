import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import type { SourceSet } from '../compiler/sources.ts'
import { type Elaborated, readElaboration } from './elaborated.ts'
import { runTool } from './tools.ts'
import { modelClass } from './wrapper.ts'

/** What Verilator is asked to translate. */
export interface VerilatorJob {
  readonly program: string
  readonly set: SourceSet
  readonly top: string | undefined
  readonly parameters: Readonly<Record<string, number | bigint | string>>
  readonly defines: Readonly<Record<string, string | number | true>>
}

/** A model in C++, not yet compiled. */
export interface Model {
  readonly elaborated: Elaborated
  /** File name -> text of the generated headers and sources. */
  readonly files: ReadonlyMap<string, string>
  /** Sources that run in every cycle; the others start the model or serve its errors. */
  readonly fast: readonly string[]
  readonly slow: readonly string[]
  /** Parts of the runtime library that the model needs, such as `verilated`. */
  readonly runtime: readonly string[]
}

/**
 * Runs Verilator in a folder of its own.
 * @throws GemgateError GG_VERILATOR with file and line of its first error
 */
export async function verilate(job: VerilatorJob, folder: string): Promise<Model> {
  const { set, top } = job
  for (const [name, text] of set.files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const args = [
    ...['--cc', '--prefix', modelClass, '--assert', '--x-assign', '0', '--x-initial', '0'],
    // what a simulator of other make would not warn about; messages of several tops stop it
    ...['--no-timing', '-Wno-fatal', '-Wno-lint', '-Wno-style', '-Wno-STMTDLY', '-Werror-MULTITOP'],
    ...(top === undefined ? [] : ['--top-module', top]),
    ...Object.entries({ SIMULATION: true as const, ...job.defines }).map(([name, value]) =>
      value === true ? `-D${name}` : `-D${name}=${value}`,
    ),
    ...Object.entries(job.parameters).map(([name, value]) => `-G${name}=${literal(value)}`),
    ...set.includes.map((path) => `-I${path}`),
    ...set.sources,
  ]
  const run = (output: string[]) =>
    runTool(job.program, [...args, ...output], folder).then((outcome) => {
      if (outcome.status !== 0) throw failure(outcome.output, set)
    })
  await Promise.all([
    run(['--Mdir', 'model']),
    run(['--Mdir', 'elaborated', '--xml-only', '--xml-output', 'elaborated.xml']),
  ])
  const elaborated = readElaboration(readFileSync(join(folder, 'elaborated.xml'), 'utf8'))
  if (!elaborated) throw failure('', set)
  const made = join(folder, 'model')
  const files = readdirSync(made).filter((name) => /\.(h|cpp)$/.test(name))
  const makefile = readFileSync(join(made, `${modelClass}_classes.mk`), 'utf8')
  const sources = (...lists: string[]) => lists.flatMap((list) => listed(makefile, list))
  return {
    elaborated,
    files: new Map(files.map((name) => [name, readFileSync(join(made, name), 'utf8')])),
    fast: sources('VM_CLASSES_FAST', 'VM_SUPPORT_FAST').map((name) => `${name}.cpp`),
    slow: sources('VM_CLASSES_SLOW', 'VM_SUPPORT_SLOW').map((name) => `${name}.cpp`),
    runtime: sources('VM_GLOBAL_FAST', 'VM_GLOBAL_SLOW'),
  }
}

function listed(makefile: string, list: string): string[] {
  const text = new RegExp(`^${list} \\+= \\\\\\n((?:\\t.*\\\\\\n)*)`, 'm').exec(makefile)?.[1] ?? ''
  return text.split('\n').flatMap((line) => /\w+/.exec(line)?.[0] ?? [])
}

function literal(value: number | bigint | string): string {
  if (typeof value === 'string') return `"${value.replace(/(["\\])/g, '\\$1')}"`
  const bits = value.toString(2).length
  return bits < 32 ? `${value}` : `${Math.max(64, bits)}'h${value.toString(16)}`
}

const remedy = 'Correct the source; the message is of Verilator.'

function failure(log: string, set: SourceSet): GemgateError {
  // the first error that names a place says most
  const messages = [...log.matchAll(/^%(?:Error|Warning)(?:-(\w+))?: (?:([^:\s]+):(\d+):(?:\d+:)? )?(.*)$/gm)]
  const errors = messages.filter(([whole]) => whole.startsWith('%Error'))
  const found = errors.find(([, , path]) => path !== undefined) ?? errors[0]
  if (!found)
    return new GemgateError('GG_VERILATOR', `Verilator failed: ${log.trim() || 'it wrote no model'}`, remedy)
  const [, , path, line, text] = found
  const message = text!.replace(/\.$/, '')
  if (path === undefined) return new GemgateError('GG_VERILATOR', message, remedy)
  return new GemgateError('GG_VERILATOR', message, remedy, { file: set.userPath(path), line: Number(line) })
}
