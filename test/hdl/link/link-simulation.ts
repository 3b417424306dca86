import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { root } from '../../support/hdl-files.ts'

export const linkFiles: readonly string[] = verilogFiles(`${root}hdl/link`)

const alone = /^(uart|hdlc|records|crc32|core)/

/** A module of hdl/link, after reset where it has one. */
export async function simulateLink(
  top: string,
  parameters: Record<string, number | bigint> = {},
): Promise<Dut> {
  // Only link_* and slots are made of other modules; the fewer files, the faster the compiler.
  const files = alone.test(top) ? [`hdl/link/${top}.sv`] : linkFiles
  const dut = await simulate(files, { top, parameters })
  if (dut.simulation.ports.has('rst')) await dut.applyReset({ cycles: 4 })
  return dut
}
