import { join, resolve } from 'node:path'
import { GemgateError } from '../../src/core/errors.ts'
import { cacheKey, readCache, sourceDigest, writeCache } from './cache.ts'
import { type GeneratedDesign, generate } from './compiler/generate.ts'
import { rewriteFiles } from './compiler/rewrite-files.ts'
import { fileTree, readSources, type SourceSet } from './compiler/sources.ts'
import { topCandidates } from './compiler/top.ts'
import type { Signal } from './compiler/trace.ts'
import { type CellFamily, synthesize } from './compiler/yosys.ts'
import { CoverageBuild } from './coverage/build.ts'
import { collectFrom, coverageActive } from './coverage/collector.ts'
import type { EngineDesign, EngineName } from './engine.ts'
import { withLibrary } from './library.ts'
import type { VerilatorOptions } from './verilator/tools.ts'
import { WasmInstance } from './wasm-instance.ts'
import { type WasmModule, webAssembly } from './webassembly.ts'

export interface VerilogOptions {
  /**
   * Who simulates: our own compiler (`wasm`, the default), or the installed Verilator, its C++ compiled by this machine's
   * compiler (`verilator`) or by the package @yowasp/clang (`verilator-wasm`). Verilator shows no internal state.
   */
  engine?: EngineName
  /** For the engines of Verilator: where its programs are, and how they optimize. */
  verilator?: VerilatorOptions
  /** Top module; by default the one that no other instantiates. */
  top?: string
  /**
   * Name of the main clock, which `step` drives: by default `clk` if that is a clock, else the only clock input. Other
   * clocks work with `set` and `settle`.
   */
  clock?: string
  /** Parameters of the top module; `top` is needed where the sources leave open which one that is. */
  parameters?: Record<string, number | bigint | string>
  /** Macros; `SIMULATION` is always defined. */
  defines?: Record<string, string | number | true>
  /** Folders searched for include files. */
  include?: string[]
  /** Folders searched for modules and packages that the sources use but do not hold: NAME.sv or NAME.v. */
  library?: string[]
  /** Folder of the compile cache, default `.cache/gemgate/sim` in the working folder; false for none. */
  cache?: string | false
  /**
   * The sources hold a netlist of cells of this family, as after synthesis; a module of the sources goes before a cell of
   * its name. `top` is needed then.
   */
  cells?: CellFamily
  /** More files by relative name: sources, includes, or data of `$readmemh` under computed names. */
  files?: Record<string, string>
  /** For measurements: instructions a branch must save before work is gated; Infinity for no gating. */
  gateThreshold?: number
  /**
   * What becomes of combinational loops: by default they are refused with GG_VERILOG_LOOP; with `settle` they are computed
   * again until they rest, or fail with GG_UNSETTLED when they do not. Latches need no option.
   */
  loops?: 'refuse' | 'settle'
  /** `settle` computes every named signal of the source, so that `signals` can be read; slower. */
  trace?: boolean
  /**
   * Counts which lines and branches run and which bits of registers and ports change, per source line; slower. By
   * default only while a test runner collects coverage.
   */
  coverage?: boolean
}

/** A design ready to run; make any number of `Simulation`s from it. */
export interface CompiledDesign extends GeneratedDesign, EngineDesign {
  readonly signals: readonly Signal[]
  readonly size: number
  /** The same sources with `trace`, as they were read for this design. */
  traced(): Promise<CompiledDesign>
}

const identifier = /^[A-Za-z_$][\w$]*$/

/**
 * Compiles SystemVerilog for simulation, by default to WebAssembly.
 * @param sources paths of the files (or names in `options.files`), in compilation order
 * @throws GemgateError GG_VERILOG_PARSE (file and line of the mistake), GG_VERILOG_UNSUPPORTED and
 *   GG_VERILOG_LOOP (naming the place), GG_FILE_NOT_FOUND, GG_CACHE (only for a folder that was asked for); with
 *   Verilator GG_VERILATOR (file and line) and GG_TOOL_MISSING
 */
