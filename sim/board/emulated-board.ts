import type { Board, BoardInfo, StreamName, StreamOptions } from '../../src/board/board.ts'
import { readCapability } from '../../src/board/capability.ts'
import {
  type RegisterDeclaration,
  type RegisterName,
  registerDeclarations,
} from '../../src/board/registers.ts'
import { AsyncQueue } from '../../src/core/async-queue.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { validateSettings } from '../../src/trigger/settings.ts'
import { RegisterValues } from './register-values.ts'

/** The logic behind an emulated board: registers in, one packet per frame out. */
export interface Core {
  readonly info: Pick<BoardInfo, 'address' | 'kind' | 'build' | 'clock'>
  /** As `Board.clocksAfterLastPixel`. */
  readonly clocksAfterLastPixel?: number | undefined
  write(register: RegisterName, value: number): void
  read(register: RegisterName): number
  /** Runs one frame of width * height pixels with the pedestal words beside it. */
  frame(pixels: Uint16Array, pedestal: Uint32Array): Uint8Array
}

const declarations: ReadonlyMap<string, RegisterDeclaration> = new Map(
  registerDeclarations.map((register) => [register.name, register]),
)

/** Packets that wait for the host before the board stops taking pixels. */
const packetsWaiting = 8

/** A board in this process: register checks, pedestal memory and streams around a core. */
export class EmulatedBoard implements Board {
  readonly info: BoardInfo
  readonly #core: Core
  readonly #events = new AsyncQueue<Uint8Array>(packetsWaiting)
  readonly #written = new RegisterValues()
  #pedestal = new Uint8Array(0)
  #pedestalLength = 0
  #pixels = new Uint8Array(0)
  #pixelsLength = 0
  #closed = false

  constructor(core: Core) {
    this.#core = core
    this.info = {
      ...core.info,
      schema: core.read('schema'),
      capability: readCapability(core.read('capability')),
    }
  }

  get clocksAfterLastPixel(): number | undefined {
    return this.#core.clocksAfterLastPixel
  }

  async read(register: RegisterName): Promise<number> {
    this.#assertOpen()
    this.#declaration(register)
    return this.#core.read(register)
  }

  async write(register: RegisterName, value: number): Promise<void> {
    this.#assertOpen()
    const declaration = this.#declaration(register)
    if (declaration.access === 'read')
      throw new GemgateError('GG_REGISTER', `${register} is read-only`, 'Write another register.')
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** declaration.bits)
      throw new GemgateError(
        'GG_REGISTER',
        `${value} does not fit the ${declaration.bits} bits of ${register}`,
        `Write an integer from 0 to ${2 ** declaration.bits - 1}.`,
      )
    // The pedestal belongs to the geometry that it was sent for.
    const reshaped = (register === 'width' || register === 'height') && this.#written.get(register) !== value
    if (reshaped) this.#pedestalLength = 0
    this.#written.set(register, value)
    if (register === 'reset') {
      this.#pixelsLength = 0
      this.#events.clear()
    }
    this.#core.write(register, value)
  }

  async writeAll(writes: Iterable<readonly [RegisterName, number]>): Promise<void> {
    for (const [register, value] of writes) await this.write(register, value)
  }

  async send(stream: StreamName, data: Uint8Array, options: StreamOptions = {}): Promise<void> {
    this.#assertOpen()
    options.signal?.throwIfAborted()
    if (stream === 'pedestal') this.#takePedestal(data)
    else if (stream === 'pixels') await this.#takePixels(data, options.signal)
    else throw new GemgateError('GG_STREAM', `${stream} does not go to the board`, 'Use pixels or pedestal.')
  }

  receive(stream: StreamName, options: StreamOptions = {}): AsyncIterable<Uint8Array> {
    if (stream !== 'events')
      throw new GemgateError('GG_STREAM', `${stream} does not come from the board`, 'Use events.')
    return this.#events.iterate(options.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#events.close()
  }

  /** The pedestal memory is filled in raster order and starts again when a frame's worth has arrived. */
  #takePedestal(data: Uint8Array): void {
    const size = 4 * this.#framePixels()
    if (this.#pedestal.length !== size) {
      this.#pedestal = new Uint8Array(size)
      this.#pedestalLength = 0
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

  async #takePixels(data: Uint8Array, signal?: AbortSignal): Promise<void> {
    const size = 2 * this.#framePixels()
    for (let at = 0; at < data.length; ) {
      // A whole aligned frame is used where it lies.
      if (this.#pixelsLength === 0 && data.length - at >= size && (data.byteOffset + at) % 2 === 0) {
        await this.#run(data.subarray(at, at + size), signal)
        at += size
        continue
      }
      if (this.#pixels.length !== size) {
        this.#pixels = new Uint8Array(size)
        this.#pixelsLength = 0
      }
      const part = data.subarray(at, at + size - this.#pixelsLength)
      this.#pixels.set(part, this.#pixelsLength)
      this.#pixelsLength += part.length
      at += part.length
      if (this.#pixelsLength === size) {
        this.#pixelsLength = 0
        await this.#run(this.#pixels, signal)
      }
    }
  }

  async #run(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#pedestalLength !== 2 * bytes.length)
      throw new GemgateError(
        'GG_STREAM',
        'a frame arrived before its pedestal',
        'Send the pedestal stream for this geometry first.',
      )
    const pixels = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
    const words = new Uint32Array(this.#pedestal.buffer, 0, bytes.length / 2)
    await this.#events.push(this.#core.frame(pixels, words), signal)
  }

  /** Pixels of a frame; refuses settings that the logic cannot run with. */
  #framePixels(): number {
    const settings = this.#written.settings()
    validateSettings(settings)
    return settings.width * settings.height
  }

  #declaration(register: RegisterName): RegisterDeclaration {
    const declaration = declarations.get(register)
    if (declaration === undefined)
      throw new GemgateError(
        'GG_REGISTER',
        `there is no register ${register}`,
        'docs/registers.md lists the registers.',
      )
    return declaration
  }

  #assertOpen(): void {
    if (this.#closed) throw new GemgateError('GG_CLOSED', 'the board is closed', 'Open the board again.')
  }
}
