import { GemgateError } from '../../../src/core/errors.ts'
import { ice40Declarations } from './ice40-cells.ts'

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
  'opt_dff -nodffe -nosdff -keepdc',
  'opt_expr -keepdc',
  'opt_merge',
  'opt_clean',
  'bmuxmap',
  'demuxmap',
]

/** Reads Verilog and flattens it to RTLIL text. */
export async function synthesize(job: YosysJob): Promise<string> {
  const { runYosys } = await import('@yowasp/yosys')
  const log: string[] = []
  const decoder = new TextDecoder()
  const collect = (bytes: Uint8Array | null) => {
    if (bytes) log.push(decoder.decode(bytes))
  }
  const commands = script(job)
  try {
    const files =
      job.cells === 'ice40' ? { ...job.tree, [ice40Declarations.file]: ice40Declarations.text } : job.tree
    const tree = await runYosys(['-q', '-p', commands], files, { stdout: collect, stderr: collect })
    const rtlil = tree?.[output]
    if (typeof rtlil === 'string') return rtlil
  } catch (cause) {
    // the rejection carries all files: it must not be kept as the cause
    throw parseError(log.join(''), job, cause)
  }
  throw parseError(log.join(''), job, undefined)
}

function script(job: YosysJob): string {
  const defines = Object.entries({ SIMULATION: true as const, ...job.defines }).map(([name, value]) =>
    value === true ? `-D${name}` : quote(`-D${name}=${value}`),
  )
  const includes = job.includes.map((path) => quote(`-I${path}`))
  const read = ['read_verilog -sv', ...defines, ...includes, ...job.sources.map(quote)].join(' ')
  const parameters = Object.entries(job.parameters).map(
    ([name, value]) => `-chparam ${name} ${literal(name, value)}`,
  )
  // -purge_lib: Yosys takes a module without contents for a library cell and would keep it
  const top = job.top === undefined ? '-auto-top' : `-top ${job.top}`
  return [
    read,
    ...(job.cells === 'ice40' ? ice40Models : []),
    `hierarchy -check -purge_lib ${top} ${parameters.join(' ')}`,
    ...passes,
    ...(job.cells === 'ice40' ? ['delete =SB_*'] : []),
    `write_rtlil ${output}`,
  ].join('; ')
}

function quote(text: string): string {
  return /^[\w./=+-]+$/.test(text) ? text : `"${text.replace(/(["\\])/g, '\\$1')}"`
}

/** A parameter as Yosys reads it: bits without a sign. */
function literal(name: string, value: number | bigint | string): string {
  if (typeof value === 'string') {
    // the bits of a Verilog string; the empty one is one zero byte
    const bytes = Buffer.from(value === '' ? '\0' : value)
    return `${8 * bytes.length}'h${bytes.toString('hex')}`
  }
  if ((typeof value === 'number' && !Number.isSafeInteger(value)) || value < 0)
    throw new GemgateError(
      'GG_USAGE',
      `the parameter ${name} cannot be ${value}`,
      'Give a whole number, 0 or more, or a string; write a module around this one that sets other values.',
    )
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
  return new GemgateError('GG_VERILOG_PARSE', message, remedy, {
    file: job.userPath(path),
    line: Number(number),
  })
}
