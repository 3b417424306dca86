import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskedSigma, pedestalWord, pedestalWords } from '../../src/trigger/pedestal-words.ts'

describe('pedestalWord', () => {
  it('holds mean and sigma to half of 1/16 ADU, and marks masked pixels', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 65535.9, noNaN: true }),
        fc.double({ min: 0, max: 255.8, noNaN: true }),
        fc.boolean(),
        (mean, sigma, masked) => {
          const word = pedestalWord(mean, sigma, masked)
          expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).toBe(true)
          expect(Math.abs((word % 2 ** 20) / 16 - mean)).toBeLessThanOrEqual(1 / 32)
          const held = Math.floor(word / 2 ** 20)
          if (masked) expect(held).toBe(maskedSigma)
          else expect(Math.abs(held / 16 - sigma)).toBeLessThanOrEqual(1 / 32)
        },
      ),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('clamps, and no sigma turns into the mask', () => {
    expect(pedestalWord(1e6, 1e6, false)).toBe(0xffefffff)
    expect(pedestalWord(-5, -1, false)).toBe(0)
    expect(pedestalWord(65535.99, 255.99, false)).toBe(0xffefffff)
    expect(pedestalWord(1, 1, true)).toBe(0xfff00010)
  })
})

describe('pedestalWords', () => {
  const map = {
    width: 3,
    height: 2,
    mean: Float32Array.of(1, 2, 3, 4, 5, 6),
    sigma: Float32Array.of(1, 1, 1, 1, 1, 1),
    hot: Uint8Array.of(0, 0, 1, 0, 0, 0),
  }
  const word = (mean: number): number => (16 << 20) | (16 * mean)
  const masked = 0xfff00000

  it('masks hot pixels and everything beyond the pedestal', () => {
    const hot = masked + 48
    expect([...pedestalWords(map, 3, 2)]).toEqual([word(1), word(2), hot, word(4), word(5), word(6)])
    expect([...pedestalWords(map, 4, 3)]).toEqual([
      ...[word(1), word(2), hot, masked],
      ...[word(4), word(5), word(6), masked],
      ...[masked, masked, masked, masked],
    ])
  })

  it('cuts to a smaller frame', () => {
    expect([...pedestalWords(map, 2, 1)]).toEqual([word(1), word(2)])
  })
})
