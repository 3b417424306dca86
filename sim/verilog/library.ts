import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * Adds the files of modules and packages that the sources use: NAME.sv or NAME.v in one of the folders, as with
 * Verilator's -y. What a file needs comes before it.
 * @param sources paths; those that do not exist are left for the compiler to name
 */
export function withLibrary(sources: readonly string[], folders: readonly string[]): string[] {
  const ordered: string[] = []
  const given = new Map(sources.map((path) => [resolve(path), path]))
  const visited = new Set<string>()
  const visit = (path: string): void => {
    const absolute = resolve(path)
    if (visited.has(absolute)) return
    visited.add(absolute)
    if (isFile(path)) for (const name of usedNames(readFileSync(path, 'utf8'))) visitName(name)
    ordered.push(given.get(absolute) ?? path)
  }
  const visitName = (name: string): void => {
    if ([...given.keys()].some((path) => basename(path).replace(/\.s?v$/, '') === name)) return
    const found = folders
      .flatMap((folder) => [join(folder, `${name}.sv`), join(folder, `${name}.v`)])
      .find(isFile)
    if (found !== undefined) visit(found)
  }
  for (const path of sources) visit(path)
  return ordered
}

/** The folders of the sources themselves, where their parts usually lie. */
export function foldersOf(sources: readonly string[]): string[] {
  return [...new Set(sources.map((path) => dirname(path)))]
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

/** Names that may be modules or packages: an instantiation `name #(`, `name instance`, or `name::`. */
function usedNames(text: string): Set<string> {
  const plain = text.replace(/"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*.*?\*\//gs, ' ')
  const own = new Set([...plain.matchAll(/\b(?:module|package)\s+(\w+)/g)].map(([, name]) => name!))
  const used = [...plain.matchAll(/(?<![\w$.`\\])([A-Za-z_]\w*)(?=\s*(?:::|#|\s[A-Za-z_\\]))/g)].map(
    ([, name]) => name!,
  )
  return new Set(used.filter((name) => !own.has(name)))
}
