import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AxiStreamMonitor,
  AxiStreamSink,
  AxiStreamSource,
  type Dut,
  Scoreboard,
} from '../../../../../sim/verilog/index.ts'
import { start } from '../start.ts'

async function fifo(bug = 0): Promise<Dut> {
  const dut = await start('packet_fifo.sv', { parameters: { BUG: bug } })
  await dut.applyReset()
  return dut
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1)

describe('AXI4-Stream agents', () => {
  it('carry packets with tkeep, tlast and tuser', async () => {
    const dut = await fifo()
    const source = new AxiStreamSource(dut, 's_axis', { stall: 0.4 })
    const sink = new AxiStreamSink(dut, 'm_axis', { stall: 0.6, seed: 4 })
    const monitor = new AxiStreamMonitor(dut, 's_axis')
    source.send(bytes(9), { tuser: 5 })
    source.send(bytes(4), { tuser: 6 })
    const first = await sink.receive()
    expect([...first.bytes]).toEqual([...bytes(9)])
    expect(first.first['tuser']).toBe(5)
    expect(first.beats.map(({ tkeep, tlast }) => [tkeep, tlast])).toEqual([
      [15, 0],
      [15, 0],
      [1, 1],
    ])
    expect((await sink.receive()).first['tuser']).toBe(6)
    expect(monitor.packets.map((packet) => packet.bytes)).toEqual(sink.packets.map((packet) => packet.bytes))
    expect(monitor.packets[0]!.end).toBeLessThan(first.end)
    expect(source.pending).toBe(0)
  })

  it('wait until everything is sent, and say who does not come', async () => {
    const dut = await fifo()
    const source = new AxiStreamSource(dut, 's_axis')
    source.send(bytes(40))
    await expect(source.sent({ limit: 50 })).rejects.toThrow('s_axis to take all beats')
    expect(source.pending).toBe(6)
    const sink = new AxiStreamSink(dut, 'm_axis')
    await source.sent()
    await expect(sink.receive({ limit: 20 })).resolves.toMatchObject({ bytes: bytes(40) })
    await expect(sink.receive({ limit: 20 })).rejects.toThrow('packet 1 from m_axis')
    sink.enabled = false
    source.sendBeats([{ tdata: 3, tlast: 1, tkeep: 15 }])
    await dut.clock(10)
    expect(sink.packets.length).toBe(1)
    expect(() => source.sendBeats([{ tdata: 1, tid: 1 }])).toThrow('no field tid')
    expect(() => source.send(bytes(0))).toThrow(expect.objectContaining({ code: 'GG_USAGE' }))
  })

  it.each([
    [2, 'm_axis: valid fell before beat 0 was taken'],
    [3, 'm_axis: tdata changed from 1 to 0 before beat 0 was taken'],
  ])('find a design that breaks the rules (%i)', async (bug, text) => {
    const dut = await fifo(bug)
    const source = new AxiStreamSource(dut, 's_axis')
    new AxiStreamMonitor(dut, 'm_axis')
    source.sendBeats([{ tdata: 1, tlast: 1 }])
    await expect(dut.clock(20)).rejects.toThrow(expect.objectContaining({ code: 'GG_BUS', message: text }))
  })

  it('with a scoreboard find a planted bug, and fast-check shrinks it to the smallest stimulus', async () => {
    const run = async (bug: number, packets: readonly number[], seed: number): Promise<void> => {
      const dut = await fifo(bug)
      const board = new Scoreboard<Uint8Array>()
      const source = new AxiStreamSource(dut, 's_axis', { seed })
      new AxiStreamSink(dut, 'm_axis', { onPacket: (packet) => board.receive(packet.bytes) })
      for (const length of packets) {
        board.expect(bytes(length))
        source.send(bytes(length))
      }
      await source.sent()
      await dut.clock(20)
      board.finish()
      dut.close()
    }
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 })
    const property = (bug: number) => fc.asyncProperty(lengths, (packets) => run(bug, packets, 1))
    expect((await fc.check(property(0), { numRuns: 20, seed: 1 })).failed).toBe(false)
    const { counterexample } = await fc.check(property(1), { numRuns: 100, seed: 1 })
    // a packet of one beat, and a beat that comes when it leaves
    expect(counterexample).toEqual([[1, 1]])
  })
})
