import { checkCapability, readCapability } from '../../src/board/capability.ts'
import { pixelBytes } from '../../src/board/pixel-interleaver.ts'
import { RegisterValues } from '../../src/board/register-values.ts'
import { registerDeclarations } from '../../src/board/registers.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { validateSettings } from '../../src/trigger/settings.ts'
import type { Core } from './emulated-board.ts'
import type { LinkTarget } from './link-device.ts'
import { type RegisterSpaceOf, writeMasked } from './target-registers.ts'

/** A core for raw pixels behind a link endpoint: pixels with their pedestal words in, one packet at a time out. */
export class CoreTarget implements LinkTarget {
  readonly dropped = 0
  readonly #core: Core
  readonly #registers = new RegisterValues()
  #pixels = new Uint8Array(0)
  #words = new Uint8Array(0)
  /** Bytes of the frame at hand; undefined between frames. */
  #length: number | undefined
  #packet: Uint8Array | undefined

  constructor(core: Core) {
    this.#core = core
  }

  read(address: number): number {
    return this.#core.read(registerDeclarations[address]!.name)
  }

  write(address: number, value: number): void {
    const space: RegisterSpaceOf = {
      write: (register, masked) => {
        this.#registers.set(register, masked)
        this.#core.write(register, masked)
        if (register === 'reset') this.#forget()
      },
    }
    writeMasked(space, address, value)
  }

  push(bytes: Uint8Array): number {
    let at = 0
    // One frame is in flight: the next one waits until the packet has left.
    while (at < bytes.length && this.#packet === undefined) {
      if (this.#length === undefined && !this.#begin()) return bytes.length
      at += this.#take(bytes.subarray(at))
    }
    return at
  }

  pull(): Uint8Array | undefined {
    const packet = this.#packet
    this.#packet = undefined
    return packet
  }

  session(): void {
    this.#core.write('reset', this.#registers.get('reset'))
    this.#forget()
  }

  #forget(): void {
    this.#length = undefined
    this.#packet = undefined
  }

  /** False for settings that the logic cannot run with: the bytes are lost. */
  #begin(): boolean {
    const settings = this.#registers.settings()
    try {
      validateSettings(settings)
      checkCapability(settings, readCapability(this.#core.read('capability')))
    } catch (error) {
      if (error instanceof GemgateError) return false
      throw error
    }
    const count = settings.width * settings.height
    if (this.#pixels.length !== 2 * count) {
      this.#pixels = new Uint8Array(2 * count)
      this.#words = new Uint8Array(4 * count)
    }
    this.#length = 0
    return true
  }

  #take(bytes: Uint8Array): number {
    const start = this.#length!
    const size = 3 * this.#pixels.length
    const count = Math.min(bytes.length, size - start)
    for (let i = 0, pixel = Math.floor(start / pixelBytes), place = start % pixelBytes; i < count; i++) {
      if (place < 2) this.#pixels[2 * pixel + place] = bytes[i]!
      else this.#words[4 * pixel + place - 2] = bytes[i]!
      if (++place === pixelBytes) {
        place = 0
        pixel++
      }
    }
    this.#length = start + count
    if (this.#length === size) {
      this.#length = undefined
      this.#packet = this.#core.frame(
        new Uint16Array(this.#pixels.buffer),
        new Uint32Array(this.#words.buffer),
      )
    }
    return count
  }
}
