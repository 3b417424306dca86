import { expect, it } from 'vitest'
import { AxiLiteMaster, type Dut, simulate } from '../../../sim/verilog/index.ts'
import { identification } from '../../../src/link/carriers/identification.ts'
import { recordMagic } from '../../../src/link/protocol.ts'

const build = 0x1234_5678_9abc_def0n

async function identificationUnit(): Promise<Dut> {
  const dut = await simulate('hdl/board/identification.sv', { parameters: { BUILD: build } })
  await dut.applyReset()
  return dut
}

it('says magic and build id, and holds the link engine in reset when told to', async () => {
  const dut = await identificationUnit()
  const bus = new AxiLiteMaster(dut, 's_axil')
  expect(await bus.read(identification.magic)).toBe(recordMagic)
  expect(await bus.read(identification.buildLow)).toBe(Number(build & 0xffffffffn))
  expect(await bus.read(identification.buildHigh)).toBe(Number(build >> 32n))
  expect(await bus.read(identification.control)).toBe(0)
  await bus.write(identification.control, 0xffffffff)
  expect([dut.out.engine_reset, await bus.read(identification.control)]).toEqual([1, 1])
  await bus.write(identification.buildLow, 0)
  expect(dut.out.engine_reset).toBe(1)
  await bus.write(identification.control, 0)
  expect([dut.out.engine_reset, await bus.read(identification.control)]).toEqual([0, 0])
  for (const address of [16, 20, 4092]) expect(await bus.read(address)).toBe(0)
  expect(await bus.read(identification.buildLow)).toBe(Number(build & 0xffffffffn))
})

it('is the same register at every pace of the five channels', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const dut = await identificationUnit()
    const bus = new AxiLiteMaster(dut, 's_axil', { stall: 0.6, seed })
    for (const value of [1, 0, 1]) {
      await bus.write(identification.control, value)
      expect(await bus.read(identification.control)).toBe(value)
      expect(dut.out.engine_reset).toBe(value)
    }
    expect(await bus.read(identification.magic)).toBe(recordMagic)
  }
})

it.each([
  ['s_axil_wvalid', 's_axil_awvalid'],
  ['s_axil_awvalid', 's_axil_wvalid'],
])('waits with a write that has only %s, for %s', async (first, second) => {
  const dut = await identificationUnit()
  Object.assign(dut.in, { s_axil_awaddr: identification.control, s_axil_wdata: 1, s_axil_wstrb: 15 })
  Object.assign(dut.in, { [first]: 1, s_axil_bready: 1 })
  await dut.clock(3)
  expect(dut).toOutput({ s_axil_bvalid: 0, engine_reset: 0 })
  dut.in[second] = 1
  await dut.clock()
  expect(dut).toOutput({ s_axil_bvalid: 1, engine_reset: 1 })
})
