import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'

async function skidBuffer(width = 8): Promise<Dut> {
  const dut = await simulate('hdl/trigger/skid_buffer.sv', { parameters: { WIDTH: width } })
  await dut.applyReset()
  return dut
}

describe('skid_buffer', () => {
  it('shows a word one clock after it was taken', async () => {
    const dut = await skidBuffer()
    Object.assign(dut.in, { s_tvalid: 1, s_tdata: 10, m_tready: 1 })
    await dut.clock()
    expect(dut).toOutput({ s_tready: 1, m_tvalid: 1, m_tdata: 10 })
  })

  it('takes one more word while the sink pauses, and then none', async () => {
    const dut = await skidBuffer()
    Object.assign(dut.in, { s_tvalid: 1, s_tdata: 10, m_tready: 0 })
    await dut.clock()
    expect(dut).toOutput({ s_tready: 1, m_tvalid: 1, m_tdata: 10 })
    dut.in.s_tdata = 11
    await dut.clock()
    expect(dut).toOutput({ s_tready: 0, m_tvalid: 1, m_tdata: 10 })
    Object.assign(dut.in, { s_tdata: 12, m_tready: 1 })
    await dut.clock()
    expect(dut).toOutput({ s_tready: 1, m_tvalid: 1, m_tdata: 11 })
    await dut.clock()
    expect(dut).toOutput({ s_tready: 1, m_tvalid: 1, m_tdata: 12 })
  })

  it('has registered outputs, and passes a word in every clock', async () => {
    const dut = await skidBuffer()
    for (const port of ['s_tready', 'm_tvalid', 'm_tdata'])
      expect(dut.simulation.isRegistered(port), port).toBe(true)
    const words = Uint32Array.from({ length: 50 }, (_, i) => i)
    const { data, times, sources } = dut.stream({ source: 's', items: words, sink: 'm', count: 50 })
    expect(data).toEqual(words)
    expect(sources[0]!.times).toEqual(words)
    expect(times).toEqual(words.map((clock) => clock + 1))
  })

  it.each([1, 8, 48])('loses, doubles and reorders nothing at a width of %i', async (width) => {
    const dut = await skidBuffer(width)
    const random = new Random(width)
    for (let run = 0; run < 60; run++) {
      const items = Array.from({ length: 200 }, (_, i) =>
        width > 32 ? BigInt(random.integer(2 ** 48)) : width === 1 ? random.integer(2) : i,
      )
      const stall = { source: random.uniform() * 0.97, sink: random.uniform() * 0.97 }
      const found = dut.stream({ source: 's', items, sink: 'm', count: 200, stall, seed: run })
      expect(Array.from<number | bigint>(found.data)).toEqual(items)
    }
  })
})
