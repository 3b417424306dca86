import { join } from 'node:path'
import { GemgateError } from '../../src/core/errors.ts'
import { cacheKey, readCache, writeCache } from './cache.ts'
import { type GeneratedDesign, generate } from './compiler/generate.ts'
import { fileTree, readSources, type SourceSet } from './compiler/sources.ts'
import { topCandidates } from './compiler/top.ts'
import { type CellFamily, synthesize } from './compiler/yosys.ts'
import type { EngineDesign } from './engine.ts'
import { WasmInstance } from './wasm-instance.ts'
import { type WasmModule, webAssembly } from './webassembly.ts'

export interface VerilogOptions {
  /** Top module; by default the one that no other instantiates. */
  top?: string
  /** Name of the clock input, default `clk`. Designs without registers need none. */
  clock?: string
  /** Parameters of the top module; `top` is needed where the sources leave open which one that is. */
  parameters?: Record<string, number | bigint | string>
  /** Macros; `SIMULATION` is always defined. */
  defines?: Record<string, string | number | true>
  /** Folders searched for include files. */
  include?: string[]
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
}

/** A design ready to run; make any number of `Simulation`s from it. */
export interface CompiledDesign extends GeneratedDesign, EngineDesign {}

const identifier = /^[A-Za-z_$][\w$]*$/

/**
 * Compiles SystemVerilog to WebAssembly.
 * @param sources paths of the files (or names in `options.files`), in compilation order
 * @throws GemgateError GG_VERILOG_PARSE (file and line of the mistake), GG_VERILOG_UNSUPPORTED and
 *   GG_VERILOG_LOOP (naming the place), GG_FILE_NOT_FOUND, GG_CACHE (only for a folder that was asked for)
 */
export async function compileVerilog(
  sources: string | readonly string[],
  options: VerilogOptions = {},
): Promise<CompiledDesign> {
  const { clock = 'clk', parameters = {}, defines = {}, include = [], files = {}, cache } = options
  const names = [
    ...(options.top === undefined ? [] : [options.top]),
    clock,
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
  const set = readSources(typeof sources === 'string' ? [sources] : sources, include, files)
  const top = options.top ?? (Object.keys(parameters).length > 0 ? onlyTop(set, defines) : undefined)
  const gateThreshold = options.gateThreshold
  const settings = {
    top,
    clock,
    parameters,
    defines,
    includes: set.includes,
    cells: options.cells,
    gateThreshold: `${gateThreshold}`,
  }
  const folder = cache === false ? undefined : (cache ?? join(process.cwd(), '.cache', 'gemgate', 'sim'))
  const key = folder === undefined ? '' : cacheKey([set.sources, [...set.files], settings])
  const known = folder === undefined ? undefined : readCache(folder, key)
  if (known) {
    const module = await webAssembly.compile(known.wasm).catch(() => undefined)
    if (module) return ready(known, module, true)
  }
  const design = await translate(set, options, top, clock)
  if (folder !== undefined) {
    try {
      writeCache(folder, key, design)
    } catch (error) {
      // a default nobody asked for must not stop a simulation
      if (cache !== undefined) throw error
    }
  }
  return ready(design, await webAssembly.compile(design.wasm), false)
}

function ready(design: GeneratedDesign, module: WasmModule, cached: boolean): CompiledDesign {
  return {
    ...design,
    engine: 'wasm',
    cached,
    instantiate: (tasks) => new WasmInstance(design, module, tasks),
  }
}

/** The module that parameters belong to: Yosys wants it by name. */
function onlyTop(set: SourceSet, defines: Readonly<Record<string, unknown>>): string {
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
  clock: string,
): Promise<GeneratedDesign> {
  const { userPath } = set
  const rtlil = await synthesize({
    tree: fileTree(set.files),
    sources: set.sources,
    includes: set.includes,
    cells: options.cells,
    top,
    parameters: options.parameters ?? {},
    defines: options.defines ?? {},
    userPath,
  })
  const { gateThreshold } = options
  try {
    return generate(rtlil, gateThreshold === undefined ? { clock } : { clock, gateThreshold })
  } catch (error) {
    throw withUserPath(error, userPath)
  }
}

function withUserPath(error: unknown, userPath: (path: string) => string): unknown {
  if (!(error instanceof GemgateError) || error.file === undefined) return error
  const { code, remedy, line } = error
  const shown = userPath(error.file)
  const message = error.message.replaceAll(error.file, shown)
  return new GemgateError(code, message, remedy, { file: shown, ...(line === undefined ? {} : { line }) })
}
