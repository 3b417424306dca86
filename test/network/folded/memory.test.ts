import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import {
  type MemoryChoice,
  memoryResources,
  memoryStyle,
  memoryText,
} from '../../../src/network/folded/memory.ts'
import { synthesize } from '../../../src/toolchain/synthesize.ts'

const shape = (depth: number, bits: number) => ({
  name: 'memory',
  depth,
  fields: [{ name: 'weight', bits, signed: false }],
})

/** The memory with random contents. */
function text(depth: number, bits: number, choice: MemoryChoice): string {
  const random = new Random(depth)
  const words = Array.from({ length: depth }, () => BigInt(random.integer(2 ** bits)))
  return memoryText(shape(depth, bits), words, choice, 'weights')
}

describe('where memories lie', () => {
  it('is LUTs up to 2 kbit unless something else is asked for', () => {
    expect(memoryStyle(shape(128, 16), 'auto')).toBe('lut')
    expect(memoryStyle(shape(129, 16), 'auto')).toBe('bram')
    expect(memoryStyle(shape(128, 16), 'bram')).toBe('bram')
    expect(memoryStyle(shape(129, 16), 'lut')).toBe('lut')
    expect(memoryResources(shape(128, 16), 'auto').brams).toBe(0)
    expect(memoryResources(shape(129, 16), 'auto').brams).toBe(1)
  })

  it.each([
    [90, 8, 'auto', 0],
    [300, 16, 'auto', 1],
  ] as const)('%i words of %i bits, %s: %i block RAMs of the ECP5', async (depth, bits, choice, brams) => {
    const files = new Map([['memory.sv', text(depth, bits, choice)]])
    expect((await synthesize(files, 'memory', 'ecp5')).brams).toBe(brams)
  })
})
