import { type Dut, simulate } from '../../sim/verilog/index.ts'
import { coreFiles } from './hdl-files.ts'

/** The whole core in the simulator, not reset yet. */
export function simulateCore(parameters: Record<string, number> = {}): Promise<Dut> {
  return simulate(coreFiles, { top: 'gemgate_core', parameters })
}
