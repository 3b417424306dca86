import { describe, expect, it } from 'vitest'
import { simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { log2 } from '../../../src/trigger/log2.ts'

const sources = ['hdl/trigger/log2.sv', 'hdl/trigger/log2_table.sv']

describe('log2.sv', () => {
  it('is combinational, in units of 1/256, and 0 for 0', async () => {
    const dut = await simulate(sources)
    for (const value of [1024, 3, 2 ** 52 + 1]) {
      dut.in.value = BigInt(value)
      expect(Number(dut.out.result) / 256).toBeCloseTo(Math.log2(value), 2)
    }
    dut.in.value = 0n
    expect(dut.out.result).toBe(0)
  })

  it('equals log2() for 20000 numbers of every size, and around every power of two', async () => {
    const dut = await simulate(sources)
    const random = new Random(1)
    const numbers = Array.from({ length: 20000 }, () =>
      Math.floor(2 ** random.integer(53) * (1 + random.uniform())),
    )
    for (let e = 0; e < 53; e++) numbers.push(2 ** e, 2 ** e - 1, 2 ** e + 1)
    numbers.push(2 ** 53 - 1)
    for (let mantissa = 0; mantissa < 128; mantissa++) numbers.push((128 + mantissa) * 2 ** 45)
    const found = numbers.map((value) => {
      dut.in.value = BigInt(value)
      return [value, dut.out.result]
    })
    expect(found).toEqual(numbers.map((value) => [value, log2(value)]))
  })
})
