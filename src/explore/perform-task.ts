import { GemgateError } from '../core/errors.ts'
import { allFiles, type CompiledNetwork, compileNetwork, readOnnx } from '../network/index.ts'
import { synthesize } from '../toolchain/synthesize.ts'
import { sha256 } from './point-store.ts'
import type { HardwareSettings } from './settings.ts'
import type { Study } from './study.ts'
import type { Estimate, ExploreResults, ExploreTask, Outcome, Synthesis } from './tasks.ts'

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
      return estimate(task.onnx, task.hardware)
    case 'synthesize':
      return count(task)
  }
}

/** The usual compiler with the usual search: the Verilog that `network compile` would write. */
function compile(onnx: string, hardware: HardwareSettings): Promise<CompiledNetwork> {
  return compileNetwork(readOnnx(Buffer.from(onnx, 'base64')), {
    name: 'explored',
    architecture: hardware.architecture,
    ...(hardware.architecture === 'unrolled'
      ? { levelsPerStage: hardware.levels, lutBudget: Number.POSITIVE_INFINITY }
      : { reuse: hardware.reuse ?? Number.MAX_SAFE_INTEGER }),
  })
}

async function estimate(onnx: string, hardware: HardwareSettings): Promise<Estimate> {
  const { module } = await compile(onnx, hardware)
  const { luts, ffs, dsps, brams } = module.resources
  return {
    luts: Math.round(luts),
    ffs: Math.round(ffs),
    dsps,
    brams,
    clocks: module.latency,
    interval: module.interval,
    verilog: sha256(JSON.stringify([...(await allFiles(module))])),
  }
}

async function count({
  onnx,
  hardware,
  family,
}: Extract<ExploreTask, { do: 'synthesize' }>): Promise<Synthesis> {
  const { module } = await compile(onnx, hardware)
  const { cells: _, ...counted } = await synthesize(await allFiles(module), module.name, family)
  return counted
}
