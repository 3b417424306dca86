import { describe, expect, it } from 'vitest'
import { registerAddress } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'
import { simulateLink } from './link-simulation.ts'

describe('core_bytes', () => {
  it('makes pixels of bytes and bytes of words, whoever pauses', async () => {
    const dut = await simulateLink('core_bytes')
    const random = new Random(1)
    const pixels = Array.from({ length: 300 }, () => [random.integer(65536), random.uint32()] as const)
    const input = Buffer.concat(
      pixels.map(([pixel, pedestal]) => {
        const bytes = Buffer.alloc(6)
        bytes.writeUInt16LE(pixel)
        bytes.writeUInt32LE(pedestal, 2)
        return bytes
      }),
    )
    const core_m_tdata = Array.from({ length: 300 }, () => random.uint32())
    const core_m_tlast = Array.from({ length: 300 }, () => random.integer(2))
    const { sinks } = dut.stream({
      source: [
        { port: 's_axis', items: input, stall: 0.12 },
        { port: 'core_m', items: { core_m_tdata, core_m_tlast }, stall: 0.33 },
      ],
      sink: [
        { port: 'core_s', count: 300, stall: 0.5 },
        { port: 'm_axis', count: 1200, stall: 0.5 },
      ],
    })
    const [pixelsOut, bytesOut] = sinks.map((sink) => sink.columns)
    const beats = pixels.map(([pixel, pedestal]) => (BigInt(pedestal) << 16n) | BigInt(pixel))
    expect([...pixelsOut!.core_s_tdata!]).toEqual(beats)
    const quarters = [0, 1, 2, 3]
    expect(bytesOut).toEqual({
      m_axis_tdata: Uint32Array.from(
        core_m_tdata.flatMap((word) => quarters.map((i) => (word >>> (8 * i)) & 255)),
      ),
      m_axis_tlast: Uint32Array.from(
        core_m_tlast.flatMap((last) => quarters.map((i) => (i === 3 ? last : 0))),
      ),
    })
  })

  it('gives an access to the core once and answers in the next clock', async () => {
    const dut = await simulateLink('core_bytes')
    for (const write of [1, 0, 0, 1]) {
      Object.assign(dut.in, { reg_valid: 1, reg_write: write, reg_address: 30, reg_write_data: 0xfedcba98 })
      expect(dut).toOutput({
        core_write: write,
        core_read: 1 - write,
        core_address: 30,
        core_write_data: 0xfedcba98,
        reg_ready: 0,
      })
      await dut.clock()
      dut.in.core_read_data = 77
      expect(dut).toOutput({ core_write: 0, core_read: 0, reg_ready: 1, reg_read_data: 77 })
      await dut.clock()
      dut.in.reg_valid = 0
      await dut.clock(2)
      expect(dut.out.reg_ready).toBe(0)
    }
  })

  it.each(['session', 'register'])(
    'leaves no part of a pixel or word behind at a reset (%s)',
    async (how) => {
      const dut = await simulateLink('core_bytes')
      const core_address = registerAddress.get('reset')!
      const push = async (count: number, byte: number): Promise<void> => {
        Object.assign(dut.in, { s_axis_tvalid: 1, s_axis_tdata: byte })
        await dut.clock(count)
        dut.in.s_axis_tvalid = 0
      }
      for (let rest = 1; rest <= 6; rest++) {
        await push(rest, 0xee)
        Object.assign(dut.in, { core_m_tvalid: 1, core_m_tdata: 0x44332211, m_axis_tready: 1 })
        await dut.clock(rest % 4)
        dut.in.m_axis_tready = 0
        if (how === 'session') dut.in.session = 1
        else Object.assign(dut.in, { reg_valid: 1, reg_write: 1, reg_address: core_address })
        expect(dut).toOutput({ core_write: 1, core_address })
        await dut.clock()
        dut.in.session = 0
        if (how === 'register') {
          await dut.clock()
          dut.in.reg_valid = 0
        }
        expect(dut).toOutput({ core_write: 0, core_s_tvalid: 0, m_axis_tdata: 0x11 })
        await push(6, 0x21)
        expect(dut).toOutput({ core_s_tvalid: 1, core_s_tdata: 0x212121212121n })
        dut.in.core_s_tready = 1
        await dut.clock()
        dut.in.core_s_tready = 0
      }
    },
  )
})
