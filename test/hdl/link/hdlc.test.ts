import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { stuff } from '../../../src/link/hdlc.ts'
import { simulateLink } from './link-simulation.ts'

/** Bytes with many flags and escapes among them. */
const awkward = (random: Random): number =>
  random.integer(2) === 0 ? random.integer(256) : [0x7e, 0x7d, 0x5e, 0x5d][random.integer(4)]!

/** What hdlc_rx is to make of bytes: numbers are bytes of frames. */
function reference(bytes: readonly number[]): (number | 'end' | 'abort')[] {
  const beats: (number | 'end' | 'abort')[] = []
  let escaped = false
  for (const byte of bytes) {
    if (byte === 0x7e) beats.push(escaped ? 'abort' : 'end')
    else if (byte !== 0x7d || escaped) beats.push(escaped ? byte ^ 0x20 : byte)
    escaped = byte === 0x7d && !escaped
  }
  return beats
}

describe('hdlc_rx', () => {
  it('undoes escapes and marks flags, in the clock in which a byte comes', async () => {
    const dut = await simulateLink('hdlc_rx')
    Object.assign(dut.in, { s_valid: 1, m_ready: 1, s_data: 0x41 })
    expect(dut).toOutput({ s_ready: 1, m_valid: 1, m_data: 0x41, m_end: 0, m_abort: 0 })
    dut.in.s_data = 0x7d
    expect(dut).toOutput({ s_ready: 1, m_valid: 0 })
    await dut.clock()
    dut.in.s_data = 0x5e
    expect(dut).toOutput({ m_valid: 1, m_data: 0x7e, m_end: 0 })
    await dut.clock()
    dut.in.s_data = 0x7e
    expect(dut).toOutput({ m_valid: 1, m_end: 1, m_abort: 0 })
  })

  it('gives for any bytes what the reference gives, whoever pauses', async () => {
    const dut = await simulateLink('hdlc_rx')
    const random = new Random(1)
    const items = Array.from({ length: 6000 }, () => awkward(random))
    const expected = reference(items)
    const stall = { source: 0.25, sink: 0.33 }
    const { columns, count } = dut.stream({ source: 's', items, sink: 'm', stall, drain: 0 })
    const { m_data, m_end, m_abort } = columns
    const beats = Array.from({ length: count }, (_, i) =>
      m_end![i] === 1 ? (m_abort![i] === 1 ? 'abort' : 'end') : m_data![i],
    )
    expect(beats).toEqual(expected)
    expect(new Set(beats).size).toBe(258)
  })
})

describe('hdlc_tx', () => {
  it('puts flags around a frame and escapes what looks like one', async () => {
    const dut = await simulateLink('hdlc_tx')
    const items = { s_data: [0x41, 0x7e, 0x42], s_last: [0, 0, 1] }
    const { data } = dut.stream({ source: 's', items, sink: 'm' })
    expect([...data]).toEqual([0x7e, 0x41, 0x7d, 0x5e, 0x42, 0x7e])
  })

  it.each([0, 0.33])('sends frames as stuff() does, byte after byte (stall %f)', async (stall) => {
    const dut = await simulateLink('hdlc_tx')
    const random = new Random(2)
    const frames = Array.from({ length: 200 }, () =>
      Uint8Array.from({ length: 1 + random.integer(30) }, () => awkward(random)),
    )
    const s_last = frames.flatMap((frame) => Array.from(frame, (_, i) => Number(i === frame.length - 1)))
    const items = { s_data: frames.flatMap((frame) => [...frame]), s_last }
    const { data, times, count } = dut.stream({ source: 's', items, sink: 'm', stall })
    expect([...data]).toEqual(frames.flatMap((frame) => [...stuff(frame)]))
    if (stall === 0) expect(times.at(-1)).toBe(count - 1)
  })
})
