import { GemgateError } from '../../../src/core/errors.ts'
import { ice40Declarations } from './ice40-cells.ts'
import type { Refusal } from './rewrite.ts'

/** Files as Yosys sees them: folders are nested objects. */
export interface FileTree {
  [name: string]: FileTree | string | Uint8Array
}

export interface YosysJob {
  readonly tree: FileTree
  /** Paths inside the tree, in order. */
  readonly sources: readonly string[]
  readonly includes: readonly string[]
  /** The family whose cells a netlist is made of. */
  readonly cells: CellFamily | undefined
  readonly top: string | undefined
  readonly parameters: Readonly<Record<string, number | bigint | string>>
  readonly defines: Readonly<Record<string, string | number | true>>
  /** Named signals stay, those that nothing reads too. */
  readonly keepSignals: boolean
  /** Changes the RTLIL of the hierarchy before its processes become logic. */
  readonly instrument?: ((rtlil: string) => string) | undefined
  /** By `path:line`: what to say if Yosys stops there. */
  readonly refusals?: ReadonlyMap<string, Refusal>
  /** Gives the path that the user knows, for messages. */
  readonly userPath: (path: string) => string
}

/** Families whose cells the simulator knows. */
export type CellFamily = 'ice40'

// Modules of the sources go before models of the same name; deferred, because only few models are used. Cells that the
// simulator knows itself stay cells.
const ice40Models = [
  `read_verilog -sv ${ice40Declarations.file}`,
  'read_verilog -sv -defer -nooverwrite +/ice40/cells_sim.v',
]

const output = 'gemgate-design.il'

// -keepdc: unknown values count as 0 here, so Yosys must not choose another value for them.
// No -mux_bool, no enables or resets in opt_dff: multiplexers show the control flow best.
// A register with an asynchronous load that does nothing at its clock edge would become a latch, which follows its
// data: in Verilog it does not.
// No memory_dff: registered reads stay an asynchronous read and a register.
const passes = [
  'proc',
  'proc_clean',
  'setattr -unset keep_hierarchy',
  'setattr -mod -unset keep_hierarchy',
  'flatten',
  'tribuf',
  'opt_expr -keepdc',
  'opt_merge',
  'opt_clean',
  'memory_collect',
  'opt_dff -nodffe -nosdff -keepdc * t:$aldff %d',
  'opt_expr -keepdc',
  'opt_merge',
  'opt_clean',
  'bmuxmap',
  'demuxmap',
]

/** Reads Verilog and flattens it to RTLIL text. */
export async function synthesize(job: YosysJob): Promise<string> {
  if (!job.instrument) return oneModule(await run(job, [...reading(job), ...lowering(job)], job.tree))
  const tree = { ...job.tree, [output]: job.instrument(await readHierarchy(job)) }
  return oneModule(await run(job, [`read_rtlil ${output}`, ...lowering(job)], tree))
}

/** Flattened, only the top module is left. */
function oneModule(rtlil: string): string {
  const names = [...rtlil.matchAll(/^module \\(\S+)/gm)].map(([, name]) => name)
  if (names.length === 1) return rtlil
  if (names.length === 0)
    throw new GemgateError(
      'GG_VERILOG_PARSE',
      'there is no module in the sources',
      'Give a SystemVerilog file with a module in it.',
    )
  throw new GemgateError(
    'GG_USAGE',
    `the top module could be ${names.join(', ')}`,
    'Name the one that is meant with `top`, or give one file.',
  )
}

/** Reads Verilog to the RTLIL text of its modules, with their parameters set and their processes as written. */
export function readHierarchy(job: YosysJob): Promise<string> {
  return run(job, reading(job), job.tree)
}

async function run(job: YosysJob, commands: readonly string[], inputs: FileTree): Promise<string> {
  const { runYosys } = await import('@yowasp/yosys')
  const log: string[] = []
  const decoder = new TextDecoder()
  const collect = (bytes: Uint8Array | null) => {
    if (bytes) log.push(decoder.decode(bytes))
  }
  const script = [...commands, `write_rtlil ${output}`].join('; ')
  try {
    const files = {
      ...inputs,
      ...(job.cells === 'ice40' && { [ice40Declarations.file]: ice40Declarations.text }),
      ...(hasNegative(job) && { [parameterModule]: instanceOf(job) }),
    }
    const tree = await runYosys(['-q', '-p', script], files, { stdout: collect, stderr: collect })
    const rtlil = tree?.[output]
    if (typeof rtlil === 'string') {
      refuseIgnored(log.join(''), job)
      return rtlil
    }
  } catch (cause) {
    if (cause instanceof GemgateError) throw cause
    // the rejection carries all files: it must not be kept as the cause
    throw parseError(log.join(''), job, cause)
  }
  throw parseError(log.join(''), job, undefined)
}

