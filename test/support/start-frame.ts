import type { Dut } from '../../sim/verilog/index.ts'

/** Gives a unit the settings of a frame, and `start` for one clock. */
export async function startFrame(
  dut: Dut,
  settings: Readonly<Record<string, number | bigint>> = {},
): Promise<void> {
  Object.assign(dut.in, settings, { start: 1 })
  await dut.clock()
  dut.in.start = 0
}
