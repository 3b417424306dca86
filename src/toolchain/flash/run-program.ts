import { spawn } from 'node:child_process'
import { GemgateError } from '../../core/errors.ts'

export interface ProgramRun {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null
  /** The last megabyte of each stream. */
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  /** Longest run, ms; then it is killed. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
  /** Pieces of both streams as they come. */
  readonly onOutput?: (text: string) => void
}

const kept = 1 << 20
/** Milliseconds between the polite and the hard end of a program. */
const grace = 2000

/**
 * Runs an installed program with a list of arguments, without a shell and without input.
 * Its exit code is for the caller to judge, together with what it said.
 * @throws GemgateError GG_TOOL_MISSING when it is not installed, GG_FLASH when it does not end in time; the
 *   signal's reason after an abort, when the program has ended
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramRun> {
  const { limit, signal, onOutput } = options
  signal?.throwIfAborted()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      text[name] = (text[name] + piece).slice(-kept)
      onOutput?.(piece)
    })
  let late = false
  let hard: NodeJS.Timeout | undefined
  const end = (): void => {
    child.kill('SIGTERM')
    hard ??= setTimeout(() => {
      child.kill('SIGKILL')
      // A grandchild may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
    }, grace)
  }
  const timer = setTimeout(() => {
    late = true
    end()
  }, limit)
  signal?.addEventListener('abort', end)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    signal?.throwIfAborted()
    if (late)
      throw new GemgateError(
        'GG_FLASH',
        `${command} did not end within ${limit / 1000} s and was stopped`,
        'Unplug the board, plug it in again, and repeat.',
      )
    return { code, ...text }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES')
      throw new GemgateError(
        'GG_TOOL_MISSING',
        `${command} is not installed`,
        'Install it, or choose another --tool.',
        { cause: error },
      )
    throw error
  } finally {
    clearTimeout(timer)
    clearTimeout(hard)
    signal?.removeEventListener('abort', end)
  }
}

/** GG_FLASH with the reason and the last lines that the program said. */
export function programFailure(
  command: string,
  reason: string,
  run: ProgramRun,
  remedy: string,
): GemgateError {
  const said = `${run.stdout}\n${run.stderr}`
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^addr 0x|\d%/.test(line))
  const tail = said.slice(-4).join(' / ').slice(0, 400)
  return new GemgateError(
    'GG_FLASH',
    `${command}: ${reason}${tail === '' ? '' : ` (it said: ${tail})`}`,
    remedy,
  )
}
