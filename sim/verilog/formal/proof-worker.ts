import { GemgateError } from '../../../src/core/errors.ts'
import { serveTasks } from '../../../src/core/serve-tasks.ts'
import { rewriteFiles } from '../compiler/rewrite-files.ts'
import { fileTree } from '../compiler/sources.ts'
import { synthesize } from '../compiler/yosys.ts'
import type { Failure, ProofAnswer, ProofProgress, ProofTask } from './proof-task.ts'
import { search } from './search.ts'

// One thread that proves: Yosys blocks it, and ending the thread is the only way to stop a proof.

serveTasks<ProofTask, ProofAnswer | { readonly failure: Failure }, ProofProgress>(async (task, report) => {
  report({ started: true })
  const { files, sources, includes, top, parameters, defines } = task
  try {
    const rewritten = rewriteFiles(new Map(files), sources)
    const rtlil = await synthesize({
      tree: fileTree(rewritten.files),
      refusals: rewritten.refusals,
      sources,
      includes,
      cells: undefined,
      top,
      parameters,
      defines,
      keepSignals: false,
      userPath: (path) => path,
    })
    return await search(rtlil, task, report)
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    const { code, message, remedy, file, line } = error
    return {
      failure: {
        code,
        message,
        remedy,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { line }),
      },
    }
  }
})
