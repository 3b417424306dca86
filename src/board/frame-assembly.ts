import { GemgateError } from '../core/errors.ts'
import { type TriggerSettings, validateSettings } from '../trigger/settings.ts'
import { checkCapability, type LogicCapability } from './capability.ts'
import { RegisterValues } from './register-values.ts'
import type { RegisterName } from './registers.ts'

/** A part of a frame as it was cut by whoever sends. */
export interface FramePart {
  /** Its place in the frame, bytes. */
  readonly offset: number
  readonly bytes: Uint8Array
  /** Settings and pedestal words of the frame. */
  readonly settings: TriggerSettings
  readonly words: Uint32Array
  /** The frame ends with this part. */
  readonly last: boolean
}

interface FrameAtHand {
  readonly settings: TriggerSettings
  readonly words: Uint32Array
  readonly size: number
  length: number
}

/**
 * What every board keeps on the host's side: the registers as they were written, the pedestal, and where in a frame the
 * pixels stream stands. Refuses pixels that the logic has no settings or no pedestal for.
 */
export class FrameAssembly {
  readonly registers = new RegisterValues()
  readonly #capability: LogicCapability
  #pedestal = new Uint8Array(0)
  #pedestalLength = 0
  #frame: FrameAtHand | undefined
  /** Why the frame at hand cannot go on. */
  #spoiled: string | undefined

  constructor(capability: LogicCapability) {
    this.#capability = capability
  }

  /** A register is written; the value was checked. */
  write(register: RegisterName, value: number): void {
    // The pedestal belongs to the geometry that it was sent for.
    if ((register === 'width' || register === 'height') && this.registers.get(register) !== value)
      this.#pedestalLength = 0
    // Settings, number and time belong to the whole of a frame.
    if (this.#frame !== undefined) this.#spoiled ??= `the register ${register} was written within a frame`
    this.registers.set(register, value)
    if (register === 'reset') {
      this.#frame = undefined
      this.#spoiled = undefined
    }
  }

  /**
   * The pedestal memory is filled in raster order and starts again when a frame's worth has arrived.
   * Throws GG_SETTINGS, GG_STREAM.
   */
  takePedestal(data: Uint8Array): void {
    const { width, height } = this.#settings()
    const size = 4 * width * height
    if (this.#pedestal.length !== size || this.#frame?.words.buffer === this.#pedestal.buffer) {
      // A frame under way keeps the words that it began with.
      const whole = this.#pedestal.length === size ? this.#pedestal.slice() : new Uint8Array(size)
      if (this.#pedestal.length !== size) this.#pedestalLength = 0
      this.#pedestal = whole
    }
    if (this.#pedestalLength === size) this.#pedestalLength = 0
    if (this.#pedestalLength + data.length > size)
      throw new GemgateError(
        'GG_STREAM',
        `${this.#pedestalLength + data.length} bytes of pedestal for ${size}`,
        'Send one 32-bit word per pixel, after width and height are set.',
      )
    this.#pedestal.set(data, this.#pedestalLength)
    this.#pedestalLength += data.length
  }

  /** The next byte begins a frame. */
  get between(): boolean {
    return this.#frame === undefined
  }

  /** How much of the frame at hand the board has is not known: nothing more goes out before a reset. */
  spoil(): void {
    this.#spoiled ??= 'a frame ended in the middle'
  }

  /**
   * Cuts bytes of the pixels stream at the ends of frames, and into parts of at most `limit` bytes.
   * Throws GG_SETTINGS and GG_STREAM where a frame cannot begin or go on.
   */
  *parts(data: Uint8Array, limit = Number.POSITIVE_INFINITY): Generator<FramePart, undefined> {
    // Settings that cannot run are refused also when nothing is sent.
    if (data.length === 0) this.#settings()
    for (let at = 0; at < data.length; ) {
      if (this.#spoiled !== undefined)
        throw new GemgateError(
          'GG_STREAM',
          this.#spoiled,
          'Write the register reset: it forgets the frame at hand.',
        )
      const frame = this.#frame ?? this.#begin()
      this.#frame = frame
      const { settings, words, length: offset, size } = frame
      const bytes = data.subarray(at, at + Math.min(size - offset, limit))
      frame.length += bytes.length
      at += bytes.length
      const last = frame.length === size
      if (last) this.#frame = undefined
      yield { offset, bytes, settings, words, last }
    }
  }

  #begin(): FrameAtHand {
    const settings = this.#settings()
    const { width, height } = settings
    if (this.#pedestalLength !== 4 * width * height)
      throw new GemgateError(
        'GG_STREAM',
        'a frame arrived before its pedestal',
        'Send the pedestal stream for this geometry first.',
      )
    const words = new Uint32Array(this.#pedestal.buffer, 0, width * height)
    return { settings, words, size: 2 * width * height, length: 0 }
  }

  /** Refuses settings that the logic cannot run with. */
  #settings(): TriggerSettings {
    const settings = this.registers.settings()
    validateSettings(settings)
    checkCapability(settings, this.#capability)
    return settings
  }
}

/** Puts parts together to whole frames; one that comes whole and aligned is used where it lies. */
export class FrameBuffer {
  #bytes = new Uint8Array(0)

  /** The pixels of the frame when this part ends it; valid until the next frame begins. */
  add({ offset, bytes, settings, last }: FramePart): Uint16Array | undefined {
    const size = 2 * settings.width * settings.height
    if (bytes.length === size && bytes.byteOffset % 2 === 0)
      return new Uint16Array(bytes.buffer, bytes.byteOffset, size / 2)
    if (this.#bytes.length !== size) this.#bytes = new Uint8Array(size)
    this.#bytes.set(bytes, offset)
    return last ? new Uint16Array(this.#bytes.buffer, 0, size / 2) : undefined
  }
}
