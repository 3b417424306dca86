import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the gemgate package, from sources as well as from dist. */
export const packageRoot: string = find(dirname(fileURLToPath(import.meta.url)))

function find(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = join(at, 'package.json')
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'gemgate') return at
    if (dirname(at) === at) return folder
  }
}

/** The version in package.json. */
export const packageVersion: string = JSON.parse(
  readFileSync(join(packageRoot, 'package.json'), 'utf8'),
).version
