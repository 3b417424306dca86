import type { Board, BoardInfo, StreamName, StreamOptions } from '../../src/board/board.ts'
import { readCapability } from '../../src/board/capability.ts'
import { FrameAssembly, FrameBuffer } from '../../src/board/frame-assembly.ts'
import { checkWrite, declarationOf } from '../../src/board/register-checks.ts'
import type { RegisterName } from '../../src/board/registers.ts'
import { AsyncQueue } from '../../src/core/async-queue.ts'
import { GemgateError } from '../../src/core/errors.ts'

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

/** Packets that wait for the host before the board stops taking pixels. */
const packetsWaiting = 8

/** A board in this process: register checks, pedestal memory and streams around a core. */
export class EmulatedBoard implements Board {
  readonly info: BoardInfo
  readonly #core: Core
  readonly #events = new AsyncQueue<Uint8Array>(packetsWaiting)
  readonly #assembly: FrameAssembly
  readonly #buffer = new FrameBuffer()
  #closed = false

  constructor(core: Core) {
    this.#core = core
    const capability = readCapability(core.read('capability'))
    this.info = { ...core.info, schema: core.read('schema'), capability }
    this.#assembly = new FrameAssembly(capability)
  }

  get clocksAfterLastPixel(): number | undefined {
    return this.#core.clocksAfterLastPixel
  }

  async read(register: RegisterName): Promise<number> {
    this.#assertOpen()
    declarationOf(register)
    return this.#core.read(register)
  }

  async write(register: RegisterName, value: number): Promise<void> {
    this.#assertOpen()
    checkWrite(register, value)
    this.#assembly.write(register, value)
    if (register === 'reset') this.#events.clear()
    this.#core.write(register, value)
  }

  async writeAll(writes: Iterable<readonly [RegisterName, number]>): Promise<void> {
    for (const [register, value] of writes) await this.write(register, value)
  }

  async send(stream: StreamName, data: Uint8Array, options: StreamOptions = {}): Promise<void> {
    this.#assertOpen()
    options.signal?.throwIfAborted()
    if (stream === 'pedestal') this.#assembly.takePedestal(data)
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

  async #takePixels(data: Uint8Array, signal?: AbortSignal): Promise<void> {
    for (const part of this.#assembly.parts(data)) {
      const pixels = this.#buffer.add(part)
      if (pixels !== undefined) await this.#events.push(this.#core.frame(pixels, part.words), signal)
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new GemgateError('GG_CLOSED', 'the board is closed', 'Open the board again.')
  }
}
