import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the gemgate command as a user would, in `folder`. */
export function gemgate(folder: string, ...args: string[]): Promise<Finished> {
  return start(folder, args).finished
}

/** The same, with the process at hand. */
export function start(
  folder: string,
  args: readonly string[],
): { child: ReturnType<typeof spawn>; finished: Promise<Finished> } {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), join(packageRoot, 'src/cli/main.ts'), ...args],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
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
