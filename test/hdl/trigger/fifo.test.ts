import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'

/** Eight places. */
async function fifo(): Promise<Dut> {
  const dut = await simulate('hdl/trigger/fifo.sv', { parameters: { WIDTH: 16, DEPTH_BITS: 3 } })
  await dut.applyReset()
  return dut
}

const count = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i)

describe('fifo', () => {
  it('gives a word two clocks after it was taken', async () => {
    const dut = await fifo()
    Object.assign(dut.in, { s_valid: 1, s_data: 7, m_ready: 1 })
    await dut.clock()
    dut.in.s_valid = 0
    expect(dut).toOutput({ m_valid: 0 })
    await dut.clock()
    expect(dut).toOutput({ m_valid: 1, m_data: 7 })
    await dut.clock()
    expect(dut).toOutput({ m_valid: 0 })
  })

  it('takes and gives a word in every clock', async () => {
    const dut = await fifo()
    const { times, sources } = dut.stream({ source: 's', items: count(50), sink: 'm', count: 50 })
    expect(sources[0]!.times).toEqual(count(50))
    expect(times).toEqual(count(50).map((clock) => clock + 2))
  })

  it('holds its depth and one word at the output, and no more', async () => {
    const dut = await fifo()
    const stall = { sink: 0.98 }
    const { times, sources } = dut.stream({ source: 's', items: count(100), sink: 'm', count: 100, stall })
    const inside = [...sources[0]!.times].map((now, i) => i + 1 - times.filter((time) => time <= now).length)
    expect(Math.max(...inside)).toBe(9)
  })

  it.each([
    { source: 0, sink: 0 },
    { source: 0, sink: 0.8 },
    { source: 0.8, sink: 0 },
    { source: 0.5, sink: 0.5 },
    { source: 0.1, sink: 0.2 },
  ])('loses, doubles and reorders nothing, paused $source and $sink of the time', async (stall) => {
    const dut = await fifo()
    const { data } = dut.stream({ source: 's', items: count(400), sink: 'm', count: 400, stall })
    expect(data).toEqual(count(400))
  })
})
