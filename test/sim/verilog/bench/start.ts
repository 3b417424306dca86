import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import {
  type Dut,
  type DutOptions,
  type SimulationOptions,
  simulate,
  type VerilogOptions,
} from '../../../../sim/verilog/index.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** A design of this folder's hdl, or of the project's, for one test. */
export async function start(
  file: string,
  options: VerilogOptions & SimulationOptions & DutOptions = {},
): Promise<Dut> {
  const path = file.includes('/') ? `${root}${file}` : `${root}test/sim/verilog/bench/hdl/${file}`
  const top = file.replace(/^.*\/|\.sv$/g, '')
  const dut = await simulate(path, { top, ...options })
  onTestFinished(() => dut.close())
  return dut
}
