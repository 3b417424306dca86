import { closeSync, writeSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { GemgateError } from '../../src/core/errors.ts'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import { SendQueue } from '../../src/link/carriers/send-queue.ts'
import { openPty } from './pty-calls.ts'

/** Bytes that may wait here; the kernel keeps some 16 KiB more each way. */
const waitingLimit = 8192
/** Milliseconds between attempts while the other side does not read. */
const patience = 1

/**
 * The board's end of a pseudo-terminal in raw mode; `path` is the serial port that a host opens, as often as it likes:
 * like a board that stays plugged in, this end does not notice it. Closing it unplugs the board.
 */
export class Pty implements Carrier {
  readonly name: string
  readonly framing = 'bytes'
  readonly path: string
  readonly #master: number
  readonly #slave: number
  readonly #input: ReadStream
  readonly #queue: SendQueue
  #listener: CarrierListener | undefined
  #closed = false

  private constructor(master: number, slave: number, path: string) {
    this.#master = master
    this.#slave = slave
    this.path = path
    this.name = `pty ${path}`
    // The stream polls the descriptor: no thread of the pool waits in a read.
    this.#input = new ReadStream(master)
    this.#input.on('error', () => this.#end())
    this.#input.on('close', () => this.#end())
    this.#queue = new SendQueue((chunk) => this.#send(chunk), waitingLimit)
  }

  /** Throws GG_TOOL_MISSING without koffi, GG_BOARD_UNAVAILABLE where there are no pseudo-terminals. */
  static async open(): Promise<Pty> {
    const { master, slave, path } = await openPty()
    return new Pty(master, slave, path)
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    this.#input.on('data', (chunk: Buffer) => listener.data(chunk))
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#queue.push(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#queue.fail(closed(this.name))
    const done = new Promise<void>((resolve) => this.#input.once('close', () => resolve()))
    this.#input.destroy()
    closeSync(this.#slave)
    await done
  }

  async #send(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#closed && !this.#input.destroyed; ) {
      try {
        // It never blocks, and in a thread the number might be closed, and another file's, by then.
        at += writeSync(this.#master, chunk, at)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        await new Promise((resolve) => setTimeout(resolve, patience))
      }
    }
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#slave)
    const error = closed(this.name)
    this.#queue.fail(error)
    this.#listener?.lost(error)
  }
}

function closed(name: string): GemgateError {
  return new GemgateError('GG_CLOSED', `${name} was closed`, 'Open another one.')
}
