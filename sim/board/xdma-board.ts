import { constants } from 'node:fs'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import type { XdmaFile, XdmaFiles } from '../../src/link/carriers/xdma-files.ts'
import { DeviceOutput } from './device-output.ts'
import { IdentificationBlock } from './identification-block.ts'

export interface XdmaBoardOptions {
  /** Build id in the identification block. */
  readonly build?: bigint
  /** Milliseconds until a stream call gives up; the driver's default is 10000. */
  readonly timeout?: number
  /** Bytes of one packet that a read gives at most, to see whether the host puts records together again. */
  readonly part?: number
  /** Bit 0 of the control register went up: forget what is under way. */
  readonly onReset?: () => void
}

/**
 * A PCIe board behind files that keep the XDMA driver's rules: registers are read and written in exactly four bytes at
 * multiples of four (else EPROTO), streams have one opener (EBUSY) and no position (ESPIPE), a read of c2h needs O_TRUNC
 * to end with a packet, and a call that finds nothing gives up after ten seconds. The logic listens on the other side.
 */
export class XdmaBoard implements XdmaFiles, Carrier {
  readonly name = 'emulated xdma files'
  readonly framing = 'records'
  readonly #block: IdentificationBlock
  readonly #options: XdmaBoardOptions
  readonly #output = new DeviceOutput()
  readonly #open = new Set<string>()
  #listener: CarrierListener | undefined
  #gone = false
  #stalled: Promise<void> | undefined

  constructor(options: XdmaBoardOptions = {}) {
    this.#options = options
    this.#block = new IdentificationBlock(options.build ?? 0n, () => {
      this.#output.clear()
      options.onReset?.()
    })
  }

  async open(path: string, flags: number): Promise<XdmaFile> {
    if (this.#gone) throw systemError('ENXIO')
    const ending = /_(user|h2c_0|c2h_0)$/.exec(path)?.[1]
    if (ending === undefined) throw systemError('ENOENT')
    if (ending === 'user') return this.#user()
    const access = flags & 3
    if (access !== (ending === 'h2c_0' ? constants.O_WRONLY : constants.O_RDONLY)) throw systemError('EINVAL')
    if (this.#open.has(ending)) throw systemError('EBUSY')
    this.#open.add(ending)
    return ending === 'h2c_0' ? this.#h2c() : this.#c2h((flags & constants.O_TRUNC) !== 0)
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#output.push(bytes)
  }

  /** From now on the logic takes nothing until `until` resolves: writes of the host wait and give up. */
  stall(until: Promise<void>): void {
    this.#stalled = until
  }

  /** The board is gone: registers read as ones, stream calls fail. */
  unplug(): void {
    this.#gone = true
    this.#output.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.unplug()
  }

  #user(): XdmaFile {
    let at = 0
    const place = (length: number, position: number | null): number => {
      const address = position ?? at
      if (address % 4 !== 0) throw systemError('EPROTO')
      // The driver ignores the length and moves four bytes: a shorter buffer would be overrun.
      if (length < 4) throw systemError('EFAULT')
      if (position === null) at += 4
      return address
    }
    return {
      read: async (length, position) => {
        const word = new Uint8Array(4)
        const value = this.#gone ? 0xffffffff : this.#block.read(place(length, position))
        new DataView(word.buffer).setUint32(0, value, true)
        return word
      },
      write: async (bytes, position) => {
        const address = place(bytes.length, position)
        if (!this.#gone)
          this.#block.write(address, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true))
        return 4
      },
      close: async () => {},
    }
  }

  #h2c(): XdmaFile {
    return {
      read: async () => {
        throw systemError('EBADF')
      },
      write: async (bytes, position) => {
        if (position !== null) throw systemError('ESPIPE')
        await this.#deadline(this.#stalled ?? Promise.resolve())
        if (this.#gone) throw systemError('EIO')
        this.#listener?.data(bytes.slice())
        return bytes.length
      },
      close: async () => {
        this.#open.delete('h2c_0')
      },
    }
  }

  #c2h(endsWithPacket: boolean): XdmaFile {
    let closed = false
    return {
      read: async (length, position) => {
        if (position !== null) throw systemError('ESPIPE')
        const limit = Math.min(length, this.#options.part ?? length)
        const collected: Uint8Array[] = []
        let count = 0
        while (count < limit) {
          await this.#deadline(this.#output.ready())
          if (this.#gone) throw systemError('EIO')
          if (closed) break
          const bytes = this.#output.take(limit - count)
          collected.push(bytes)
          count += bytes.length
          if (endsWithPacket) break
        }
        return Buffer.concat(collected)
      },
      write: async () => {
        throw systemError('EBADF')
      },
      close: async () => {
        closed = true
        this.#output.wake()
        this.#open.delete('c2h_0')
      },
    }
  }

  async #deadline(event: Promise<void>): Promise<void> {
    const { timeout = 10_000 } = this.#options
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeout)
    })
    const outcome = await Promise.race([event, late])
    clearTimeout(timer)
    if (outcome === 'late') throw systemError('ETIMEDOUT')
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code} from the driver`), { code })
}
