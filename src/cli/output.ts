import { describeError, GemgateError } from '../core/errors.ts'
import type { FrameFailure } from '../frame/read-frames.ts'

/** Exit codes of every command. */
export const exitCode = { done: 0, failed: 1, usage: 2 } as const

/** What a command says: text for people, or with --json one document on standard output. */
export class Output {
  readonly json: boolean

  constructor(json: boolean) {
    this.json = json
  }

  /** A line for people. */
  text(line: string): void {
    if (!this.json) process.stdout.write(`${line}\n`)
  }

  /** A file that was not processed, with what to do about it. */
  failure({ file, code, message, remedy }: FrameFailure): void {
    this.text(`not processed: ${file}: ${code} ${message}. ${remedy ?? ''}`)
  }

  /** The result, for programs. */
  result(document: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(document)}\n`)
  }
}

/**
 * Runs a command's work: prints failures with code and remedy, sets the exit code, and turns the first
 * Ctrl-C into an abort signal so that the work can end in order; the second ends the process.
 */
export async function perform(
  json: boolean,
  work: (output: Output, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController()
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(exitCode.failed)
    process.stderr.write('\nstopping; Ctrl-C again stops at once\n')
    abort.abort(new Interrupted())
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    await work(new Output(json), abort.signal)
  } catch (error) {
    fail(error, json)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** The reason of the abort signal after Ctrl-C. */
export class Interrupted extends Error {}

function fail(failure: unknown, json: boolean): void {
  const error = first(failure)
  if (error instanceof Interrupted) {
    process.stderr.write('interrupted\n')
    process.exitCode = exitCode.failed
    new Output(json).result({ interrupted: true })
    return
  }
  const known = error instanceof GemgateError
  process.exitCode = known && error.code === 'GG_USAGE' ? exitCode.usage : exitCode.failed
  process.stderr.write(`${known ? describeError(error) : `GG_INTERNAL: ${stack(error)}`}\n`)
  if (!json) return
  writeError(
    known
      ? error
      : {
          code: 'GG_INTERNAL',
          message: String(error),
          remedy: 'This is a bug in gemgate; please report it.',
        },
  )
}

/** What went wrong first, where closing what was open failed after it. */
function first(error: unknown): unknown {
  return error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error
    ? first(error.suppressed)
    : error
}

/** The JSON document of a failure; fields without a value are left out. */
export function writeError(error: {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly offset?: number | undefined
}): void {
  const { code, message, remedy, file, line, offset } = error
  process.stdout.write(`${JSON.stringify({ error: { code, message, remedy, file, line, offset } })}\n`)
}

/**
 * Nobody listens any more (a closed pipe): the work goes on without words. Anything else, a full disk for
 * example, makes the command fail at its end.
 */
export function surviveClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exitCode = exitCode.failed
    })
}

function stack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
