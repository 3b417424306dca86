import { GemgateError } from '../core/errors.ts'

/** Files as the tools see them: folders are nested objects. */
export interface ToolFiles {
  [name: string]: ToolFiles | string | Uint8Array
}

/** The nested form of files by path. */
export function toolTree(sources: Iterable<readonly [string, string]>): ToolFiles {
  const files: ToolFiles = {}
  for (const [path, text] of sources) {
    let folder = files
    const parts = path.split('/')
    const name = parts.pop()!
    for (const part of parts) folder = (folder[part] ??= {}) as ToolFiles
    folder[name] = text
  }
  return files
}

/** A tool of YoWASP: arguments and files in, files out. */
export type ToolCommand = (
  args: string[],
  files: ToolFiles,
  options: {
    readonly stdout: (bytes: Uint8Array | null) => void
    readonly stderr: (bytes: Uint8Array | null) => void
    readonly decodeASCII?: boolean
  },
) => Promise<ToolFiles> | ToolFiles | undefined

export interface ToolRun {
  readonly name: string
  readonly args: string[]
  readonly files: ToolFiles
  /** Hears every whole line that the tool prints. */
  readonly onLine?: (line: string) => void
  /** Outputs stay bytes. */
  readonly binary?: boolean
}

/**
 * Runs a tool that was compiled to WebAssembly; it holds its thread until it ends.
 * @returns the files that it left
 * @throws GemgateError GG_BUILD with its last error; `explain` may say it better, from the lines of the log
 */
export async function runTool(
  command: ToolCommand,
  { name, args, files, onLine, binary = false }: ToolRun,
  explain: (lines: readonly string[]) => string | undefined = () => undefined,
): Promise<ToolFiles> {
  const lines: string[] = []
  const collect = (): ((bytes: Uint8Array | null) => void) => {
    const decoder = new TextDecoder()
    let rest = ''
    return (bytes) => {
      if (bytes === null) return
      const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n')
      rest = parts.pop()!
      for (const line of parts) {
        lines.push(line)
        onLine?.(line)
      }
    }
  }
  try {
    const left = await command(args, files, { stdout: collect(), stderr: collect(), decodeASCII: !binary })
    if (left !== undefined) return left
  } catch (cause) {
    // the rejection may carry all files: only its words are kept
    const what = cause instanceof Error ? cause.message : String(cause)
    throw failure(name, explain(lines) ?? lastErrors(lines) ?? what)
  }
  throw failure(name, 'it left no files')
}

function failure(name: string, what: string): GemgateError {
  return new GemgateError(
    'GG_BUILD',
    `${name} failed: ${what}`,
    'Correct the sources or the constraints of the board; nothing was written.',
  )
}

/** The last lines that tell of an error, in one line. */
function lastErrors(lines: readonly string[]): string | undefined {
  const errors = lines.filter((line) => /\bERROR\b|^terminate|Assertion/.test(line)).slice(-3)
  return errors.length === 0 ? undefined : errors.map((line) => line.trim()).join('; ')
}
