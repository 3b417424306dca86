import { allFiles } from '../../src/network/hardware/library-files.ts'
import { type CompiledNetwork, compileNetwork, readOnnx } from '../../src/network/index.ts'
import { synthesize } from '../../src/toolchain/synthesize.ts'
import type { Area } from '../recoil-hardware.ts'

/** The network in logic: a picture goes in pixel by pixel, one per clock, picture after picture. */
export function cnnHardware(onnx: Uint8Array): Promise<CompiledNetwork> {
  return compileNetwork(readOnnx(onnx), {
    oracle: 'qdq-float',
    name: 'recoil_cnn',
    architecture: 'streaming',
  })
}

/** Its logic on an ECP5 by Yosys, not placed. */
export async function cnnArea({ module }: CompiledNetwork): Promise<Area> {
  const { cells: _, ...area } = await synthesize(await allFiles(module), module.name, 'ecp5')
  return area
}
