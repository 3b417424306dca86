import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { simulateLink } from './link-simulation.ts'

/** Starts a new message. */
async function clear(dut: Dut): Promise<void> {
  dut.in.clear = 1
  await dut.clock()
  dut.in.clear = 0
}

/** Sends bytes with random gaps, and lets the last one be worked off; with `zero` the unit takes zeros for them. */
function put(dut: Dut, bytes: ArrayLike<number>, { zero = 0, seed = 1 } = {}): void {
  dut.stream({ source: 's', items: { s_data: bytes, s_zero: zero }, stall: 0.5, seed, drain: 9 })
}

/** The CRC of what was sent: the remainder inverted. */
const crcOf = (dut: Dut): number => ~Number(dut.out.crc) >>> 0

describe('crc32', () => {
  it.each([
    [8, 1],
    [1, 9],
  ])('with %i bits per clock takes a byte every %i clocks', async (bits, clocks) => {
    const dut = await simulateLink('crc32', { BITS: bits })
    await clear(dut)
    const { sources } = dut.stream({
      source: 's',
      items: { s_data: Buffer.from('123456789'), s_zero: 0 },
      drain: 9,
    })
    expect([...sources[0]!.times]).toEqual(Array.from({ length: 9 }, (_, i) => clocks * i))
    expect(crcOf(dut)).toBe(0xcbf43926)
  })

  it.each([1, 8])(
    'with %i bits per clock is that of zlib, comes out byte by byte, and leaves the residue behind a message with its CRC',
    async (bits) => {
      const dut = await simulateLink('crc32', { BITS: bits })
      const random = new Random(bits)
      for (let seed = 0; seed < 50; seed++) {
        await clear(dut)
        const message = Uint8Array.from({ length: random.integer(40) }, () => random.integer(256))
        put(dut, message, { seed })
        expect(crcOf(dut)).toBe(crc32(message))
        const trailer: number[] = []
        for (let i = 0; i < 4; i++) {
          trailer.push(crcOf(dut) & 255)
          put(dut, [random.integer(256)], { zero: 1, seed })
        }
        expect(Buffer.from(trailer).readUInt32LE()).toBe(crc32(message))
        await clear(dut)
        put(dut, [...message, ...trailer], { seed })
        expect(dut.out.crc).toBe(0xdebb20e3)
      }
    },
  )
})