export function compileVerilog(
  sources: string | readonly string[],
  options?: VerilogOptions & { engine?: 'wasm' },
): Promise<CompiledDesign>
export function compileVerilog(
  sources: string | readonly string[],
  options: VerilogOptions,
): Promise<EngineDesign>
export async function compileVerilog(
  sources: string | readonly string[],
  options: VerilogOptions = {},
): Promise<EngineDesign> {
  const { clock, parameters = {}, defines = {}, include = [], files = {} } = options
  const names = [
    ...(options.top === undefined ? [] : [options.top]),
    ...(clock === undefined ? [] : [clock]),
    ...Object.keys(parameters),
    ...Object.keys(defines),
  ]
  for (const name of names)
    if (!identifier.test(name))
      throw new GemgateError(
        'GG_USAGE',
        `'${name}' is no Verilog name`,
        'Use letters, digits and underscores.',
      )
  if (options.cells !== undefined && options.top === undefined)
    throw new GemgateError('GG_USAGE', 'a netlist was given without `top`', 'Name its top module.')
  const { library = [] } = options
  const given = typeof sources === 'string' ? [sources] : sources
  const set = readSources(withLibrary(given, library), include, files)
  const own = library.length > 0 ? readSources(given, include, files) : set
  const top =
    options.top ??
    (Object.keys(parameters).length > 0 ? onlyTop(own, defines) : undefined) ??
    (library.length > 0 ? topOfGiven(own, defines) : undefined)
  const { engine = 'wasm' } = options
  if (engine !== 'wasm') return verilated(engine, set, top, options)
  return compileSet(set, options, top, clock)
}

async function verilated(
  engine: Exclude<EngineName, 'wasm'>,
  set: SourceSet,
  top: string | undefined,
  options: VerilogOptions,
): Promise<EngineDesign> {
  if (options.cells !== undefined)
    throw new GemgateError(
      'GG_USAGE',
      `the engine '${engine}' has no models of ${options.cells} cells`,
      "Use the engine 'wasm' for netlists.",
    )
  if (options.coverage === true)
    throw new GemgateError(
      'GG_USAGE',
      `the engine '${engine}' counts no coverage`,
      "Use the engine 'wasm' for it.",
    )
  const { clock, parameters = {}, defines = {}, verilator: tools = {}, cache } = options
  const { verilatorDesign } = await import('./verilator/design.ts')
  const design = await verilatorDesign({
    ...{ engine, set, top, clock, parameters, defines, tools },
    cache: cacheFolder(cache),
    cacheAsked: typeof cache === 'string',
  })
  const tracedOptions = { ...options, engine: 'wasm' as const, trace: true, coverage: false }
  return { ...design, traced: () => compileSet(set, tracedOptions, top, design.clock || undefined) }
}

function cacheFolder(cache: string | false | undefined): string | undefined {
  // absolute: a compiler of the other engines runs in a folder of its own
  return cache === false ? undefined : resolve(cache ?? join('.cache', 'gemgate', 'sim'))
}

async function compileSet(
  set: SourceSet,
  options: VerilogOptions,
  top: string | undefined,
  clock: string | undefined,
): Promise<CompiledDesign> {
  const { parameters = {}, defines = {}, cache, gateThreshold, trace = false } = options
  const coverage = options.coverage ?? (coverageActive() && options.cells === undefined)
  // what was counted already is not counted again, and unread logic must not bring in another main clock
  const traced = ({ clock: main }: GeneratedDesign) =>
    compileSet(set, { ...options, trace: true, coverage: false }, top, main || undefined)
  const settings = {
    top,
    clock,
    parameters,
    defines,
    includes: set.includes,
    cells: options.cells,
    gateThreshold: `${gateThreshold}`,
    loops: options.loops,
    trace,
    coverage: coverage && sourceDigest('coverage'),
  }
  const folder = cacheFolder(cache)
  const key = folder === undefined ? '' : cacheKey([set.sources, [...set.files], settings])
  const known = folder === undefined ? undefined : readCache(folder, key)
  if (known) {
    const module = await webAssembly.compile(known.wasm).catch(() => undefined)
    if (module) return ready(known, module, true, traced)
  }
  const design = await translate(set, { ...options, coverage }, top, clock)
  if (folder !== undefined) {
    try {
      writeCache(folder, key, design)
    } catch (error) {
      // a default nobody asked for must not stop a simulation
      if (cache !== undefined) throw error
    }
  }
  return ready(design, await webAssembly.compile(design.wasm), false, traced)
}

