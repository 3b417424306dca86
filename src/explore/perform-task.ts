import { GemgateError } from '../core/errors.ts'
import { allFiles } from '../network/index.ts'
import { synthesize } from '../toolchain/synthesize.ts'
import { compileLogic, estimateLogic } from './logic.ts'
import type { Study } from './study.ts'
import type { ExploreResults, ExploreTask, Outcome, Synthesis } from './tasks.ts'

/** Does a task; a network that has no such logic is an outcome, not a fault. */
export async function performTask(
  study: Study,
  task: ExploreTask,
): Promise<Outcome<ExploreResults[ExploreTask['do']]>> {
  try {
    return { result: await resultOf(study, task) }
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    return { failure: { code: error.code, message: error.message } }
  }
}

function resultOf(
  study: Study,
  task: ExploreTask,
): ExploreResults[ExploreTask['do']] | Promise<ExploreResults[ExploreTask['do']]> {
  switch (task.do) {
    case 'train': {
      const onnx = study.train(task.classifier)
      return { onnx: Buffer.from(onnx).toString('base64'), physics: study.score(onnx) }
    }
    case 'score':
      return study.score(Buffer.from(task.onnx, 'base64'))
    case 'trigger':
      return study.measureTrigger(task.choice)
    case 'estimate':
      return estimateLogic(task.onnx, task.hardware)
    case 'synthesize':
      return count(task)
  }
}

async function count({
  onnx,
  hardware,
  family,
}: Extract<ExploreTask, { do: 'synthesize' }>): Promise<Synthesis> {
  const module = await compileLogic(onnx, hardware)
  const { cells: _, ...counted } = await synthesize(await allFiles(module), module.name, family)
  return counted
}
