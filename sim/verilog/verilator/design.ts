import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GemgateError } from '../../../src/core/errors.ts'
import type { SourceSet } from '../compiler/sources.ts'
import type { EngineDesign } from '../engine.ts'
import { type Artefacts, findArtefacts, storeArtefacts } from './artefacts.ts'
import { ModelInstance, type Places } from './model-instance.ts'
import { type ModelPort, modelPorts } from './model-ports.ts'
import { buildLibrary } from './native-build.ts'
import { loadLibrary } from './native-library.ts'
import { runTool, type VerilatorOptions, versionOf } from './tools.ts'
import { verilate } from './verilate.ts'
import { buildWasm, clangVersion } from './wasm-build.ts'
import { loadWasm } from './wasm-library.ts'
import { modelClass, totalWords, wrapperSource } from './wrapper.ts'

/** What is compiled, as `compileVerilog` was asked. */
export interface DesignRequest {
  readonly engine: 'verilator' | 'verilator-wasm'
  readonly set: SourceSet
  readonly top: string | undefined
  readonly clock: string | undefined
  readonly parameters: Readonly<Record<string, number | bigint | string>>
  readonly defines: Readonly<Record<string, string | number | true>>
  readonly tools: VerilatorOptions
  /** Folder of the compile cache; undefined for none. */
  readonly cache: string | undefined
  /** Whether that folder was asked for: a default that cannot be written stops nothing. */
  readonly cacheAsked: boolean
}

/** What is kept beside the compiled model. */
interface Description {
  readonly top: string
  readonly clock: string
  readonly ports: readonly ModelPort[]
}

const descriptionFile = 'design.json'
const libraryFile = 'library'

/**
 * Compiles with the installed Verilator.
 * @throws GemgateError GG_TOOL_MISSING (Verilator; a C++ compiler and koffi, or @yowasp/clang), GG_VERILATOR with file and line, GG_CACHE
 */
export async function verilatorDesign(request: DesignRequest): Promise<EngineDesign> {
  const { engine, set, top, clock, parameters, defines, tools, cache } = request
  const program = tools.verilator ?? process.env['VERILATOR'] ?? 'verilator'
  const compiler = tools.compiler ?? process.env['CXX'] ?? 'g++'
  const optimize = tools.optimize ?? 2
  const native = engine === 'verilator'
  const versions = await Promise.all([versionOf(program), native ? versionOf(compiler) : clangVersion])
  const settings = { engine, top, clock, parameters, defines, includes: set.includes, optimize }
  const key = `${keyOf([versions, ownVersion(), [...set.files], set.sources, settings])}.verilator`
  const known = cache === undefined ? undefined : findArtefacts(cache, key)
  if (known !== undefined) return await openDesign(known, request, true)
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-verilator-'))
  try {
    const { elaborated, ...model } = await verilate({ program, set, top, parameters, defines }, folder)
    const ports = modelPorts(model.files.get(`${modelClass}.h`) ?? '', elaborated)
    const main = mainClock(ports, clock, elaborated.top)
    const { lowResets } = elaborated
    const wrapper = wrapperSource({ ports, clock: main, lowResets, files: dataFiles(set) })
    const includes = join(await verilatorRoot(program), 'include')
    const toolchain = { compiler, optimize, includes, versions, cache }
    const artefacts = {
      [libraryFile]: native
        ? await buildLibrary(model, wrapper, toolchain, folder)
        : await buildWasm(model, wrapper, toolchain),
      [descriptionFile]: Buffer.from(
        JSON.stringify({ top: elaborated.top, clock: main, ports } satisfies Description),
      ),
    }
    return await openDesign(keep(artefacts, key, request, folder), request, false)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Stores what was built in the cache, or where that is not wanted or cannot be, in the folder of the build. */
function keep(
  artefacts: Artefacts,
  key: string,
  { cache, cacheAsked }: DesignRequest,
  folder: string,
): string {
  try {
    if (cache !== undefined) return storeArtefacts(cache, key, artefacts)
  } catch (error) {
    if (cacheAsked) throw error
  }
  return storeArtefacts(folder, key, artefacts)
}

async function openDesign(folder: string, request: DesignRequest, cached: boolean): Promise<EngineDesign> {
  const { top, clock, ports } = JSON.parse(readFileSync(join(folder, descriptionFile), 'utf8')) as Description
  const { set, engine } = request
  const library = join(folder, libraryFile)
  const start = engine === 'verilator' ? await loadLibrary(library) : await loadWasm(readFileSync(library))
  const places: Places = {
    userPath: set.userPath,
    line: (path, line) => set.files.get(path)?.split('\n')[line - 1] ?? '',
  }
  return {
    engine,
    top,
    clock,
    ports: ports.map(({ member: _, ...port }) => port),
    probes: [],
    memories: [],
    cached,
    instantiate: (tasks) => new ModelInstance(start(totalWords(ports)), tasks, places),
  }
}

/** The input that `step` drives. */
function mainClock(ports: readonly ModelPort[], asked: string | undefined, top: string): string {
  const inputs = ports.filter(({ direction, width }) => direction === 'input' && width === 1)
  if (asked !== undefined && !inputs.some(({ name }) => name === asked))
    throw new GemgateError(
      'GG_USAGE',
      `${top} has no clock input ${asked}`,
      `Its one-bit inputs are ${inputs.map(({ name }) => name).join(', ') || 'none'}.`,
    )
  const clocks = inputs.filter((port) => port.clock)
  const usual = asked ?? 'clk'
  if (asked !== undefined || clocks.some(({ name }) => name === usual)) return usual
  return clocks.length === 1 ? clocks[0]!.name : ''
}

/** Files that are not sources may be opened by the design while it runs. */
function dataFiles({ files, sources }: SourceSet): Map<string, string> {
  return new Map(
    [...files]
      .filter(([name]) => !sources.includes(name))
      // absolute paths are kept below one folder
      .map(([name, text]) => [name.replace(/^files\//, '/'), text]),
  )
}

async function verilatorRoot(program: string): Promise<string> {
  const { output } = await runTool(program, ['--getenv', 'VERILATOR_ROOT'])
  return output.trim()
}

function keyOf(inputs: unknown): string {
  const text = JSON.stringify(inputs, (_, value: unknown) =>
    typeof value === 'bigint' || typeof value === 'number' ? { [typeof value]: `${value}` } : value,
  )
  return createHash('sha256').update(text).digest('hex')
}

let version: string | undefined

/** Changes whenever the wrapper may: a digest of the files here. */
function ownVersion(): string {
  if (version === undefined) {
    const folder = dirname(fileURLToPath(import.meta.url))
    const names = readdirSync(folder).filter((name) => /\.(ts|js)$/.test(name) && !name.endsWith('.d.ts'))
    version = keyOf(names.sort().map((name) => readFileSync(join(folder, name), 'utf8')))
  }
  return version
}
