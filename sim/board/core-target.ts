import { checkCapability, readCapability } from '../../src/board/capability.ts'
import { pixelBytes } from '../../src/board/pixel-interleaver.ts'
import type { FrameHeader } from '../../src/board/register-values.ts'
import { registerDeclarations } from '../../src/board/registers.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { validateSettings } from '../../src/trigger/settings.ts'
import type { Core } from './emulated-board.ts'
import type { LinkTarget } from './link-device.ts'
import { writeMasked } from './target-registers.ts'

/** An emulated core for raw pixels. */
export interface PixelCore extends Pick<Core, 'read' | 'write'> {
  /** What stands in the registers for a frame that begins now. */
  header(): FrameHeader
  frame(pixels: Uint16Array, pedestal: Uint32Array, header: FrameHeader): Uint8Array
}

/** A frame under way: what stood in the registers when its first byte came, and its bytes. */
interface FrameAtHand {
  readonly header: FrameHeader
  readonly pixels: Uint8Array
  readonly words: Uint8Array
  length: number
}

/** A core for raw pixels behind a link endpoint: pixels with their pedestal words in, one packet at a time out. */
export class CoreTarget implements LinkTarget {
  readonly dropped = 0
  readonly #core: PixelCore
  #frame: FrameAtHand | undefined
  #packet: Uint8Array | undefined

  constructor(core: PixelCore) {
    this.#core = core
  }

  read(address: number): number {
    return this.#core.read(registerDeclarations[address]!.name)
  }

  write(address: number, value: number): void {
    writeMasked(this.#core, address, value)
    if (registerDeclarations[address]!.name === 'reset') this.#forget()
  }

  push(bytes: Uint8Array): number {
    let at = 0
    // One frame is in flight: the next one waits until the packet has left.
    while (at < bytes.length && this.#packet === undefined) {
      this.#frame ??= this.#begin()
      if (this.#frame === undefined) return bytes.length
      at += this.#take(this.#frame, bytes.subarray(at))
    }
    return at
  }

  pull(): Uint8Array | undefined {
    const packet = this.#packet
    this.#packet = undefined
    return packet
  }

  session(): void {
    this.#core.write('reset', this.#core.read('reset'))
    this.#forget()
  }

  #forget(): void {
    this.#frame = undefined
    this.#packet = undefined
  }

  /** Undefined with settings that the logic cannot run with: the bytes are lost. */
  #begin(): FrameAtHand | undefined {
    const header = this.#core.header()
    const { settings } = header
    try {
      validateSettings(settings)
      checkCapability(settings, readCapability(this.#core.read('capability')))
    } catch (error) {
      if (error instanceof GemgateError) return undefined
      throw error
    }
    const count = settings.width * settings.height
    return { header, pixels: new Uint8Array(2 * count), words: new Uint8Array(4 * count), length: 0 }
  }

  #take(frame: FrameAtHand, bytes: Uint8Array): number {
    const { header, pixels, words, length: start } = frame
    const size = 3 * pixels.length
    const count = Math.min(bytes.length, size - start)
    for (let i = 0, pixel = Math.floor(start / pixelBytes), place = start % pixelBytes; i < count; i++) {
      if (place < 2) pixels[2 * pixel + place] = bytes[i]!
      else words[4 * pixel + place - 2] = bytes[i]!
      if (++place === pixelBytes) {
        place = 0
        pixel++
      }
    }
    frame.length += count
    if (frame.length === size) {
      this.#frame = undefined
      const whole = [new Uint16Array(pixels.buffer), new Uint32Array(words.buffer)] as const
      this.#packet = this.#core.frame(...whole, header)
    }
    return count
  }
}
