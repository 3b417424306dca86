/** A Verilog simulator: SystemVerilog to WebAssembly, cycle by cycle, two-state. */
export { AxiLiteMaster, type AxiLiteOptions, type AxiLiteWrite } from './bench/agents/axi-lite-master.ts'
export { AxiLiteSlave, type AxiLiteSlaveOptions } from './bench/agents/axi-lite-slave.ts'
export {
  AxiStreamMonitor,
  type AxiStreamMonitorOptions,
  AxiStreamSink,
  AxiStreamSource,
  type Packet,
  type PacketFields,
  type WaitOptions,
} from './bench/agents/axi-stream.ts'
export type { Beat, ChannelOptions } from './bench/agents/channel.ts'
export { type UartError, type UartOptions, UartRx, UartTx } from './bench/agents/uart.ts'
export { WishboneMaster, type WishboneOptions } from './bench/agents/wishbone-master.ts'
export type { ClockSetting } from './bench/clocks.ts'
export type { MemoryView } from './bench/memory-view.ts'
export type { PortAccess } from './bench/ports.ts'
export { onDut } from './bench/registry.ts'
export type { ResetOptions } from './bench/resets.ts'
export type { Process, Scheduler } from './bench/scheduler.ts'
export { Scoreboard, type ScoreboardOptions } from './bench/scoreboard.ts'
export type {
  Column,
  ItemArray,
  Items,
  SinkResult,
  SourceResult,
  StreamOptions,
  StreamPort,
  StreamResult,
  StreamSink,
  StreamSource,
} from './bench/stream/options.ts'
export type { Coroutine } from './bench/waits.ts'
export { type Comparison, type ComparisonOptions, compareEngines, type Difference } from './compare.ts'
export { type CompiledDesign, compileVerilog, type VerilogOptions } from './compile.ts'
export type { MemoryInfo, Port, PortDirection, Probe } from './compiler/layout.ts'
export type { Signal } from './compiler/trace.ts'
export { takeCoverage } from './coverage/collector.ts'
export type {
  BranchCoverage,
  Coverage,
  FileCoverage,
  SignalCoverage,
  StatementCoverage,
} from './coverage/coverage-data.ts'
export { type IstanbulFile, istanbulCoverage } from './coverage/istanbul.ts'
export { lcov } from './coverage/lcov.ts'
export { coverageSummary, type FileSummary, type Share } from './coverage/summary.ts'
export {
  type AnyPorts,
  Dut,
  type DutOptions,
  dutOf,
  type PortTypes,
  simulate,
  type UntilOptions,
} from './dut.ts'
export type { CheckInfo, EngineDesign, EngineInstance, EngineName, SystemTasks } from './engine.ts'
export { Counterexample } from './formal/counterexample.ts'
export type {
  CoverStatus,
  Proof,
  ProofStatus,
  ProvenAssert,
  Reachability,
  ReachedCover,
} from './formal/proof.ts'
export type { ProveOptions } from './formal/proof-options.ts'
export type { ResetSequence } from './formal/proof-task.ts'
export { prove, reach } from './formal/prove.ts'
export {
  Simulation,
  type SimulationObserver,
  type SimulationOptions,
  type Violation,
} from './simulation.ts'
export { designForWorker, designFromWorker, type TransferableDesign } from './transfer.ts'
export type { VerilatorOptions } from './verilator/tools.ts'
export type { ModuleOptions, VerilogModule } from './vitest/verilog-module.ts'
export { type Recording, type RecordOptions, record } from './waveform/recording.ts'
export { type WaveformOptions, waveform, writeVcd } from './waveform/waveform.ts'
export type { VcdOptions, VcdSummary } from './waveform/write-vcd.ts'
