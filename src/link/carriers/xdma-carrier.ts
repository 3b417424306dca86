import { constants } from 'node:fs'
import { GemgateError } from '../../core/errors.ts'
import type { Carrier, CarrierListener } from '../carrier.ts'
import { encodeFor } from '../framer.ts'
import { frameKind, recordMagic } from '../protocol.ts'
import { identification, identify, type RegisterSpace, resetEngine } from './identification.ts'
import { SendQueue } from './send-queue.ts'
import { systemFiles, type XdmaFile, type XdmaFiles } from './xdma-files.ts'

/** Bytes of one read: a packet of the board ends the read earlier. */
const readSize = 1 << 16
const waitingLimit = 1 << 16
/** Pause in ms after a read that gave nothing, so that a driver that returns at once does not take a core. */
const pause = 5

/** A request that every board answers, whatever its state. */
const knock = encodeFor('records', {
  kind: frameKind.statistics,
  flags: 0,
  seq: 0,
  aux: 0,
  payload: new Uint8Array(0),
})

/**
 * PCIe through the files of Xilinx's XDMA driver: registers in `_user`, records in `_h2c_0` and `_c2h_0`. Plain reads
 * and writes; nothing is mapped, no native code.
 */
export class XdmaCarrier implements Carrier {
  readonly name: string
  readonly framing = 'records'
  /** Build id in the board's identification block. */
  readonly build: bigint
  readonly #user: XdmaFile
  readonly #h2c: XdmaFile
  readonly #c2h: XdmaFile
  readonly #queue: SendQueue
  #listener: CarrierListener | undefined
  #over = false
  #closing: Promise<void> | undefined

  private constructor(base: string, build: bigint, user: XdmaFile, h2c: XdmaFile, c2h: XdmaFile) {
    this.name = `xdma:${base}`
    this.build = build
    this.#user = user
    this.#h2c = h2c
    this.#c2h = c2h
    this.#queue = new SendQueue((chunk) => this.#send(chunk), waitingLimit)
  }

  /**
   * @param base path without its endings, such as /dev/xdma0
   * @param files the driver's files, or something that keeps its rules
   * Throws GG_BOARD_UNAVAILABLE saying why the board cannot be had.
   */
  static async open(base: string, files: XdmaFiles = systemFiles): Promise<XdmaCarrier> {
    const opened: XdmaFile[] = []
    const open = async (ending: string, flags: number): Promise<XdmaFile> => {
      const path = `${base}_${ending}`
      try {
        const file = await files.open(path, flags, ending !== 'user')
        opened.push(file)
        return file
      } catch (error) {
        throw refusedFile(path, error)
      }
    }
    try {
      const user = await open('user', constants.O_RDWR)
      const space: RegisterSpace = {
        read32: (address) => readWord(user, address),
        write32: (address, value) => writeWord(user, address, value),
      }
      const refused = (error: unknown): never => {
        throw error instanceof GemgateError ? error : refusedFile(`${base}_user`, error)
      }
      const build = await identify(base, space).catch(refused)
      // The streams have one opener: from here on the board is nobody else's.
      const h2c = await open('h2c_0', constants.O_WRONLY)
      // With this flag the driver ends a read at the end of a packet instead of filling the buffer.
      const c2h = await open('c2h_0', constants.O_RDONLY | constants.O_TRUNC)
      await resetEngine(space).catch(refused)
      return new XdmaCarrier(base, build, user, h2c, c2h)
    } catch (error) {
      for (const file of opened) await file.close()
      throw error
    }
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    void this.#receive()
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#queue.push(bytes)
  }

  [Symbol.asyncDispose](): Promise<void> {
    // Once: the numbers of closed files may be those of others by now.
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const lost = this.#over
    this.#over = true
    this.#queue.fail(new GemgateError('GG_CLOSED', `${this.name} was closed`, 'Open the board again.'))
    // Nothing interrupts a read of the driver but data: the answer to this frame ends it.
    if (!lost) void this.#h2c.write(knock, null).catch(() => {})
    await Promise.all([this.#c2h.close(), this.#h2c.close()])
    if (!lost) await writeWord(this.#user, identification.control, 1).catch(() => {})
    await this.#user.close()
  }

  async #receive(): Promise<void> {
    while (!this.#over) {
      let bytes: Uint8Array
      try {
        bytes = await this.#c2h.read(readSize, null)
      } catch (error) {
        if (!isTimeout(error)) return this.#lose(error)
        bytes = new Uint8Array(0)
      }
      if (this.#over) return
      if (bytes.length > 0) this.#listener?.data(bytes)
      else if (!(await this.#isThere())) return
      else await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  /** Nothing came: is the board still behind its address? */
  async #isThere(): Promise<boolean> {
    try {
      const magic = await readWord(this.#user, identification.magic)
      if (magic === recordMagic) return true
      this.#lose(new Error(`its identification reads 0x${magic.toString(16)}`))
    } catch (error) {
      this.#lose(error)
    }
    return false
  }

  async #send(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#over; ) {
      try {
        at += await this.#h2c.write(chunk.subarray(at), null)
      } catch (error) {
        if (this.#over) return
        // The board takes nothing for now; what the driver took of this packet is found damaged and sent again.
        if (!isTimeout(error) || !(await this.#isThere())) return this.#lose(error)
      }
    }
  }

  #lose(cause: unknown): void {
    if (this.#over) return
    this.#over = true
    const error = new GemgateError(
      'GG_LINK_LOST',
      `${this.name} went away: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Look at dmesg; a board that was flashed or lost its power needs a rescan of the PCIe bus.',
      { cause },
    )
    this.#queue.fail(error)
    this.#listener?.lost(error)
  }
}

/** The driver moves exactly four bytes at a multiple of four; anything else would be no register. */
async function readWord(file: XdmaFile, address: number): Promise<number> {
  const bytes = await file.read(4, address)
  if (bytes.length !== 4) throw shortAccess('read', bytes.length, address)
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
}

async function writeWord(file: XdmaFile, address: number, value: number): Promise<void> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  const count = await file.write(bytes, address)
  if (count !== 4) throw shortAccess('write', count, address)
}

function shortAccess(what: string, count: number, address: number): GemgateError {
  return new GemgateError(
    'GG_BOARD_UNAVAILABLE',
    `a ${what} of the register at byte ${address} moved ${count} bytes instead of 4`,
    'Name the files of the XDMA driver; a regular file is none.',
  )
}

/** The driver gives up after ten seconds; some versions let the number of its own restart code through. */
const restart = -512

function isTimeout(error: unknown): boolean {
  const { code, errno } = error as NodeJS.ErrnoException
  return code === 'ETIMEDOUT' || code === 'EINTR' || code === 'EAGAIN' || errno === restart
}

function refusedFile(path: string, cause: unknown): GemgateError {
  const { code, message } = cause as NodeJS.ErrnoException
  const [what, remedy] =
    code === 'ENOENT' || code === 'ENODEV' || code === 'ENXIO'
      ? [
          'is not there',
          'Load the XDMA driver (modprobe xdma) and rescan the PCIe bus; lspci -d 10ee: shows the board.',
        ]
      : code === 'EACCES' || code === 'EPERM'
        ? ['may not be opened by this user', 'Add the udev rule of docs/boards.md and log in again.']
        : code === 'EBUSY'
          ? ['is used by another program', `Close the other program; "fuser -v ${path}" names it.`]
          : [
              `cannot be used (${message})`,
              'Name the files of the XDMA driver without their endings, such as /dev/xdma0.',
            ]
  return new GemgateError('GG_BOARD_UNAVAILABLE', `${path} ${what}`, remedy, { cause })
}
