import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { SerialPort } from 'serialport'
import { GemgateError } from '../../core/errors.ts'
import type { Carrier, CarrierListener } from '../carrier.ts'
import { SendQueue } from './send-queue.ts'
import type { SerialAddress } from './serial-address.ts'
import { refusedPort } from './serial-errors.ts'

/** Bytes that may wait here: 27 ms at 3 Mbaud, so that a register access is never far behind the stream. */
const waitingLimit = 8192
/** Bytes handed to the driver at a time; the next only after it took these. */
const writeSize = 4096
/** A UART still understands a rate that is this much off. */
const baudTolerance = 0.02

/** The calls of serialport's Linux binding that its stream does not pass on. */
interface Binding {
  getBaudRate(): Promise<{ baudRate: number }>
}

/**
 * A UART through the package serialport. One object is one opening of the port: what was not sent when the device went
 * away or the carrier was closed is dropped with it, and a new object never sends it.
 */
export class SerialCarrier implements Carrier {
  readonly name: string
  readonly framing = 'bytes'
  /** Baud rate as the driver reports it. */
  readonly baud: number
  /** What the USB bridge waits before it sends a short packet, in ms; undefined where nothing reports it. */
  readonly latencyTimer: number | undefined
  readonly #port: SerialPort
  readonly #queue: SendQueue
  #listener: CarrierListener | undefined
  #over = false

  private constructor(port: SerialPort, baud: number, latencyTimer: number | undefined) {
    this.#port = port
    this.baud = baud
    this.latencyTimer = latencyTimer
    this.name = `serial:${port.path} at ${baud} baud`
    this.#queue = new SendQueue((chunk) => this.#send(chunk), waitingLimit)
    port.on('close', (error: Error | null) => this.#lose(error))
    port.on('error', (error: Error) => this.#lose(error))
  }

  /**
   * Opens the port for this process alone, at exactly this rate, with the shortest latency that the driver offers.
   * Throws GG_TOOL_MISSING without serialport, GG_BOARD_UNAVAILABLE saying why the port cannot be had.
   */
  static async open(address: SerialAddress): Promise<SerialCarrier> {
    const { path, baud, rtscts } = address
    const { SerialPort } = await import('serialport').catch((error: unknown) => {
      throw new GemgateError(
        'GG_TOOL_MISSING',
        'the package serialport cannot be loaded',
        'Run npm install serialport@13; gemgate doctor says more.',
        { cause: error },
      )
    })
    // Without hupcl: false the boards whose reset hangs on DTR restart when the port is closed.
    const port = new SerialPort({ path, baudRate: baud, rtscts, autoOpen: false, lock: true, hupcl: false })
    await new Promise<void>((resolve, reject) =>
      port.open((error) => (error ? reject(refusedPort(path, error)) : resolve())),
    )
    try {
      const actual = (await (port.port as unknown as Binding).getBaudRate()).baudRate
      if (Math.abs(actual - baud) > baudTolerance * baud)
        throw new GemgateError(
          'GG_BOARD_UNAVAILABLE',
          `the driver of ${path} set ${actual} baud instead of ${baud}`,
          'The USB bridge or its driver cannot run at that rate; use a lower baud and a firmware built for it.',
        )
      // Refused by ports that have no such setting; the timer below says what it came to.
      await new Promise<void>((resolve) => port.set({ lowLatency: true } as object, () => resolve()))
      // Nothing that came before this opening belongs to it; the binding itself flushes at standard rates only.
      await new Promise<void>((resolve, reject) => port.flush((e) => (e ? reject(e) : resolve())))
      return new SerialCarrier(port, actual, await latencyTimer(path))
    } catch (error) {
      port.on('error', () => {})
      await new Promise<void>((resolve) => port.close(() => resolve()))
      throw error instanceof GemgateError ? error : refusedPort(path, error)
    }
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    this.#port.on('data', (chunk: Buffer) => {
      if (!this.#over) listener.data(chunk)
    })
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#queue.push(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.fail(new GemgateError('GG_CLOSED', `${this.name} was closed`, 'Open the board again.'))
    this.#over = true
    if (!this.#port.isOpen) return
    // A close waits until the driver has sent everything, on a stuck line half a minute.
    await new Promise<void>((resolve) => this.#port.flush(() => resolve()))
    if (this.#port.isOpen) await new Promise<void>((resolve) => this.#port.close(() => resolve()))
  }

  async #send(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#over; at += writeSize) {
      const part = chunk.subarray(at, at + writeSize)
      await new Promise<void>((resolve, reject) => {
        // A closed port would keep the bytes for its next opening, without a word.
        if (!this.#port.isOpen) reject(this.#gone(null))
        else this.#port.write(part, (error) => (error ? reject(this.#gone(error)) : resolve()))
      })
    }
  }

  #lose(cause: Error | null): void {
    if (this.#over) return
    this.#over = true
    const error = this.#gone(cause)
    this.#queue.fail(error)
    if (this.#port.isOpen) this.#port.close(() => {})
    this.#listener?.lost(error)
  }

  #gone(cause: Error | null): GemgateError {
    return new GemgateError(
      'GG_LINK_LOST',
      `${this.name} went away${cause === null ? '' : `: ${cause.message}`}`,
      'Plug the board in and open it again.',
      { cause },
    )
  }
}

/** FTDI bridges report it in sysfs; others have none or do not tell. */
async function latencyTimer(path: string): Promise<number | undefined> {
  const file = `/sys/class/tty/${basename(path)}/device/latency_timer`
  const text = await readFile(file, 'utf8').catch(() => '')
  return /^\d+\s*$/.test(text) ? Number(text) : undefined
}
