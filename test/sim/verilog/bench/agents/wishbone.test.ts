import { describe, expect, it } from 'vitest'
import { WishboneMaster } from '../../../../../sim/verilog/index.ts'
import { start } from '../start.ts'

describe.each([
  ['classic', 0],
  ['pipelined', 1],
])('Wishbone, %s', (_, PIPELINED) => {
  it.each([0, 0.5])('reads and writes, pausing with %d', async (stall) => {
    const dut = await start('wishbone_memory.sv', { parameters: { PIPELINED } })
    const master = new WishboneMaster(dut, 'wb', { stall, pipelined: PIPELINED === 1 })
    await Promise.all(Array.from({ length: 20 }, (_, i) => master.write(i, i * 0x01010101)))
    const time = dut.time
    const words = await Promise.all(Array.from({ length: 20 }, (_, i) => master.read(i)))
    expect(words).toEqual(Array.from({ length: 20 }, (_, i) => i * 0x01010101))
    // three of four clocks carry a request, or every second one
    if (stall === 0) expect(dut.time - time).toBeLessThan(PIPELINED ? 30 : 42)
    await master.write(3, 0xffffffff, { select: 0b1000 })
    expect(await master.read(3)).toBe(0xff030303)
    expect(dut.in['wb_cyc_i']).toBe(0)
  })

  it('names errors', async () => {
    const dut = await start('wishbone_memory.sv', { parameters: { PIPELINED } })
    const master = new WishboneMaster(dut, 'wb', { pipelined: PIPELINED === 1 })
    await expect(master.read(70)).rejects.toThrow(
      expect.objectContaining({ code: 'GG_BUS', message: expect.stringContaining('read of 0x46 on wb') }),
    )
    await expect(master.write(200, 1)).rejects.toThrow('write to 0xc8 on wb was answered with err')
    expect(() => new WishboneMaster(dut, 'bus')).toThrow('no input bus_cyc')
  })
})