function ready(
  design: GeneratedDesign,
  module: WasmModule,
  cached: boolean,
  traced: (design: GeneratedDesign) => Promise<CompiledDesign>,
): CompiledDesign {
  return {
    ...design,
    engine: 'wasm',
    cached,
    traced: () => traced(design),
    instantiate: (tasks) => {
      const instance = new WasmInstance(design, module, tasks)
      return design.coverage ? collectFrom(instance, design.coverage) : instance
    },
  }
}

/** Where library modules were added, one of those must not become the top. */
function topOfGiven(set: SourceSet, defines: Readonly<Record<string, unknown>>): string | undefined {
  const candidates = topCandidates(set, defines)
  return candidates.length === 1 ? candidates[0] : undefined
}

/** The module that parameters belong to: Yosys wants it by name. */
export function onlyTop(set: SourceSet, defines: Readonly<Record<string, unknown>>): string {
  const candidates = topCandidates(set, defines)
  const [top] = candidates
  if (top !== undefined && candidates.length === 1) return top
  const which = candidates.length === 0 ? '' : `, which could be ${candidates.join(', ')}`
  throw new GemgateError(
    'GG_USAGE',
    `parameters were given without \`top\`${which}`,
    'Name the module that they belong to.',
  )
}

async function translate(
  set: SourceSet,
  options: VerilogOptions,
  top: string | undefined,
  clock: string | undefined,
): Promise<GeneratedDesign> {
  const { gateThreshold, trace = false } = options
  const rewritten = rewriteFiles(set.files, set.sources)
  const cover = options.coverage ? new CoverageBuild(set, rewritten.files, clock) : undefined
  const generateFrom = async (keepSignals: boolean) => {
    const rtlil = await synthesize({
      tree: fileTree(rewritten.files),
      refusals: rewritten.refusals,
      sources: set.sources,
      includes: set.includes,
      cells: options.cells,
      top,
      parameters: options.parameters ?? {},
      defines: options.defines ?? {},
      keepSignals,
      instrument: cover && ((text) => cover.instrument(text)),
      userPath: set.userPath,
    })
    try {
      const design = generate(rtlil, {
        clock,
        trace,
        settleLoops: options.loops === 'settle',
        ...(gateThreshold === undefined ? {} : { gateThreshold }),
        ...(cover && { transform: (module) => cover.transform(module) }),
      })
      return withUserPaths(cover ? cover.finish(design) : design, set.userPath)
    } catch (error) {
      throw withUserPath(error, set.userPath)
    }
  }
  if (!trace) return generateFrom(false)
  // logic that nothing reads may be such as cannot be simulated: then only the rest is traced
  return generateFrom(true).catch(() => generateFrom(false))
}

/** Tasks name the files as the user knows them. */
function withUserPaths(design: GeneratedDesign, userPath: (path: string) => string): GeneratedDesign {
  const tasks = design.control.tasks.map((task) =>
    task.file === undefined ? task : { ...task, file: userPath(task.file) },
  )
  return { ...design, control: { ...design.control, tasks } }
}

function withUserPath(error: unknown, userPath: (path: string) => string): unknown {
  if (!(error instanceof GemgateError) || error.file === undefined) return error
  const { code, remedy, line } = error
  const shown = userPath(error.file)
  const message = error.message.replaceAll(error.file, shown)
  return new GemgateError(code, message, remedy, { file: shown, ...(line === undefined ? {} : { line }) })
}
