import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import { cacheKey, sourceDigest } from '../cache.ts'
import { constantBits, ONE } from '../compiler/bits.ts'
import { rewriteFiles } from '../compiler/rewrite-files.ts'
import { fileTree, readSources } from '../compiler/sources.ts'
import { topCandidates } from '../compiler/top.ts'
import { readHierarchy } from '../compiler/yosys.ts'
import { RtlilLines } from '../coverage/rtlil-process.ts'
import { foldersOf, withLibrary } from '../library.ts'

export interface DescribedPort {
  readonly name: string
  readonly direction: 'input' | 'output' | 'inout'
  readonly width: number
  readonly signed: boolean
  /** The range as written, where it is more than numbers: `[WIDTH-1:0]`. */
  readonly range: string | undefined
  /** What the source says behind the declaration. */
  readonly comment: string | undefined
}

export interface DescribedParameter {
  readonly name: string
  readonly kind: 'number' | 'bigint' | 'string'
  /** The default value, as text. */
  readonly value: string
}

/** The outside of a module. */
export interface ModuleDescription {
  readonly top: string
  readonly ports: readonly DescribedPort[]
  readonly parameters: readonly DescribedParameter[]
  /** Absolute paths to compile, in order. */
  readonly sources: readonly string[]
  /** Absolute paths of everything that decides the description: sources, included files, data. */
  readonly files: readonly string[]
}

export interface DescribeOptions {
  /** The module, where it is not the one that has the file's name or that no other instantiates. */
  readonly top?: string
  /** Folders of modules that the file uses, besides its own folder. */
  readonly library?: readonly string[]
  readonly include?: readonly string[]
  readonly defines?: Readonly<Record<string, string | number | true>>
  /** Folder of the cache, default `.cache/gemgate/sim`; false for none. */
  readonly cache?: string | false
}

/**
 * Reads the ports and parameters of the module in a file.
 * @throws GemgateError GG_VERILOG_PARSE with file and line, GG_FILE_NOT_FOUND, GG_USAGE where several modules could be meant
 */
export async function describeModule(
  file: string,
  options: DescribeOptions = {},
): Promise<ModuleDescription> {
  const { library = [], include = [], defines = {} } = options
  const sources = withLibrary([file], [...foldersOf([file]), ...library]).map((path) => resolve(path))
  const set = readSources(sources, include, {})
  const top =
    options.top ??
    mainModule(file, topCandidates({ files: set.files, sources: set.sources.slice(-1) }, defines))
  const files = [...new Set([...set.files.keys()].map((name) => resolve(set.userPath(name))))].filter(
    existsSync,
  )
  const folder = options.cache === false ? undefined : (options.cache ?? join('.cache', 'gemgate', 'sim'))
  const key = cacheKey([
    'ports',
    sourceDigest('coverage'),
    set.sources,
    [...set.files],
    set.includes,
    top,
    defines,
  ])
  const entry = folder === undefined ? undefined : join(folder, `${key}.ports`)
  const known = entry === undefined ? undefined : readEntry(entry)
  if (known) return { ...known, sources, files }
  const rewritten = rewriteFiles(set.files, set.sources)
  const rtlil = await readHierarchy({
    tree: fileTree(rewritten.files),
    refusals: rewritten.refusals,
    sources: set.sources,
    includes: set.includes,
    cells: undefined,
    top,
    parameters: {},
    defines,
    keepSignals: false,
    userPath: set.userPath,
  })
  const outside = readOutside(rtlil, (path) => set.files.get(path))
  if (entry !== undefined) writeEntry(entry, { top, ...outside })
  return { top, ...outside, sources, files }
}

function mainModule(file: string, candidates: readonly string[]): string {
  const name = basename(file).replace(/\.s?v$/, '')
  const [only] = candidates
  if (candidates.includes(name)) return name
  if (only !== undefined && candidates.length === 1) return only
  throw new GemgateError(
    'GG_USAGE',
    candidates.length === 0
      ? `${file} has no module`
      : `${file} has several modules: ${candidates.join(', ')}`,
    'Put one module into each file, or name the file after the one that is meant.',
    { file },
  )
}

