import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const paths = new Map(
  ['hdl/link', 'hdl/macro', 'hdl/network', 'hdl/trigger', 'hdl/classifier', 'hdl/board']
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.sv'))
    .map((path) => [basename(path, '.sv'), path]),
)

/** Names of all modules in hdl/: one per file. */
export const hdlModules: readonly string[] = [...paths.keys()].sort()

export function hdlText(module: string): string {
  return readFileSync(paths.get(module)!, 'utf8')
}

/** The files of a module and of everything that it instantiates. */
export function hdlFiles(...modules: string[]): string[] {
  const found = new Set<string>()
  const pending = [...modules]
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    if (found.has(module)) continue
    found.add(module)
    const words = hdlText(module)
      .replace(/\/\/.*$/gm, '')
      .matchAll(/^\s*(\w+)\s+(?:#\(|\w+\s*\()/gm)
    for (const [, word] of words) if (paths.has(word!)) pending.push(word!)
  }
  return [...found].map((module) => paths.get(module)!)
}
