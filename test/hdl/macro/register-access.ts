import type { Dut } from '../../../sim/verilog/index.ts'

/**
 * One access on the register bus of macro_core: writes `value`, or reads without one.
 * @returns the value read; 0 for a write
 * @throws GemgateError GG_SIM_TIMEOUT when the access does not end
 */
export async function access(dut: Dut, address: number, value?: number): Promise<number> {
  Object.assign(dut.in, {
    reg_valid: 1,
    reg_write: Number(value !== undefined),
    reg_address: address,
    reg_write_data: value ?? 0,
  })
  await dut.clock()
  await dut.until('reg_ready', 1000)
  const data = Number(dut.out.reg_read_data)
  await dut.clock()
  dut.in.reg_valid = 0
  return value === undefined ? data : 0
}
