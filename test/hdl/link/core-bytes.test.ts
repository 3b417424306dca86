import { describe, expect, it } from 'vitest'
import { registerAddress } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'
import { simulateLink } from './link-simulation.ts'

describe('core_bytes', () => {
  it('makes pixels of bytes and bytes of words, whoever pauses', async () => {
    const simulation = await simulateLink('core_bytes')
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
    const words = Array.from({ length: 300 }, () => [random.uint32(), random.integer(2)] as const)
    const beats: bigint[] = []
    const output: [number, number][] = []
    let [inputAt, wordsAt] = [0, 0]
    for (let clock = 0; clock < 20_000 && (beats.length < 300 || output.length < 1200); clock++) {
      const sends = inputAt < input.length && random.integer(8) !== 0
      const gives = wordsAt < words.length && random.integer(3) !== 0
      simulation.set('s_axis_tvalid', Number(sends))
      simulation.set('s_axis_tdata', sends ? input[inputAt]! : 0)
      simulation.set('core_s_tready', random.integer(2))
      simulation.set('core_m_tvalid', Number(gives))
      simulation.set('core_m_tdata', gives ? words[wordsAt]![0] : 0)
      simulation.set('core_m_tlast', gives ? words[wordsAt]![1] : 1)
      simulation.set('m_axis_tready', random.integer(2))
      simulation.settle()
      const on = (name: string): boolean => simulation.get(name) === 1
      if (sends && on('s_axis_tready')) inputAt++
      if (on('core_s_tvalid') && on('core_s_tready')) beats.push(BigInt(simulation.get('core_s_tdata')))
      if (on('m_axis_tvalid') && on('m_axis_tready'))
        output.push([Number(simulation.get('m_axis_tdata')), Number(simulation.get('m_axis_tlast'))])
      if (gives && on('core_m_tready')) wordsAt++
      simulation.step()
    }
    expect(beats).toEqual(pixels.map(([pixel, pedestal]) => (BigInt(pedestal) << 16n) | BigInt(pixel)))
    expect(output).toEqual(
      words.flatMap(([word, last]) =>
        [0, 1, 2, 3].map((i) => [(word >>> (8 * i)) & 255, Number(last === 1 && i === 3)]),
      ),
    )
  })

  it('gives an access to the core once and answers in the next clock', async () => {
    const simulation = await simulateLink('core_bytes')
    for (const write of [1, 0, 0, 1]) {
      simulation.set('reg_valid', 1)
      simulation.set('reg_write', write)
      simulation.set('reg_address', 30)
      simulation.set('reg_write_data', 0xfedcba98)
      expect(
        ['core_write', 'core_read', 'core_address', 'reg_ready'].map((name) => simulation.get(name)),
      ).toEqual([write, 1 - write, 30, 0])
      expect(simulation.get('core_write_data')).toBe(0xfedcba98)
      simulation.step()
      simulation.set('core_read_data', 77)
      expect(
        ['core_write', 'core_read', 'reg_ready', 'reg_read_data'].map((name) => simulation.get(name)),
      ).toEqual([0, 0, 1, 77])
      simulation.step()
      simulation.set('reg_valid', 0)
      simulation.step(2)
      expect(simulation.get('reg_ready')).toBe(0)
    }
  })

  it.each(['session', 'register'])(
    'leaves no part of a pixel or word behind at a reset (%s)',
    async (how) => {
      const simulation = await simulateLink('core_bytes')
      const push = (count: number, byte: number): void => {
        simulation.set('s_axis_tvalid', 1)
        simulation.set('s_axis_tdata', byte)
        simulation.step(count)
        simulation.set('s_axis_tvalid', 0)
      }
      for (let rest = 1; rest <= 6; rest++) {
        push(rest, 0xee)
        simulation.set('core_m_tvalid', 1)
        simulation.set('core_m_tdata', 0x44332211)
        simulation.set('m_axis_tready', 1)
        simulation.step(rest % 4)
        simulation.set('m_axis_tready', 0)
        if (how === 'session') simulation.set('session', 1)
        else {
          simulation.set('reg_valid', 1)
          simulation.set('reg_write', 1)
          simulation.set('reg_address', registerAddress.get('reset')!)
        }
        expect([simulation.get('core_write'), simulation.get('core_address')]).toEqual([
          1,
          registerAddress.get('reset'),
        ])
        simulation.step()
        simulation.set('session', 0)
        if (how === 'register') {
          simulation.step()
          simulation.set('reg_valid', 0)
        }
        expect([simulation.get('core_write'), simulation.get('core_s_tvalid')]).toEqual([0, 0])
        expect(simulation.get('m_axis_tdata')).toBe(0x11)
        push(6, 0x21)
        expect([simulation.get('core_s_tvalid'), simulation.get('core_s_tdata')]).toEqual([
          1,
          0x212121212121n,
        ])
        simulation.set('core_s_tready', 1)
        simulation.step()
        simulation.set('core_s_tready', 0)
      }
    },
  )
})
