import { SimulatedNetwork } from '../../sim/network/simulated-network.ts'
import { allFiles } from '../../src/network/hardware/library-files.ts'
import { type CompiledNetwork, compileNetwork, readOnnx } from '../../src/network/index.ts'
import { synthesize } from '../../src/toolchain/synthesize.ts'
import type { Area } from '../recoil-hardware.ts'
import type { CnnShape } from './recoil-cnn.ts'

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

/** Clocks from the last macro-pixel of a picture to its last score, in the simulated Verilog. */
export async function simulatedClocks(
  { module }: CompiledNetwork,
  { size, outputs }: Pick<CnnShape, 'size' | 'outputs'>,
): Promise<number> {
  const simulated = await SimulatedNetwork.open(module, [1, size, size], [outputs])
  const { taken, made } = simulated.run([new Uint8Array(size * size)])
  return made[0]! - taken[0]!
}
