import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CoreTarget, type PixelCore } from '../../sim/board/core-target.ts'
import { capabilityWord, fullCapability } from '../../src/board/capability.ts'
import { PixelInterleaver } from '../../src/board/pixel-interleaver.ts'
import { type FrameHeader, RegisterValues } from '../../src/board/register-values.ts'
import { type RegisterName, registerAddress } from '../../src/board/registers.ts'

const word16 = fc.integer({ min: 0, max: 0xffff })

/** A core that gives its frame back. */
class EchoCore implements PixelCore {
  readonly frames: { pixels: number[]; pedestal: number[] }[] = []
  read(): number {
    return capabilityWord(fullCapability)
  }
  readonly #registers = new RegisterValues()
  write(register: RegisterName, value: number): void {
    this.#registers.set(register, value)
  }
  header(): FrameHeader {
    return this.#registers.header()
  }
  frame(pixels: Uint16Array, pedestal: Uint32Array): Uint8Array {
    this.frames.push({ pixels: [...pixels], pedestal: [...pedestal] })
    return new Uint8Array(4)
  }
}

describe('PixelInterleaver and CoreTarget', () => {
  it('bring pixels with their pedestal words into the logic, in any cut on both sides', () => {
    fc.assert(
      fc.property(
        fc.uint16Array({ minLength: 32, maxLength: 32 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
        word16,
        (pixels, hostCuts, lineCuts, seed) => {
          const words = Uint32Array.from({ length: 32 }, (_, i) => Math.imul(seed + i, 2654435761) >>> 0)
          const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, 64)
          const interleaver = new PixelInterleaver()
          const stream: number[] = []
          for (let at = 0, i = 0; at < 64; i++) {
            const part = bytes.subarray(at, at + (hostCuts[i] ?? 64))
            stream.push(...interleaver.encode(part, at, words))
            at += part.length
          }
          expect(stream).toHaveLength(6 * 32)
          const core = new EchoCore()
          const target = new CoreTarget(core)
          for (const [name, value] of [
            ['width', 8],
            ['height', 4],
            ['binning', 1],
          ] as const)
            target.write(registerAddress.get(name)!, value)
          for (let at = 0, i = 0; at < stream.length; i++) {
            const part = Uint8Array.from(stream.slice(at, at + lineCuts[i % lineCuts.length]!))
            expect(target.push(part)).toBe(part.length)
            at += part.length
          }
          expect(core.frames).toEqual([{ pixels: [...pixels], pedestal: [...words] }])
          // The next frame waits until the packet has left.
          expect(target.push(Uint8Array.of(1))).toBe(0)
          expect(target.pull()).toHaveLength(4)
          expect([target.push(Uint8Array.of(1)), target.pull()]).toEqual([1, undefined])
        },
      ),
      { numRuns: 200, seed: 5 },
    )
  })

  it('loses bytes for settings that cannot run, and bits that a register has not', () => {
    const core = new EchoCore()
    const target = new CoreTarget(core)
    target.write(registerAddress.get('width')!, 0xffffffff)
    target.write(registerAddress.get('frames')!, 5)
    expect(target.push(new Uint8Array(1000))).toBe(1000)
    expect([target.pull(), core.frames]).toEqual([undefined, []])
  })
})
