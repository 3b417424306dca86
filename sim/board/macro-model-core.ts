import { capabilityWord, checkCapability, type LogicCapability } from '../../src/board/capability.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { type FrameHeader, RegisterValues } from '../../src/board/register-values.ts'
import type { RegisterName } from '../../src/board/registers.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { decodeMacroPixels, macroPixelBytes } from '../../src/trigger/macro-bytes.ts'
import { type Classifier, MacroDatapath } from '../../src/trigger/macro-datapath.ts'
import { macroGeometry } from '../../src/trigger/macro-frame.ts'
import { type TriggerSettings, validateSettings } from '../../src/trigger/settings.ts'

/** What hdl/macro/macro_core.sv can do with its default parameters: all but the tile trigger. */
export const macroCapability: LogicCapability = {
  input: 'macro-pixels',
  macroSide: 1024,
  labelBits: 8,
  gainBits: 10,
  tiles: false,
}

/** A frame under way: what stood in the registers when its first byte came, and its bytes. */
interface FrameAtHand extends FrameHeader {
  readonly clippedPixels: number
  readonly bytes: Uint8Array
  length: number
}

/**
 * The emulated logic of a small board, twin of hdl/macro/macro_core.sv: registers and the bytes of macro-pixels in,
 * event packets out. It stands behind the link as the Verilog does.
 */
export class MacroModelCore {
  readonly capability: LogicCapability
  readonly #build: number
  readonly #datapath: MacroDatapath
  readonly #registers = new RegisterValues()
  #frames = 0
  #frame: FrameAtHand | undefined

  /** @param build the register `build`, 32 bits */
  constructor(classify: Classifier, capability: LogicCapability = macroCapability, build = 0) {
    this.capability = capability
    this.#build = build
    this.#datapath = new MacroDatapath(classify, capability.labelBits)
  }

  /** Read-only registers stay as they are. `value` must fit the register. */
  write(register: RegisterName, value: number): void {
    this.#registers.set(register, value)
    if (register === 'reset') this.#forget()
  }

  read(register: RegisterName): number {
    if (register === 'schema') return registerSchema
    if (register === 'build') return this.#build
    if (register === 'capability') return capabilityWord(this.capability)
    return register === 'frames' ? this.#frames : this.#registers.get(register)
  }

  /** A new session of the link: as the register `reset` without being written; the settings stay. */
  session(): void {
    this.#registers.set('reset', this.#registers.get('reset'))
    this.#forget()
  }

  /**
   * Takes bytes of macro-pixels in any cut and returns the packets of the frames that they completed. Without settings that
   * this logic can run with no frame begins and the bytes are lost; the Verilog then gives packets of no meaning.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = []
    for (let at = 0; at < bytes.length; ) {
      const frame = this.#frame ?? this.#begin()
      if (frame === undefined) break
      this.#frame = frame
      const part = bytes.subarray(at, at + frame.bytes.length - frame.length)
      frame.bytes.set(part, frame.length)
      frame.length += part.length
      at += part.length
      if (frame.length === frame.bytes.length) packets.push(this.#process(frame))
    }
    return packets
  }

  #begin(): FrameAtHand | undefined {
    const header = this.#registers.header()
    if (!this.#canRun(header.settings)) return undefined
    const { columns, rows } = macroGeometry(header.settings)
    return {
      ...header,
      clippedPixels: this.#registers.get('clipped_pixels'),
      bytes: new Uint8Array(macroPixelBytes * columns * rows),
      length: 0,
    }
  }

  #canRun(settings: TriggerSettings): boolean {
    try {
      validateSettings(settings)
      checkCapability(settings, this.capability)
      return true
    } catch (error) {
      if (error instanceof GemgateError && error.code === 'GG_SETTINGS') return false
      throw error
    }
  }

  #process({ settings, number, timeTag, clippedPixels, bytes }: FrameAtHand): Uint8Array {
    const macro = { ...macroGeometry(settings), ...decodeMacroPixels(bytes), clippedPixels }
    const packet = this.#datapath.process(macro, settings, number, timeTag)
    this.#frames = (this.#frames + 1) >>> 0
    this.#frame = undefined
    return packet
  }

  #forget(): void {
    this.#frame = undefined
    this.#frames = 0
  }
}
