import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { ThreadFile } from './thread-file.ts'

/** One open file of the XDMA driver. Errors carry the `code` of the system call. */
export interface XdmaFile {
  /**
   * One read call; resolves with the bytes that it gave, at most `length`.
   * @param position byte address for registers, null for streams: the driver has no positions there
   */
  read(length: number, position: number | null): Promise<Uint8Array>
  /** One write call; resolves with the number of bytes that it took. */
  write(bytes: Uint8Array, position: number | null): Promise<number>
  close(): Promise<void>
}

/** Opens files of the XDMA driver, or of something that behaves as it does. */
export interface XdmaFiles {
  /** @param stream calls may block for seconds: they are made in a thread of their own */
  open(path: string, flags: number, stream: boolean): Promise<XdmaFile>
}

/** The files of this machine. */
export const systemFiles: XdmaFiles = {
  async open(path, flags, stream) {
    const fd = openSync(path, flags)
    return stream ? new ThreadFile(fd) : new DirectFile(fd)
  },
}

/** A register takes less than a microsecond: a thread would cost more than the call. */
class DirectFile implements XdmaFile {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  async read(length: number, position: number | null): Promise<Uint8Array> {
    const buffer = new Uint8Array(length)
    return buffer.subarray(0, readSync(this.#fd, buffer, 0, length, position))
  }

  async write(bytes: Uint8Array, position: number | null): Promise<number> {
    return writeSync(this.#fd, bytes, 0, bytes.length, position)
  }

  async close(): Promise<void> {
    closeSync(this.#fd)
  }
}
