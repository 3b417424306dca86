import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'

/**
 * The files that a top module is made of, by name below the package, sorted: the file of the module and of every
 * module that it names, and so on. One module per file, file and module of one name; of several folders the first
 * that has the module wins, so that a board can replace a memory.
 * @param folders such as `hdl/link`, below `root`
 * @throws GemgateError GG_FILE_NOT_FOUND when the top module is in none of the folders
 */
export function sourceFiles(
  top: string,
  folders: readonly string[],
  root: string = packageRoot,
): ReadonlyMap<string, string> {
  const known = new Map<string, string>()
  for (const folder of [...folders].reverse())
    for (const name of readdirSync(join(root, folder)))
      if (name.endsWith('.sv')) known.set(name.slice(0, -3), `${folder}/${name}`)
  if (!known.has(top))
    throw new GemgateError('GG_FILE_NOT_FOUND', `there is no ${top}.sv`, `Folders: ${folders.join(', ')}.`)
  const found = new Map<string, string>()
  const pending = [top]
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    const name = known.get(module)!
    if (found.has(name)) continue
    const text = readSource(name, root)
    found.set(name, text)
    for (const word of words(text)) if (known.has(word)) pending.push(word)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A text of the package, with line ends as in the repository whatever the checkout made of them. */
export function readSource(name: string, root: string = packageRoot): string {
  return readFileSync(join(root, name), 'utf8').replaceAll('\r\n', '\n')
}

/** Identifiers outside comments and strings. */
function words(text: string): Set<string> {
  const plain = text.replace(/\/\/[^\n]*|\/\*.*?\*\/|"(?:\\.|[^"\\\n])*"/gs, ' ')
  return new Set(plain.match(/[A-Za-z_]\w*/g))
}
