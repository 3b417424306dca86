/** A Verilog simulator: SystemVerilog to WebAssembly, cycle by cycle, two-state. */
export { type CompiledDesign, compileVerilog, type VerilogOptions } from './compile.ts'
export { type Dut, dutOf, simulate } from './dut.ts'
export type { MemoryInfo, Port, PortDirection, Probe } from './layout.ts'
export { Simulation } from './simulation.ts'
