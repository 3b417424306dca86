import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'

const builds = join(packageRoot, '.cache/gemgate/compiled')
const hour = 3_600_000

/**
 * Path of the compiled form of a source file of the repository. A process starts it in a quarter of a second; through tsx
 * it takes one to four. All sources are compiled at once, the first time and after each change.
 */
export function compiled(source: string): string {
  return join(currentBuild(), source.replace(/\.ts$/, '.js'))
}

function currentBuild(): string {
  const hash = createHash('sha256').update(readFileSync(join(packageRoot, 'tsconfig.json')))
  for (const folder of ['src', 'sim', 'bench', 'models', 'test'])
    for (const name of readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!name.endsWith('.ts')) continue
      const { size, mtimeMs } = statSync(join(packageRoot, folder, name))
      hash.update(`${name} ${size} ${mtimeMs}\n`)
    }
  const folder = join(builds, hash.digest('hex').slice(0, 32))
  if (!existsSync(folder)) compile(folder)
  return folder
}

function compile(folder: string): void {
  const part = join(builds, randomUUID())
  const compiler = join(packageRoot, 'node_modules/typescript/bin/tsc')
  const options = ['--noCheck', '--declaration', 'false', '--sourceMap', 'false', '--outDir', part]
  execFileSync(process.execPath, [compiler, '-p', packageRoot, ...options], { stdio: 'pipe' })
  try {
    renameSync(part, folder)
  } catch {
    // another worker was faster
    rmSync(part, { recursive: true })
  }
  for (const name of readdirSync(builds)) {
    const path = join(builds, name)
    if (Date.now() - statSync(path).mtimeMs > hour) rmSync(path, { recursive: true, force: true })
  }
}
