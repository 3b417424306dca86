import { createConnection } from 'node:net'
import { GemgateError } from '../../core/errors.ts'
import type { Carrier, CarrierListener } from '../carrier.ts'
import { identify, resetEngine } from './identification.ts'
import { SendQueue } from './send-queue.ts'
import { VfioDevice } from './vfio-user-device.ts'
import { VfioPeer } from './vfio-user-peer.ts'
import { completionBytes, dmaRegister, dmaStatus, largestTransfer } from './vfio-user-registers.ts'

/** Where the buffers lie in the memory that the device sees. */
const h2cAddress = 0x10000
const c2hAddress = h2cAddress + largestTransfer
const completionAddress = c2hAddress + largestTransfer
const waitingLimit = 1 << 16
/** Milliseconds for the connection. */
const patience = 5000

/** An emulated PCIe board on a UNIX socket: registers and DMA as messages, no kernel module, no shared memory. */
export class VfioUserCarrier implements Carrier {
  readonly name: string
  readonly framing = 'records'
  /** Build id in the board's identification block. */
  readonly build: bigint
  readonly #device: VfioDevice
  readonly #queue: SendQueue
  #listener: CarrierListener | undefined
  #over = false
  #h2cCount = 0
  #c2hCount = 0
  #sent: (() => void) | undefined

  private constructor(path: string, build: bigint, device: VfioDevice) {
    this.name = `vfio-user:${path}`
    this.build = build
    this.#device = device
    this.#queue = new SendQueue((chunk) => this.#send(chunk), waitingLimit)
    device.onWrite = (address) => {
      if (address === completionAddress) this.#completion()
    }
    device.onClosed = (reason) => this.#lose(reason)
  }

  /**
   * @param path of the server's socket
   * Throws GG_BOARD_UNAVAILABLE saying why the board cannot be had.
   */
  static async open(path: string): Promise<VfioUserCarrier> {
    const device = await connect(path)
    try {
      await device.negotiate()
      const build = await identify(path, device)
      await resetEngine(device)
      await device.map(h2cAddress, largestTransfer, 'readable')
      await device.map(c2hAddress, largestTransfer + 4096, 'writeable')
      await device.write32(dmaRegister.completionLow, completionAddress)
      await device.write32(dmaRegister.completionHigh, 0)
      await device.write32(dmaRegister.h2cLow, h2cAddress)
      await device.write32(dmaRegister.h2cHigh, 0)
      await device.write32(dmaRegister.c2hLow, c2hAddress)
      await device.write32(dmaRegister.c2hHigh, 0)
      const carrier = new VfioUserCarrier(path, build, device)
      // Counters go on over hosts; the reset of the engine may have set them back or not.
      carrier.#h2cCount = await device.read32(dmaRegister.h2cCount)
      carrier.#c2hCount = await device.read32(dmaRegister.c2hCount)
      return carrier
    } catch (error) {
      device.close()
      if (error instanceof GemgateError) throw error
      throw new GemgateError(
        'GG_BOARD_UNAVAILABLE',
        `${path} does not serve gemgate's board: ${error instanceof Error ? error.message : String(error)}`,
        'Start it with gemgate board serve model: --vfio-user PATH.',
        { cause: error },
      )
    }
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    this.#arm()
  }

  write(bytes: Uint8Array): Promise<void> {
    if (bytes.length % 8 !== 0)
      return Promise.reject(
        new GemgateError(
          'GG_STREAM',
          `${bytes.length} bytes are no whole records`,
          'Pad records to 8 bytes.',
        ),
      )
    return this.#queue.push(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    this.#queue.fail(new GemgateError('GG_CLOSED', `${this.name} was closed`, 'Open the board again.'))
    this.#sent?.()
    this.#device.close()
  }

  async #send(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#over; at += largestTransfer) {
      const part = chunk.subarray(at, at + largestTransfer)
      this.#device.memory(h2cAddress, part.length)!.set(part)
      const sent = new Promise<void>((resolve) => {
        this.#sent = resolve
      })
      try {
        await this.#device.write32(dmaRegister.h2cLength, part.length)
      } catch (error) {
        return this.#lose(error instanceof Error ? error.message : String(error))
      }
      await sent
    }
  }

  /** The device wrote its completion: what it is done with, and how many bytes came. */
  #completion(): void {
    if (this.#over) return
    const bytes = this.#device.memory(completionAddress, completionBytes)!
    const view = new DataView(bytes.buffer, bytes.byteOffset, completionBytes)
    const [h2c, c2h, length, status] = [0, 4, 8, 12].map((at) => view.getUint32(at, true)) as [
      number,
      number,
      number,
      number,
    ]
    if ((status & (dmaStatus.h2cFault | dmaStatus.c2hFault)) !== 0 || length > largestTransfer) {
      this.#lose(`its DMA engine failed (status 0x${status.toString(16)}, ${length} bytes)`)
      return
    }
    if (h2c !== this.#h2cCount) {
      this.#h2cCount = h2c
      this.#sent?.()
    }
    if (c2h !== this.#c2hCount) {
      this.#c2hCount = c2h
      this.#listener?.data(this.#device.memory(c2hAddress, length)!.slice())
      this.#arm()
    }
  }

  #arm(): void {
    this.#device
      .write32(dmaRegister.c2hLength, largestTransfer)
      .catch((error: unknown) => this.#lose(error instanceof Error ? error.message : String(error)))
  }

  #lose(reason: string): void {
    if (this.#over) return
    this.#over = true
    const error = new GemgateError(
      'GG_LINK_LOST',
      `${this.name} went away: ${reason}`,
      'Start the server again, then open the board again.',
    )
    this.#queue.fail(error)
    this.#sent?.()
    this.#device.close()
    this.#listener?.lost(error)
  }
}

function connect(path: string): Promise<VfioDevice> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    const refuse = (cause: NodeJS.ErrnoException): void => {
      socket.destroy()
      const [what, remedy] =
        cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED'
          ? ['nobody serves a board there', `Start it with gemgate board serve model: --vfio-user ${path}.`]
          : cause.code === 'EACCES' || cause.code === 'EPERM'
            ? ['this user may not connect', 'Run as the user who serves the board.']
            : [cause.message, 'Name the UNIX socket of a vfio-user server.']
      reject(new GemgateError('GG_BOARD_UNAVAILABLE', `${path}: ${what}`, remedy, { cause }))
    }
    socket.setTimeout(patience, () => refuse(new Error('it does not answer')))
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', refuse)
      resolve(new VfioDevice((handler) => new VfioPeer(socket, handler)))
    })
  })
}
