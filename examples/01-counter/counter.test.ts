import { expect, test } from 'vitest'
import Counter from './counter.sv'

test('counts while it is enabled', async () => {
  const dut = await Counter.simulate({ parameters: { WIDTH: 4 } })
  dut.in.enable = 1
  await dut.clock(18)
  expect(dut.out.count).toBe(2)
  dut.in.rst = 1
  await dut.clock()
  expect(dut.out.count).toBe(0)
})
