import { expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { identification } from '../../../src/link/carriers/identification.ts'
import { recordMagic } from '../../../src/link/protocol.ts'
import { root } from '../../support/hdl-files.ts'

const build = 0x1234_5678_9abc_def0n

async function start(): Promise<Dut> {
  const dut = await simulate(`${root}hdl/board/identification.sv`, {
    top: 'identification',
    parameters: { BUILD: build },
  })
  dut.in['rst'] = 1
  await dut.clock(2)
  Object.assign(dut.in, { rst: 0, s_axil_bready: 1, s_axil_rready: 1, s_axil_wstrb: 15 })
  return dut
}

async function read(dut: Dut, address: number): Promise<number> {
  Object.assign(dut.in, { s_axil_araddr: address, s_axil_arvalid: 1 })
  await dut.until(() => dut.out['s_axil_arready'] === 1, 10)
  await dut.clock()
  dut.in['s_axil_arvalid'] = 0
  await dut.until(() => dut.out['s_axil_rvalid'] === 1, 10)
  const data = Number(dut.out['s_axil_rdata'])
  expect(dut.out['s_axil_rresp']).toBe(0)
  await dut.clock()
  return data
}

/** Address and data may come in any order. */
async function write(dut: Dut, address: number, value: number, late: 'address' | 'data'): Promise<void> {
  Object.assign(dut.in, { s_axil_awaddr: address, s_axil_wdata: value })
  dut.in[late === 'address' ? 's_axil_wvalid' : 's_axil_awvalid'] = 1
  await dut.clock(3)
  expect(dut.out['s_axil_bvalid']).toBe(0)
  Object.assign(dut.in, { s_axil_awvalid: 1, s_axil_wvalid: 1 })
  await dut.clock()
  Object.assign(dut.in, { s_axil_awvalid: 0, s_axil_wvalid: 0 })
  expect(dut.out['s_axil_bvalid']).toBe(1)
  await dut.clock()
}

it('says magic and build id, and holds the link engine in reset when told to', async () => {
  const dut = await start()
  expect(await read(dut, identification.magic)).toBe(recordMagic)
  expect(await read(dut, identification.buildLow)).toBe(Number(build & 0xffffffffn))
  expect(await read(dut, identification.buildHigh)).toBe(Number(build >> 32n))
  expect(await read(dut, identification.control)).toBe(0)
  await write(dut, identification.control, 0xffffffff, 'address')
  expect([dut.out['engine_reset'], await read(dut, identification.control)]).toEqual([1, 1])
  await write(dut, identification.buildLow, 0, 'data')
  expect(dut.out['engine_reset']).toBe(1)
  await write(dut, identification.control, 0, 'data')
  expect([dut.out['engine_reset'], await read(dut, identification.control)]).toEqual([0, 0])
  for (const address of [16, 20, 4092]) expect(await read(dut, address)).toBe(0)
  expect(await read(dut, identification.buildLow)).toBe(Number(build & 0xffffffffn))
})
