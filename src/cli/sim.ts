import { dirname } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type Comparison, compareEngines } from '../../sim/verilog/compare.ts'
import type { CompiledDesign } from '../../sim/verilog/compile.ts'
import { compileVerilog, type VerilogOptions } from '../../sim/verilog/compile.ts'
import type { EngineDesign, EngineName } from '../../sim/verilog/engine.ts'
import { describeModule } from '../../sim/verilog/vitest/module-description.ts'
import { declarationPath, declarationText, writeDeclaration } from '../../sim/verilog/vitest/types.ts'
import { GemgateError } from '../core/errors.ts'
import { integer, jsonOption } from './options.ts'
import { exitCode, type Output, perform } from './output.ts'
import { inputValue, type Run, runDesign } from './sim-run.ts'

interface Options {
  readonly top?: string
  readonly parameter: Record<string, string>
  readonly define: Record<string, string>
  readonly include: string[]
  readonly library: string[]
  readonly clock?: string
  readonly engine: EngineName
  readonly cycles?: number
  readonly set: Record<string, string>
  readonly random?: number
  readonly vcd?: string
  readonly coverage?: true | string
  readonly against?: Exclude<EngineName, 'wasm'>
  readonly types?: boolean
  readonly out?: string
  readonly json?: boolean
}

const engines: readonly EngineName[] = ['wasm', 'verilator', 'verilator-wasm']

export function simCommand(): Command {
  return new Command('sim')
    .description('simulate a SystemVerilog module: its ports, a run with chosen inputs, waveform, coverage')
    .argument('<files...>', 'SystemVerilog files; modules they use are looked up in their folders')
    .option('--top <module>', 'the module (default: the one that no other of the files instantiates)')
    .addOption(assignments('--parameter <name=value>', 'parameter of the module; several times'))
    .addOption(assignments('--define <name[=value]>', 'macro; several times'))
    .addOption(list('--include <folder>', 'searched for include files; several times'))
    .addOption(list('--library <folder>', 'searched for modules, NAME.sv or NAME.v; several times'))
    .option('--clock <port>', 'the main clock (default: clk, or the only clock)')
    .addOption(new Option('--engine <name>', 'who simulates').choices(engines).default('wasm'))
    .addOption(new Option('--cycles <n>', 'clock cycles to run').argParser(integer(0, 1e12)))
    .addOption(assignments('--set <port=value>', 'input for the whole run; several times'))
    .addOption(
      new Option('--random <seed>', 'random values for the other inputs in every cycle').argParser(
        integer(0, 4294967295),
      ),
    )
    .option('--vcd <file>', 'writes a waveform of all signals')
    .option('--coverage [file]', 'shows what the run covered; with a file, writes it as lcov too')
    .addOption(
      new Option('--against <engine>', 'runs random inputs on two engines and compares them').choices(
        engines.filter((name) => name !== 'wasm'),
      ),
    )
    .option('--types', 'only writes the TypeScript declaration of each file, x.d.sv.ts')
    .option('--out <folder>', 'where declarations go (default: beside the files)')
    .addOption(jsonOption())
    .action((files: string[], options: Options) =>
      perform(options.json === true, (output, signal) =>
        options.types ? writeTypes(files, options, output) : sim(files, options, output, signal),
      ),
    )
}

/** An option `name=value` that may come several times. */
function assignments(flags: string, description: string): Option {
  const optional = flags.includes('[=value]')
  return new Option(flags, description)
    .argParser((text: string, before: Record<string, string>) => {
      const [, name, value] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? []
      if (name === undefined || (value === undefined && !optional))
        throw new InvalidArgumentError('Give NAME=VALUE.')
      return { ...before, [name]: value ?? '1' }
    })
    .default({}, 'none')
}

function list(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((text: string, before: string[]) => [...before, text])
    .default([], 'none')
}

/** What would have no effect must not be dropped silently. */
function refuse(options: Options, names: readonly (keyof Options)[], why: string): void {
  const name = names.find((name) => options[name] !== undefined)
  if (name !== undefined)
    throw new GemgateError('GG_USAGE', `${why}, so --${name} has no effect`, `Leave out --${name}.`)
}

async function writeTypes(files: readonly string[], options: Options, output: Output): Promise<void> {
  refuse(options, ['cycles', 'random', 'vcd', 'coverage', 'against'], '--types runs nothing')
  const { include, library, define, out } = options
  const declarations: { file: string; declaration: string; top: string; changed: boolean }[] = []
  for (const file of files) {
    const module = await describeModule(file, { include, library, defines: define })
    const declaration = declarationPath(file, out, process.cwd())
    const changed = await writeDeclaration(declaration, declarationText(file, module))
    declarations.push({ file, declaration, top: module.top, changed })
    output.text(`${declaration}: module ${module.top}${changed ? '' : ', unchanged'}`)
  }
  output.result({ declarations })
}

