import { describe, expect, it } from 'vitest'
import { AxiLiteMaster, AxiLiteSlave, type Dut } from '../../../../../sim/verilog/index.ts'
import { start } from '../start.ts'

describe('AXI4-Lite', () => {
  it('master reads and writes the identification of a board, at any pace', async () => {
    const dut = await start('hdl/board/identification.sv', { parameters: { BUILD: "64'h0123456789abcdef" } })
    const fast = new AxiLiteMaster(dut, 's_axil')
    await dut.applyReset()
    const words = []
    for (let address = 0; address < 32; address += 4) words.push(await fast.read(address))
    expect(new Set(words).size).toBeGreaterThan(3)
    fast.detach()
    const slow = new AxiLiteMaster(dut, 's_axil', { stall: 0.7, seed: 8 })
    const again = await Promise.all(words.map((_, i) => slow.read(4 * i)))
    expect(again).toEqual(words)
    const { resp } = await slow.readResponse(0)
    expect(resp).toBe(0)
  })

  async function copier(options = {}): Promise<{ dut: Dut; slave: AxiLiteSlave }> {
    const dut = await start('lite_copy.sv')
    await dut.applyReset()
    const slave = new AxiLiteSlave(dut, 'm_axil', { size: 256, ...options })
    slave.memory.set(Array.from({ length: 64 }, (_, i) => i + 1))
    return { dut, slave }
  }

  async function copy(dut: Dut, from: number, to: number, length: number): Promise<void> {
    Object.assign(dut.in, { start: 1, from, to, length })
    await dut.clock()
    dut.in['start'] = 0
    await dut.until(() => dut.out['busy'] === 0, { limit: 2000 })
  }

  it('slave is a memory with strobes', async () => {
    for (const stall of [0, 0.6]) {
      const { dut, slave } = await copier({ stall })
      slave.memory.fill(0xee, 128, 192)
      await copy(dut, 0, 128, 8)
      expect(dut.out['errors']).toBe(0)
      expect([slave.reads, slave.writes]).toEqual([8, 8])
      const expected = Array.from({ length: 32 }, (_, i) => (i % 4 === 3 ? 0xee : i + 1))
      expect([...slave.memory.subarray(128, 160)]).toEqual(expected)
    }
  })

  it('slave answers with errors outside, and where it is told to', async () => {
    const { dut } = await copier({
      fails: (address: number, kind: string) => kind === 'read' && address === 4,
    })
    await copy(dut, 0, 248, 4)
    expect(dut.out['errors']).toBe(3)
  })

  it('master names an error, and who does not answer', async () => {
    const dut = await start('lite_regs.sv')
    const master = new AxiLiteMaster(dut, 's_axil', { limit: 40 })
    await master.write(0, 0x11223344)
    await master.write(0, 0xaabbccdd, { strobe: 0b0110 })
    expect(await master.read(0)).toBe(0x11bbcc44)
    await expect(master.read(8)).rejects.toThrow('read of 0x8 on s_axil was answered with SLVERR')
    expect(await master.writeResponse(12, 1)).toBe(3)
    await expect(master.read(16)).rejects.toThrow(
      expect.objectContaining({
        code: 'GG_SIM_TIMEOUT',
        message: expect.stringContaining('read data of 0x10 on s_axil'),
      }),
    )
  })
})
