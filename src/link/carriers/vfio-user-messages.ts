/**
 * Messages of the vfio-user protocol, version 0.1, as QEMU documents it (docs/interop/vfio-user): layouts and numbers.
 * Little endian, which is the byte order of the hosts that this runs on.
 */
export const vfioUserVersion = { major: 0, minor: 1 } as const

export const vfioCommand = {
  version: 1,
  dmaMap: 2,
  dmaUnmap: 3,
  getInfo: 4,
  getRegionInfo: 5,
  getRegionIoFds: 6,
  getIrqInfo: 7,
  setIrqs: 8,
  regionRead: 9,
  regionWrite: 10,
  /** Server to client. */
  dmaRead: 11,
  dmaWrite: 12,
  reset: 13,
} as const

export const vfioFlags = { reply: 1, typeMask: 0xf, noReply: 1 << 4, error: 1 << 5 } as const

/** errno values in error replies. */
export const errno = {
  EIO: 5,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ENOTSUP: 95,
} as const

/** Bytes of data in one message at most, on both sides. */
export const maximumTransfer = 1 << 16
const vfioHeaderBytes = 16
/** No message is longer: header, the largest fixed part, data. */
export const maximumMessage = vfioHeaderBytes + 64 + maximumTransfer

/** Regions of a PCI device: BAR 0 and configuration space. */
export const vfioRegion = { bar0: 0, configuration: 7, count: 9 } as const

/** A command that the other side refuses with this errno. */
export class VfioRefusal extends Error {
  readonly errno: number

  constructor(number: number) {
    super(`errno ${number}`)
    this.errno = number
  }
}

export interface VfioMessage {
  readonly id: number
  readonly command: number
  readonly flags: number
  readonly error: number
  readonly payload: Uint8Array
}

export function encodeVfioMessage(message: VfioMessage): Uint8Array {
  const bytes = new Uint8Array(vfioHeaderBytes + message.payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, message.id, true)
  view.setUint16(2, message.command, true)
  view.setUint32(4, bytes.length, true)
  view.setUint32(8, message.flags, true)
  view.setUint32(12, message.error, true)
  bytes.set(message.payload, vfioHeaderBytes)
  return bytes
}

/** Cuts a stream of bytes into messages; holds one message at most. */
export class VfioReader {
  readonly #sink: (message: VfioMessage) => void
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(sink: (message: VfioMessage) => void) {
    this.#sink = sink
  }

  /** False when a length makes no sense: from there on nothing can be understood. */
  push(chunk: Uint8Array): boolean {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= vfioHeaderBytes) {
      const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length)
      const size = view.getUint32(4, true)
      if (size < vfioHeaderBytes || size > maximumMessage) return false
      if (this.#bytes.length < size) return true
      const message = {
        id: view.getUint16(0, true),
        command: view.getUint16(2, true),
        flags: view.getUint32(8, true),
        error: view.getUint32(12, true),
        payload: this.#bytes.slice(vfioHeaderBytes, size),
      }
      this.#bytes = this.#bytes.subarray(size)
      this.#sink(message)
    }
    return true
  }
}
