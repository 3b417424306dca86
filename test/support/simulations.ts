import { compileVerilog, Simulation } from '../../sim/verilog/index.ts'
import { coreFiles, triggerFile } from './hdl-files.ts'

/** One module of hdl/trigger in the simulator, after reset where it has one. */
export async function simulateStage(
  top: string,
  parameters: Record<string, number> = {},
): Promise<Simulation> {
  const files = [top, ...(submodules[top] ?? [])].map(triggerFile)
  const simulation = new Simulation(await compileVerilog(files, { top, parameters }))
  if (simulation.ports.has('rst')) {
    simulation.set('rst', 1)
    simulation.step(2)
    simulation.set('rst', 0)
  }
  return simulation
}

const submodules: Readonly<Record<string, readonly string[]>> = {
  log2: ['log2_table'],
  common_mode: ['row_mean'],
  cluster_features: ['log2', 'log2_table'],
}

/** The whole core in the simulator, not reset yet. */
export async function simulateCore(parameters: Record<string, number> = {}): Promise<Simulation> {
  return new Simulation(await compileVerilog(coreFiles, { top: 'gemgate_core', parameters }))
}
