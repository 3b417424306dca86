import { expect, it } from 'vitest'
import { simulate } from '../../../sim/verilog/index.ts'

it('holds reset for more than 1024 clocks, once', async () => {
  const dut = await simulate('hdl/board/power_on_reset.sv')
  expect(await dut.until(() => dut.out.rst === 0, 5000)).toBe(2047)
  for (let clock = 0; clock < 5000; clock++) {
    await dut.clock()
    expect(dut.out.rst).toBe(0)
  }
})
