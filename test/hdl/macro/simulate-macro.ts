import { type Dut, simulate } from '../../../sim/verilog/index.ts'

/** What the modules of hdl/macro are made of. */
const parts: Readonly<Record<string, readonly string[]>> = {
  macro_filter: ['line_memory'],
  macro_registers: ['register_memory'],
  cluster_processor: ['cluster_program', 'line_memory'],
}

/** One module of hdl/macro, after reset. */
export async function simulateMacro(top: string, parameters: Record<string, number> = {}): Promise<Dut> {
  const files = [top, ...(parts[top] ?? [])].map((name) => `hdl/macro/${name}.sv`)
  const dut = await simulate(files, { top, parameters })
  await dut.applyReset()
  return dut
}
