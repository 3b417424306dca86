import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { GemgateError } from '../../../src/core/errors.ts'
import type { FileTree } from './yosys.ts'

/** All files of a compilation, under the names that Yosys uses for them. */
export interface SourceSet {
  /** Path in the tree -> content, in a fixed order. */
  readonly files: ReadonlyMap<string, string>
  readonly sources: readonly string[]
  readonly includes: readonly string[]
  readonly userPath: (path: string) => string
}

/** Reads the sources and everything they include or read with `$readmem`. */
export function readSources(
  paths: readonly string[],
  includeFolders: readonly string[],
  extra: Readonly<Record<string, string>>,
): SourceSet {
  const files = new Map<string, string>(Object.entries(extra).map(([name, text]) => [inTree(name), text]))
  const userPaths = new Map<string, string>()
  const folders = includeFolders.map((folder) => resolve(folder))
  const pending: string[] = []
  const add = (path: string, shown: string): string => {
    const name = treePath(path)
    if (files.has(name)) return name
    userPaths.set(name, shown)
    files.set(name, readFileSync(path, 'utf8'))
    pending.push(path)
    return name
  }
  const sources = paths.map((path) => {
    if (inTree(path) in extra || path in extra) return inTree(path)
    const absolute = resolve(path)
    if (!isFile(absolute))
      throw new GemgateError(
        'GG_FILE_NOT_FOUND',
        `the Verilog file ${path} does not exist`,
        'Check the path.',
        {
          file: path,
        },
      )
    return add(absolute, path)
  })
  /** Which file stands under a name at the root of the tree. */
  const roots = new Map<string, string>()
  const search = (name: string, from: string) =>
    [dirname(from), ...folders, process.cwd()].map((folder) => resolve(folder, name)).find(isFile)
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const name of referenced(files.get(treePath(path))!)) {
      const found = search(name, path)
      const taken = roots.get(inTree(name))
      if (
        taken !== undefined &&
        found !== undefined &&
        readFileSync(found, 'utf8') !== files.get(inTree(name))
      )
        throw ambiguous(name, taken, found, path)
      if (files.has(inTree(name)) || !found) continue
      add(found, relative(process.cwd(), found))
      // Yosys looks in its working folder, the root of the tree, before anywhere else
      if (!isAbsolute(name) && !name.includes('..')) {
        files.set(inTree(name), files.get(treePath(found))!)
        roots.set(inTree(name), found)
      }
    }
  }
  return {
    files,
    sources,
    includes: folders.map(treePath),
    userPath: (path) => userPaths.get(path) ?? path,
  }
}

/** Yosys sees one file per name at its root: two different ones would be mixed up without a word. */
function ambiguous(name: string, one: string, other: string, from: string): GemgateError {
  return new GemgateError(
    'GG_VERILOG_UNSUPPORTED',
    `"${name}" means ${relative(process.cwd(), one)} in one file and ${relative(process.cwd(), other)} in another`,
    'Give the included files different names.',
    { file: from },
  )
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

function inTree(name: string): string {
  return isAbsolute(name) ? treePath(name) : join(name)
}

/** Absolute paths live below one folder, so that relative names cannot meet them. */
function treePath(path: string): string {
  const plain = path.replace(/^[A-Za-z]:/, '').replaceAll('\\', '/')
  return join('files', plain).replaceAll('\\', '/')
}

/** Names of files in a source: included ones, and strings that look like data for `$readmem`. */
function referenced(text: string): string[] {
  const patterns = [/`include\s+"([^"\n]+)"/g, /\$readmem[hb]\s*\(\s*"([^"\n]+)"/g, /"([^"\n%]+\.\w{2,5})"/g]
  return [...new Set(patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]!)))]
}

/** The nested form that Yosys takes. */
export function fileTree(files: ReadonlyMap<string, string>): FileTree {
  const tree: FileTree = {}
  for (const [path, text] of files) {
    let folder = tree
    for (const part of dirname(path).split('/')) {
      if (part === '.') continue
      folder[part] ??= {}
      folder = folder[part] as FileTree
    }
    folder[basename(path)] = text
  }
  return tree
}
