import type { RegisterSpace } from './identification.ts'
import {
  errno,
  maximumTransfer,
  VfioRefusal,
  vfioCommand,
  vfioRegion,
  vfioUserVersion,
} from './vfio-user-messages.ts'
import type { VfioHandler, VfioPeer } from './vfio-user-peer.ts'
import { barBytes } from './vfio-user-registers.ts'

/** Milliseconds that the server may take for a command. */
const patience = 5000
const grace = 200

interface Mapping {
  readonly address: number
  readonly bytes: Uint8Array
  readonly access: 'readable' | 'writeable'
}

/** The client's view of a vfio-user PCI device: 32-bit registers of BAR 0, and memory that the device may reach. */
export class VfioDevice implements RegisterSpace {
  /** The device wrote into mapped memory, from this address on. */
  onWrite: (address: number) => void = () => {}
  onClosed: (reason: string) => void = () => {}
  readonly #peer: VfioPeer
  readonly #mappings: Mapping[] = []

  constructor(connect: (handler: VfioHandler) => VfioPeer) {
    this.#peer = connect({
      command: (command, payload) => this.#command(command, payload),
      closed: (reason) => this.onClosed(reason),
    })
  }

  /** Agrees on the version and checks that the device has BAR 0. Throws an Error that says what is wrong. */
  async negotiate(): Promise<void> {
    const capabilities = { capabilities: { max_msg_fds: 0, max_data_xfer_size: maximumTransfer } }
    const text = Buffer.from(`${JSON.stringify(capabilities)}\0`)
    const request = Buffer.alloc(4 + text.length)
    request.writeUInt16LE(vfioUserVersion.major, 0)
    request.writeUInt16LE(vfioUserVersion.minor, 2)
    text.copy(request, 4)
    const version = await this.#request(vfioCommand.version, request, 4)
    if (
      version.getUint16(0, true) !== vfioUserVersion.major ||
      version.getUint16(2, true) > vfioUserVersion.minor
    )
      throw new Error('the server speaks another version of vfio-user')
    const info = Buffer.alloc(16)
    info.writeUInt32LE(16, 0)
    const device = await this.#request(vfioCommand.getInfo, info, 16)
    if ((device.getUint32(4, true) & 2) === 0 || device.getUint32(8, true) <= vfioRegion.bar0)
      throw new Error('the server offers no PCI device')
    const region = Buffer.alloc(32)
    region.writeUInt32LE(32, 0)
    region.writeUInt32LE(vfioRegion.bar0, 8)
    const bar = await this.#request(vfioCommand.getRegionInfo, region, 32)
    if ((bar.getUint32(4, true) & 3) !== 3 || bar.getBigUint64(16, true) < BigInt(barBytes))
      throw new Error(`BAR 0 is not readable and writeable, or has fewer than ${barBytes} bytes`)
  }

  async read32(address: number): Promise<number> {
    const reply = await this.#request(vfioCommand.regionRead, access(address), 20)
    if (reply.byteLength !== 20 || reply.getUint32(12, true) !== 4)
      throw new Error(`a read of 4 bytes gave ${reply.byteLength - 16}`)
    return reply.getUint32(16, true)
  }

  async write32(address: number, value: number): Promise<void> {
    const word = Buffer.alloc(4)
    word.writeUInt32LE(value, 0)
    await this.#request(vfioCommand.regionWrite, Buffer.concat([access(address), word]), 16)
  }

  /** Gives the device memory at these addresses; both multiples of 4096. */
  async map(address: number, size: number, access: Mapping['access']): Promise<void> {
    const request = Buffer.alloc(32)
    request.writeUInt32LE(32, 0)
    request.writeUInt32LE(access === 'readable' ? 1 : 2, 4)
    request.writeBigUInt64LE(BigInt(address), 16)
    request.writeBigUInt64LE(BigInt(size), 24)
    this.#mappings.push({ address, bytes: new Uint8Array(size), access })
    await this.#request(vfioCommand.dmaMap, request, 0)
  }

  /** Mapped memory, as it is, not copied; undefined when a byte of it is not mapped. */
  memory(address: number, length: number, access?: Mapping['access']): Uint8Array | undefined {
    for (const mapping of this.#mappings) {
      const at = address - mapping.address
      if (at >= 0 && at + length <= mapping.bytes.length && (access ?? mapping.access) === mapping.access)
        return mapping.bytes.subarray(at, at + length)
    }
    return undefined
  }

  close(): void {
    this.#peer.close('closed here')
  }

  /** What the server asks of the client: its memory, and nothing else. */
  #command(command: number, payload: Uint8Array): Uint8Array {
    if (command !== vfioCommand.dmaRead && command !== vfioCommand.dmaWrite)
      throw new VfioRefusal(errno.ENOTSUP)
    if (payload.length < 16) throw new VfioRefusal(errno.EINVAL)
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
    const address = Number(view.getBigUint64(0, true))
    const count = Number(view.getBigUint64(8, true))
    if (count > maximumTransfer) throw new VfioRefusal(errno.EINVAL)
    if (command === vfioCommand.dmaRead) {
      if (payload.length !== 16) throw new VfioRefusal(errno.EINVAL)
      const memory = this.memory(address, count, 'readable')
      if (memory === undefined) throw new VfioRefusal(errno.EFAULT)
      return Buffer.concat([payload, memory])
    }
    if (payload.length !== 16 + count) throw new VfioRefusal(errno.EINVAL)
    const memory = this.memory(address, count, 'writeable')
    if (memory === undefined) throw new VfioRefusal(errno.EFAULT)
    memory.set(payload.subarray(16))
    this.onWrite(address)
    return payload.slice(0, 16)
  }

  async #request(command: number, payload: Uint8Array, least: number): Promise<DataView> {
    let timer = setTimeout(() => {
      // This process itself may have been busy: the answer then lies in the socket and is read before the second timer.
      timer = setTimeout(() => this.#peer.close(`command ${command} was not answered in time`), grace)
    }, patience)
    try {
      const reply = await this.#peer.request(command, payload)
      if (reply.length < least) throw new Error(`the reply to command ${command} has ${reply.length} bytes`)
      return new DataView(reply.buffer, reply.byteOffset, reply.length)
    } catch (error) {
      throw error instanceof VfioRefusal
        ? new Error(`command ${command} was refused with ${error.message}`)
        : error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Offset, region and length of an access to one register. */
function access(address: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeBigUInt64LE(BigInt(address), 0)
  bytes.writeUInt32LE(vfioRegion.bar0, 8)
  bytes.writeUInt32LE(4, 12)
  return bytes
}
