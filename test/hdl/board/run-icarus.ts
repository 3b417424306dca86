import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Runs the module `bench` of these files in Icarus Verilog, in an empty folder with `words.hex`.
 * @param words lines for $readmemh
 * @returns the lines that it prints
 * @throws Error when a file does not elaborate or the bench prints STUCK
 */
export function runIcarus(files: readonly string[], words: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-icarus-'))
  try {
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const
    writeFileSync(join(folder, 'words.hex'), `${words.join('\n')}\n`)
    execFileSync('iverilog', ['-g2012', '-s', 'bench', '-o', 'bench.vvp', ...files], options)
    const lines = execFileSync('vvp', ['-n', 'bench.vvp'], options).split('\n')
    if (lines.includes('STUCK')) throw new Error('the bench did not come to its end')
    return lines
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
