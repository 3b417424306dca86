import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'
import { compiled } from './compiled.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ReturnType<typeof spawn>
  readonly finished: Promise<Finished>
}

/** Runs the gemgate command as a user of the package would, in `folder`. */
export function gemgate(folder: string, ...args: string[]): Promise<Finished> {
  return start(folder, args).finished
}

/** The same, with the process at hand. */
export function start(folder: string, args: readonly string[]): Started {
  return startNode(folder, [compiled('src/cli/main.ts'), ...args])
}

/** The command as in a checkout: TypeScript, through tsx. */
export function gemgateFromSources(folder: string, ...args: string[]): Promise<Finished> {
  const main = join(packageRoot, 'src/cli/main.ts')
  return startNode(folder, ['--import', import.meta.resolve('tsx'), main, ...args]).finished
}

function startNode(folder: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (data) => {
    stdout += data
  })
  child.stderr!.on('data', (data) => {
    stderr += data
  })
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, finished }
}
