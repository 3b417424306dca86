import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { simulateLink } from './link-simulation.ts'

describe.each([1, 8])('crc32, %i bits per clock', (bits) => {
  it('is that of zlib, comes out byte by byte, and leaves the residue behind a message with its CRC', async () => {
    const simulation = await simulateLink('crc32', { BITS: bits })
    const random = new Random(bits)
    const put = (byte: number, zero = 0): void => {
      simulation.set('s_valid', 1)
      simulation.set('s_data', byte)
      simulation.set('s_zero', zero)
      let clocks = 0
      while (simulation.get('s_ready') === 0 && clocks++ < 20) simulation.step()
      simulation.step()
      simulation.set('s_valid', 0)
      simulation.step(random.integer(3))
    }
    const remainder = (): number => {
      simulation.step(9)
      return Number(simulation.get('crc'))
    }
    const clear = (): void => {
      simulation.set('clear', 1)
      simulation.step()
      simulation.set('clear', 0)
    }
    for (let run = 0; run < 50; run++) {
      clear()
      const message = Uint8Array.from({ length: random.integer(40) }, () => random.integer(256))
      for (const byte of message) put(byte)
      const expected = crc32(message)
      expect(~remainder() >>> 0).toBe(expected)
      const trailer: number[] = []
      for (let i = 0; i < 4; i++) {
        trailer.push(~remainder() & 255)
        put(random.integer(256), 1)
      }
      expect(Buffer.from(trailer).readUInt32LE()).toBe(expected)
      clear()
      for (const byte of [...message, ...trailer]) put(byte)
      expect(remainder()).toBe(0xdebb20e3)
    }
  })
})
