import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { root } from '../../support/hdl-files.ts'

/** What the modules of hdl/macro are made of, apart from the cluster processor. */
const submodules: Readonly<Record<string, readonly string[]>> = {
  macro_filter: ['line_memory'],
  macro_registers: ['register_memory'],
}

/** One module of hdl/macro in the simulator, after reset. */
export async function simulateMacro(
  top: string,
  parameters: Record<string, number> = {},
): Promise<Simulation> {
  const files = [top, ...(submodules[top] ?? [])].map((name) => `${root}hdl/macro/${name}.sv`)
  const simulation = new Simulation(await compileVerilog(files, { top, parameters }))
  simulation.set('rst', 1)
  simulation.step(2)
  simulation.set('rst', 0)
  return simulation
}