function reading(job: YosysJob): string[] {
  const defines = Object.entries({ SIMULATION: true as const, ...job.defines }).map(([name, value]) =>
    value === true ? `-D${name}` : quote(`-D${name}=${value}`),
  )
  const includes = job.includes.map((path) => quote(`-I${path}`))
  // -defer: modules are elaborated with the parameters that they get, not with their defaults, which may be huge
  const defer = job.top !== undefined && job.cells === undefined ? ['-defer'] : []
  const read = ['read_verilog -sv', ...defer, ...defines, ...includes, ...job.sources.map(quote)].join(' ')
  const parameters = Object.entries(job.parameters).map(
    ([name, value]) => `-chparam ${name} ${literal(name, value)}`,
  )
  if (hasNegative(job))
    return [
      read,
      ...(job.cells === 'ice40' ? ice40Models : []),
      `read_verilog -sv ${parameterModule}`,
      'hierarchy -check -purge_lib -top gemgate_parameters',
      'delete gemgate_parameters',
      'hierarchy -check -auto-top',
      `rename -top ${job.top}`,
    ]
  // -purge_lib: Yosys takes a module without contents for a library cell and would keep it
  const top = job.top === undefined ? '-auto-top' : `-top ${job.top}`
  return [
    read,
    ...(job.cells === 'ice40' ? ice40Models : []),
    `hierarchy -check -purge_lib ${top} ${parameters.join(' ')}`,
  ]
}

const parameterModule = 'gemgate-parameters.sv'

/** Options of Yosys have no sign; an instance has. */
function hasNegative({ top, parameters }: YosysJob): boolean {
  return (
    top !== undefined && Object.values(parameters).some((value) => typeof value !== 'string' && value < 0)
  )
}

function instanceOf({ top, parameters }: YosysJob): string {
  const values = Object.entries(parameters).map(([name, value]) => `.${name}(${literal(name, value)})`)
  return `module gemgate_parameters; ${top} #(${values.join(', ')}) u_top(); endmodule\n`
}

function lowering(job: YosysJob): string[] {
  return [
    ...(job.keepSignals ? ['setattr -set keep 1 w:\\\\*'] : []),
    ...passes,
    ...(job.cells === 'ice40' ? ['delete =SB_*'] : []),
  ]
}

function quote(text: string): string {
  return /^[\w./=+-]+$/.test(text) ? text : `"${text.replace(/(["\\])/g, '\\$1')}"`
}

/** A parameter as Yosys reads it. */
function literal(name: string, value: number | bigint | string): string {
  if (typeof value === 'string') {
    // the bits of a Verilog string; the empty one is one zero byte
    const bytes = Buffer.from(value === '' ? '\0' : value)
    return `${8 * bytes.length}'h${bytes.toString('hex')}`
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new GemgateError(
      'GG_USAGE',
      `the parameter ${name} cannot be ${value}`,
      'Give a whole number, or a string.',
    )
  if (value < 0) {
    const size = Math.max(32, (-BigInt(value) - 1n).toString(2).length + 1)
    return `${size}'sh${BigInt.asUintN(size, BigInt(value)).toString(16)}`
  }
  const bits = value.toString(2).length
  return bits < 32 ? `${value}` : `${Math.max(64, bits)}'h${value.toString(16)}`
}

function parseError(log: string, job: YosysJob, cause: unknown): GemgateError {
  const line = /^(?:(.+?):(\d+): )?ERROR: (.*)$/m.exec(log)
  const remedy = 'Correct the source; Yosys reads a subset of SystemVerilog (see its manual).'
  if (!line) {
    const what = cause instanceof Error && cause.name !== 'Exit' ? cause.message : 'no message'
    const deep = cause instanceof RangeError || /memory access|call stack/i.test(what)
    return new GemgateError(
      'GG_VERILOG_PARSE',
      `Yosys failed: ${what}`,
      deep ? 'Split very deeply nested expressions.' : remedy,
    )
  }
  const [, path, number, text] = line
  const message = text!.replaceAll('\\', '').replace(/\.$/, '')
  if (path === undefined) return new GemgateError('GG_VERILOG_PARSE', message, remedy)
  const place = { file: job.userPath(path), line: Number(number) }
  const known = [0, 1].map((back) => job.refusals?.get(`${path}:${place.line - back}`)).find((r) => r)
  if (known) return new GemgateError('GG_VERILOG_UNSUPPORTED', known.what, known.remedy, place)
  return new GemgateError('GG_VERILOG_PARSE', message, remedy, place)
}

/** Refuses what Yosys leaves out with no more than a warning. */
function refuseIgnored(log: string, job: YosysJob): void {
  const ignored =
    /^(.+?):(\d+): Warning: (?:Ignoring call to system task (\$(?:monitor|strobe)\w*)|Identifier `\\?(\$\w+)' is implicitly)/m
  const match = ignored.exec(log)
  if (!match) return
  const [, path, line, task, name] = match
  throw new GemgateError(
    'GG_VERILOG_UNSUPPORTED',
    task === undefined ? `the function ${name}` : `the system task ${task}`,
    task === undefined ? 'Feed such values in through a port.' : 'Use $display in a clocked block.',
    { file: job.userPath(path!), line: Number(line) },
  )
}
