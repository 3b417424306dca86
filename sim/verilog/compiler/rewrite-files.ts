import { type Refusal, rewriteVerilog } from './rewrite.ts'

export interface RewrittenFiles {
  readonly files: ReadonlyMap<string, string>
  /** By `path:line`: what to say if Yosys stops there. */
  readonly refusals: ReadonlyMap<string, Refusal>
}

const verilog = /\.(?:s?vh?|sva|h|inc)$/i

/** Puts all Verilog among the files into the form that Yosys reads; data stays as it is. */
export function rewriteFiles(files: ReadonlyMap<string, string>, sources: readonly string[]): RewrittenFiles {
  const refusals = new Map<string, Refusal>()
  const rewritten = new Map<string, string>()
  for (const [path, text] of files) {
    if (!verilog.test(path) && !sources.includes(path)) {
      rewritten.set(path, text)
      continue
    }
    const { text: result, refusals: own } = rewriteVerilog(text)
    rewritten.set(path, result)
    for (const [line, refusal] of own) refusals.set(`${path}:${line}`, refusal)
  }
  return { files: rewritten, refusals }
}
