import { spawn } from 'node:child_process'
import { GemgateError } from '../../../src/core/errors.ts'

/** What a program did. */
export interface Outcome {
  readonly status: number
  readonly output: string
}

/** Where the programs are, and how hard the C++ compiler tries. */
export interface VerilatorOptions {
  /** The program, by default the environment variable `VERILATOR`, else `verilator` on the path. */
  readonly verilator?: string
  /** The C++ compiler, by default the environment variable `CXX`, else `g++` on the path. */
  readonly compiler?: string
  /** Optimization of the C++ compiler, 0 to 3, default 2. Lower builds faster and runs slower. */
  readonly optimize?: 0 | 1 | 2 | 3
}

/**
 * Runs a program to its end.
 * @throws GemgateError GG_TOOL_MISSING if it is not installed
 */
export function runTool(program: string, args: readonly string[], folder = '.'): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.stderr.on('data', (part: Buffer) => parts.push(part))
    child.on('error', (cause) =>
      reject(
        new GemgateError(
          'GG_TOOL_MISSING',
          `the program ${program} cannot be started`,
          "The engine 'verilator' needs Verilator and a C++ compiler (Debian: apt install verilator g++); the engine 'wasm' needs neither.",
          { cause },
        ),
      ),
    )
    child.on('close', (code) => resolve({ status: code ?? 1, output: Buffer.concat(parts).toString() }))
  })
}

const versions = new Map<string, Promise<string>>()

/** The first line of `program --version`, asked once per process. */
export function versionOf(program: string): Promise<string> {
  const known = versions.get(program)
  if (known) return known
  const asked = runTool(program, ['--version']).then(({ output }) => output.split('\n')[0]!.trim())
  asked.catch(() => versions.delete(program))
  versions.set(program, asked)
  return asked
}
