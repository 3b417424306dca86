import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { root } from '../../support/hdl-files.ts'

export const linkFiles: readonly string[] = verilogFiles(`${root}hdl/link`)

const alone = /^(uart|hdlc|records|crc32|core)/

/** A module of hdl/link in the simulator, after reset. */
export async function simulateLink(
  top: string,
  parameters: Record<string, number | bigint> = {},
): Promise<Simulation> {
  // Only link_* and slots are made of other modules; the fewer files, the faster the compiler.
  const files = alone.test(top) ? linkFiles.filter((path) => path.endsWith(`/${top}.sv`)) : linkFiles
  const simulation = new Simulation(await compileVerilog(files, { top, parameters }))
  if (simulation.ports.has('rst')) {
    simulation.set('rst', 1)
    simulation.step(4)
    simulation.set('rst', 0)
  }
  return simulation
}
