import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { decodeMacroPixels } from '../../../src/trigger/macro-bytes.ts'
import { paces } from '../../support/paces.ts'
import { simulateMacro } from './simulate-macro.ts'

describe('macro_unpack', () => {
  it('offers a macro-pixel together with the last of its five bytes, and takes that byte with it', async () => {
    const dut = await simulateMacro('macro_unpack')
    const [content, search] = [-2, 5]
    const packed = (BigInt(search) << 18n) | BigInt.asUintN(18, BigInt(content))
    dut.in.s_axis_tvalid = 1
    for (let byte = 0n; byte < 4n; byte++) {
      dut.in.s_axis_tdata = Number((packed >> (8n * byte)) & 255n)
      expect(dut).toOutput({ s_axis_tready: 1, m_valid: 0 })
      await dut.clock()
    }
    dut.in.s_axis_tdata = Number(packed >> 32n)
    await dut.clock(3)
    expect(dut).toOutput({ s_axis_tready: 0, m_valid: 1, m_content: content, m_search: search })
    dut.in.m_ready = 1
    expect(dut.out.s_axis_tready).toBe(1)
  })

  it('equals decodeMacroPixels() at every pace, also after bytes that a reset cut off', async () => {
    const dut = await simulateMacro('macro_unpack')
    const random = new Random(1)
    for (let run = 0; run < 40; run++) {
      const count = 1 + random.integer(60)
      const bytes = Uint8Array.from({ length: 5 * count }, () => random.integer(256))
      const stall = paces[run % paces.length]!
      const found = dut.stream({ source: 's_axis', items: bytes, sink: 'm', count, stall, seed: run })
      const { content, search } = decodeMacroPixels(bytes)
      expect(found.columns).toEqual({ m_content: content, m_search: search })
      dut.in.s_axis_tvalid = 1
      await dut.clock(random.integer(5))
      dut.in.s_axis_tvalid = 0
      await dut.applyReset()
    }
  })
})
