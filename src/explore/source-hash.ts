import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { packageRoot } from '../core/package-root.ts'

/**
 * SHA-256 over files, and over everything in folders: names as seen from the package's folder, lengths and contents, in
 * the order of the names.
 */
export function sourceHash(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of [...new Set(paths.flatMap(filesIn))].sort()) {
    const content = readFileSync(path)
    hash.update(`${relative(packageRoot, path)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)))
}

/** Imports with and without names, and what is handed on; types decide no result. */
const statement =
  /^(?:import|export)\s+(?!type\b)(?:((?:[\w$]+,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)?)\s+from\s+)?['"](\.[^'"]+)['"]/gm
/** Modules that are loaded later, and those of threads; not in comments. */
const later = /^(?!\s*(?:\*|\/)).*\b(?:import|new URL)\(\s*['"](\.[^'"]+\.[jt]s)['"]/gm

/**
 * Paths of a module and of all modules that it stands on, installed packages left out. Of an `index` file, which only
 * hands on, count the modules behind the names that are used.
 * @param module URL
 */
export function modulesBehind(module: string): string[] {
  const found = new Set<string>()
  const visit = (url: string, used?: ReadonlySet<string>): void => {
    const index = /\/index\.[jt]s$/.test(url)
    const path = sourcePath(url)
    if (found.has(path)) return
    if (!index) found.add(path)
    const text = readFileSync(path, 'utf8')
    for (const [, clause, target] of text.matchAll(statement)) {
      const names = namesOf(clause ?? '')
      const wanted = names?.filter(([, outside]) => !index || (used?.has(outside) ?? true))
      if (wanted?.length !== 0)
        visit(new URL(target!, url).href, wanted && new Set(wanted.map(([name]) => name)))
    }
    for (const [, target] of text.matchAll(later)) visit(new URL(target!, url).href)
  }
  visit(pathToFileURL(fileURLToPath(module)).href)
  return [...found]
}

/** In the built package a name that the compiler did not see, as in `new URL('./worker.ts', ...)`, means the .js file. */
function sourcePath(url: string): string {
  const path = fileURLToPath(url)
  return existsSync(path) ? path : path.replace(/\.ts$/, '.js')
}

/** Names inside and outside the imported module, types left out; undefined when it is all of it: `*`, `'./a.ts'`. */
function namesOf(clause: string): [inside: string, outside: string][] | undefined {
  const list = /\{([^}]*)\}/.exec(clause)?.[1]
  return list
    ?.split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('type '))
    .map((entry) => {
      const [inside, outside = inside] = entry.split(/\s+as\s+/)
      return [inside!, outside!]
    })
}
