import { allFiles } from '../src/network/hardware/library-files.ts'
import { type CompiledNetwork, compileNetwork, readOnnx } from '../src/network/index.ts'
import { type Family, families, type SynthesisCount, synthesize } from '../src/toolchain/synthesize.ts'

/** The folder of the generated classifier; it holds nothing else. */
export const classifierFolder = 'hdl/classifier'

/**
 * The classifier in the trigger logic, as hdl/trigger/recoil_trigger.sv instantiates it: each layer with one
 * multiplier, for a cluster comes seldom and a small board has few.
 */
export function recoilHardware(onnx: Uint8Array): Promise<CompiledNetwork> {
  const reuse = Number.MAX_SAFE_INTEGER
  return compileNetwork(readOnnx(onnx), {
    oracle: 'qdq-float',
    name: 'recoil_mlp',
    architecture: 'folded',
    reuse,
  })
}

/** The boosted trees, every one at once: as fast as features come. */
export function treesHardware(onnx: Uint8Array): Promise<CompiledNetwork> {
  return compileNetwork(readOnnx(onnx), {
    oracle: 'qdq-float',
    name: 'recoil_trees',
    architecture: 'unrolled',
  })
}

/** The generated files of the classifier in the trigger logic, by name. */
export async function recoilVerilog(onnx: Uint8Array): Promise<ReadonlyMap<string, string>> {
  return (await recoilHardware(onnx)).module.files
}

/** Logic without the cell types of the family. */
export type Area = Omit<SynthesisCount, 'cells'>

/** The logic of a network by Yosys, not placed. */
export async function logicArea({ module }: CompiledNetwork): Promise<Partial<Record<Family, Area>>> {
  const files = await allFiles(module)
  const areas: Partial<Record<Family, Area>> = {}
  for (const family of Object.keys(families) as Family[]) {
    const { cells: _, ...area } = await synthesize(files, module.name, family)
    areas[family] = area
  }
  return areas
}
