/** A Verilog simulator: SystemVerilog to WebAssembly, cycle by cycle, two-state. */
export { type CompiledDesign, compileVerilog, type VerilogOptions } from './compile.ts'
export type { MemoryInfo, Port, PortDirection, Probe } from './compiler/layout.ts'
export { type Dut, dutOf, simulate } from './dut.ts'
export type { CheckInfo, EngineDesign, EngineInstance, EngineName, SystemTasks } from './engine.ts'
export {
  Simulation,
  type SimulationObserver,
  type SimulationOptions,
  type Violation,
} from './simulation.ts'