async function sim(
  files: readonly string[],
  options: Options,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { engine, against } = options
  if (against === engine)
    throw new GemgateError('GG_USAGE', `${engine} against itself proves nothing`, 'Compare two engines.')
  if (against !== undefined) refuse(options, ['vcd', 'coverage'], '--against compares two engines')
  refuse(options, ['out'], 'only --types writes declarations')
  const started = performance.now()
  const settings = verilogOptions(files, options)
  const design = await compileVerilog(files, {
    ...settings,
    engine,
    coverage: options.coverage !== undefined,
  })
  const compileMs = Math.round(performance.now() - started)
  const report = describe(design, compileMs)
  showDesign(report, output)
  const comparison = against && (await compare(design, files, settings, options, output))
  const runs = ['cycles', 'set', 'random', 'vcd', 'coverage'] as const
  const wanted = runs.some((name) => {
    const value = options[name]
    return typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined
  })
  const run = wanted && !against ? await runDesign(design, options, output, signal) : undefined
  if (comparison?.difference || run?.failure) process.exitCode = exitCode.failed
  output.result({
    ...report,
    ...(run && { run: documentOf(run) }),
    ...(comparison && { against: { engine: against, ...comparison } }),
  })
}

function verilogOptions(files: readonly string[], options: Options): VerilogOptions {
  const { top, clock, parameter, define, include, library } = options
  return {
    ...(top === undefined ? {} : { top }),
    ...(clock === undefined ? {} : { clock }),
    parameters: Object.fromEntries(
      Object.entries(parameter).map(([name, value]) => [name, parameterValue(value)]),
    ),
    defines: define,
    include,
    library: [...new Set([...files.map((file) => dirname(file)), ...library])],
  }
}

/** A number if it reads as one, else a string. */
function parameterValue(text: string): bigint | string {
  return /^(?:-?\d+|0x[\da-f]+|0b[01]+)$/i.test(text) ? BigInt(text) : text
}

function describe(design: EngineDesign, compileMs: number) {
  const { top, engine, clock, cached, ports, memories } = design
  const { statistics } = design as Partial<CompiledDesign>
  return {
    top,
    engine,
    clock,
    cached,
    compileMs,
    ...(statistics && { cells: statistics.cells, registerBits: statistics.registerBits }),
    ports: ports.map(({ name, direction, width, signed, clock: isClock }) => ({
      name,
      direction,
      width,
      signed,
      clock: isClock,
    })),
    memories: memories.map(({ name, width, size }) => ({ name, width, size })),
  }
}

function showDesign(report: ReturnType<typeof describe>, output: Output): void {
  const { top, engine, cached, compileMs, ports, memories, cells, registerBits } = report
  const how = cached ? 'from the cache' : 'compiled'
  output.text(`${top}: ${how} in ${compileMs} ms for ${engine}`)
  const width = Math.max(4, ...ports.map(({ name }) => name.length))
  for (const port of ports) {
    const notes = [port.signed ? 'signed' : '', port.clock ? 'clock' : ''].filter((note) => note !== '')
    const bits = `${port.width} bit${port.width === 1 ? '' : 's'}`
    output.text(`  ${port.direction.padEnd(6)} ${port.name.padEnd(width)}  ${[bits, ...notes].join(', ')}`)
  }
  for (const { name, width: bits, size } of memories)
    output.text(`  memory ${name.padEnd(width)}  ${size} x ${bits} bits`)
  if (cells !== undefined) output.text(`  ${cells} cells, ${registerBits} register bits`)
}

async function compare(
  design: EngineDesign,
  files: readonly string[],
  settings: VerilogOptions,
  { against, cycles = 1000, random = 1, set }: Options,
  output: Output,
): Promise<Comparison> {
  const other = await compileVerilog(files, { ...settings, engine: against! })
  const inputs = Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, [inputValue(name, value)]]),
  )
  const comparison = compareEngines(design, other, { cycles, seed: random, inputs })
  const { difference } = comparison
  output.text(
    difference
      ? `${design.engine} and ${against} differ in round ${difference.cycle}: ${difference.name} is ${difference.values[0]} and ${difference.values[1]}`
      : `${design.engine} and ${against} agree in ${comparison.cycles} rounds, ${comparison.compared} values`,
  )
  return comparison
}

function documentOf({ failure, ...run }: Run) {
  if (!failure) return run
  const { code, message, remedy, file, line } = failure
  return { ...run, failure: { code, message, remedy, file, line } }
}