type Outside = Pick<ModuleDescription, 'ports' | 'parameters'>

function readOutside(rtlil: string, sourceText: (file: string) => string | undefined): Outside {
  const cursor = new RtlilLines(rtlil)
  for (let entry = cursor.next(); entry; entry = cursor.next())
    if (entry.line.startsWith('module ') && entry.attributes.has('top')) break
  const parameters: DescribedParameter[] = []
  const ports: (DescribedPort & { number: number })[] = []
  for (let entry = cursor.next(); entry && !/^(cell|process|end)\b/.test(entry.line); entry = cursor.next()) {
    const parameter = /^parameter (?:signed )?\\(\S+)(?: (.*))?$/.exec(entry.line)
    if (parameter) parameters.push(describeParameter(parameter[1]!, parameter[2] ?? '0'))
    const port = / (input|output|inout) (\d+) (signed )?\\(\S+)$/.exec(entry.line)
    if (!entry.line.startsWith('wire ') || !port) continue
    const [, direction, number, signed, name] = port
    ports.push({
      name: name!,
      direction: direction as DescribedPort['direction'],
      width: Number(/ width (\d+) /.exec(entry.line)?.[1] ?? 1),
      signed: signed !== undefined,
      number: Number(number),
      ...declaration(name!, entry.attributes.get('src'), sourceText),
    })
  }
  const inOrder = ports.sort((a, b) => a.number - b.number).map(({ number: _, ...port }) => port)
  return { ports: inOrder, parameters }
}

function describeParameter(name: string, token: string): DescribedParameter {
  if (token.startsWith('"')) return { name, kind: 'string', value: token }
  const bits = constantBits(token)
  let value = 0n
  bits.forEach((bit, i) => {
    if (bit === ONE) value |= 1n << BigInt(i)
  })
  if (!token.includes("'") || token.includes("'s")) value = BigInt.asIntN(bits.length, value)
  return { name, kind: bits.length > 32 ? 'bigint' : 'number', value: `${value}` }
}

/** What the line of a declaration says besides what Yosys knows. */
function declaration(
  name: string,
  source: string | undefined,
  sourceText: (file: string) => string | undefined,
): Pick<DescribedPort, 'range' | 'comment'> {
  const place = /^(.*):(\d+)\.\d+-/.exec(source ?? '')
  const line = place && sourceText(place[1]!)?.split('\n')[Number(place[2]) - 1]
  const comment = line?.match(/\/\/+\s*(.*?)\s*$/)?.[1]
  const range = line?.match(
    new RegExp(`(\\[[^\\]]*\\])\\s*(?:\\w+\\s*,\\s*)*${name.replaceAll('$', '\\$')}\\b`),
  )?.[1]
  return {
    range: range !== undefined && /[A-Za-z_]/.test(range) ? range.replaceAll(' ', '') : undefined,
    comment: comment === '' ? undefined : comment,
  }
}

type Stored = Pick<ModuleDescription, 'top'> & Outside

/** A damaged entry counts as absent. */
function readEntry(path: string): Stored | undefined {
  try {
    const [digest, text] = readFileSync(path, 'utf8').split('\n', 2)
    return digest === sha256(text!) ? (JSON.parse(text!) as Stored) : undefined
  } catch {
    return undefined
  }
}

function writeEntry(path: string, description: Stored): void {
  const text = JSON.stringify(description)
  try {
    mkdirSync(join(path, '..'), { recursive: true })
    const temporary = `${path}.${process.pid}`
    writeFileSync(temporary, `${sha256(text)}\n${text}`)
    renameSync(temporary, path)
  } catch {
    // without a cache it is only slower
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
