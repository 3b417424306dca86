import { allFiles, compileNetwork, type HardwareModule, readOnnx } from '../network/index.ts'
import { sha256 } from './point-store.ts'
import type { HardwareSettings } from './settings.ts'
import type { Estimate } from './tasks.ts'

/** The usual compiler with the usual search: the Verilog that `network compile` would write. */
export async function compileLogic(onnx: string, hardware: HardwareSettings): Promise<HardwareModule> {
  const { module } = await compileNetwork(readOnnx(Buffer.from(onnx, 'base64')), {
    name: 'explored',
    architecture: hardware.architecture,
    ...(hardware.architecture === 'unrolled'
      ? { levelsPerStage: hardware.levels, lutBudget: Number.POSITIVE_INFINITY }
      : { reuse: hardware.reuse ?? Number.MAX_SAFE_INTEGER }),
  })
  return module
}

/** What the compiler says of a classifier's logic. */
export async function estimateLogic(onnx: string, hardware: HardwareSettings): Promise<Estimate> {
  const module = await compileLogic(onnx, hardware)
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
