import {
  errno,
  maximumTransfer,
  VfioRefusal,
  vfioCommand,
  vfioRegion,
  vfioUserVersion,
} from '../../src/link/carriers/vfio-user-messages.ts'
import type { VfioHandler, VfioPeer } from '../../src/link/carriers/vfio-user-peer.ts'
import { barBytes } from '../../src/link/carriers/vfio-user-registers.ts'
import { type DmaEngine, DmaFault, type HostMemory } from './dma-engine.ts'
import { DmaMappings } from './dma-mappings.ts'
import { PciConfiguration } from './pci-configuration.ts'

/** Kinds of interrupts that the protocol lists; this device has none of any. */
const interruptKinds = 5

/** A client of the emulated board, from its first message to its end. */
export class VfioUserSession implements VfioHandler, HostMemory {
  readonly #engine: DmaEngine
  readonly #peer: VfioPeer
  readonly #gone: () => void
  readonly #mappings = new DmaMappings()
  readonly #configuration = new PciConfiguration(barBytes)
  #negotiated = false
  /** Bytes that the client takes in one message. */
  #transfer = maximumTransfer

  constructor(engine: DmaEngine, connect: (handler: VfioHandler) => VfioPeer, gone: () => void) {
    this.#engine = engine
    this.#gone = gone
    this.#peer = connect(this)
    engine.attach(this)
  }

  close(): void {
    this.#peer.close('the board was closed')
  }

  closed(): void {
    this.#engine.detach(this)
    this.#gone()
  }

  command(command: number, payload: Uint8Array): Uint8Array {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
    if (!this.#negotiated && command !== vfioCommand.version) throw this.#hangUp()
    switch (command) {
      case vfioCommand.version:
        return this.#version(payload, view)
      case vfioCommand.dmaMap:
        return this.#map(need(view, 32))
      case vfioCommand.dmaUnmap:
        return this.#unmap(need(view, 24), payload)
      case vfioCommand.getInfo:
        return this.#info(need(view, 16))
      case vfioCommand.getRegionInfo:
        return this.#regionInfo(need(view, 32))
      case vfioCommand.getIrqInfo:
        return this.#interruptInfo(need(view, 16))
      case vfioCommand.setIrqs:
        return this.#setInterrupts(need(view, 20))
      case vfioCommand.regionRead:
        return this.#read(need(view, 16), payload)
      case vfioCommand.regionWrite:
        return this.#write(need(view, 16), payload)
      case vfioCommand.reset:
        if (payload.length > 0) throw new VfioRefusal(errno.EINVAL)
        this.#engine.reset()
        return payload
      default:
        throw new VfioRefusal(errno.ENOTSUP)
    }
  }

  /** Memory of the host by messages, in as many as the client wants. Throws DmaFault. */
  async read(address: bigint, count: number): Promise<Uint8Array> {
    if (!this.#mappings.allows(address, count, 'readable')) throw new DmaFault()
    const parts: Uint8Array[] = []
    for (let at = 0; at < count; at += this.#transfer) {
      const length = Math.min(this.#transfer, count - at)
      const request = dmaHeader(address + BigInt(at), length)
      const reply = await this.#memoryRequest(vfioCommand.dmaRead, request)
      if (reply.length !== 16 + length) throw new DmaFault()
      parts.push(reply.subarray(16))
    }
    return Buffer.concat(parts)
  }

  async write(address: bigint, bytes: Uint8Array): Promise<void> {
    if (!this.#mappings.allows(address, bytes.length, 'writeable')) throw new DmaFault()
    for (let at = 0; at < bytes.length; at += this.#transfer) {
      const part = bytes.subarray(at, at + this.#transfer)
      const header = dmaHeader(address + BigInt(at), part.length)
      await this.#memoryRequest(vfioCommand.dmaWrite, Buffer.concat([header, part]))
    }
  }

  async #memoryRequest(command: number, payload: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#peer.request(command, payload)
    } catch {
      throw new DmaFault()
    }
  }

  #hangUp(): VfioRefusal {
    setImmediate(() => this.#peer.end('it does not speak this version of vfio-user'))
    return new VfioRefusal(errno.EINVAL)
  }

  #version(payload: Uint8Array, view: DataView): Uint8Array {
    if (this.#negotiated || payload.length < 4) throw this.#hangUp()
    if (view.getUint16(0, true) !== vfioUserVersion.major) throw this.#hangUp()
    const wanted = readCapabilities(payload.subarray(4))
    if (wanted === undefined) throw this.#hangUp()
    this.#transfer = wanted
    this.#negotiated = true
    const capabilities = {
      max_msg_fds: 0,
      max_data_xfer_size: maximumTransfer,
      max_dma_maps: DmaMappings.limit,
      pgsizes: 4096,
    }
    const text = Buffer.from(`${JSON.stringify({ capabilities })}\0`)
    const reply = Buffer.alloc(4 + text.length)
    reply.writeUInt16LE(vfioUserVersion.major, 0)
    reply.writeUInt16LE(Math.min(vfioUserVersion.minor, view.getUint16(2, true)), 2)
    text.copy(reply, 4)
    return reply
  }

  #map(view: DataView): Uint8Array {
    this.#mappings.add(view.getBigUint64(16, true), view.getBigUint64(24, true), view.getUint32(4, true))
    return new Uint8Array(0)
  }

  #unmap(view: DataView, payload: Uint8Array): Uint8Array {
    this.#mappings.remove(view.getBigUint64(8, true), view.getBigUint64(16, true))
    return payload.slice(0, 24)
  }

  #info(view: DataView): Uint8Array {
    wanted(view, 16)
    // Can be reset; is a PCI device.
    return words(16, 3, vfioRegion.count, interruptKinds)
  }

  #regionInfo(view: DataView): Uint8Array {
    wanted(view, 32)
    const index = view.getUint32(8, true)
    if (index >= vfioRegion.count) throw new VfioRefusal(errno.EINVAL)
    const size =
      index === vfioRegion.bar0
        ? barBytes
        : index === vfioRegion.configuration
          ? this.#configuration.bytes.length
          : 0
    return words(32, size === 0 ? 0 : 3, index, 0, size, 0, 0, 0)
  }

  #interruptInfo(view: DataView): Uint8Array {
    wanted(view, 16)
    const index = view.getUint32(8, true)
    if (index >= interruptKinds) throw new VfioRefusal(errno.EINVAL)
    return words(16, 0, index, 0)
  }

  /** No interrupts: the one request that makes sense is to switch them off. */
  #setInterrupts(view: DataView): Uint8Array {
    const none = view.getUint32(12, true) === 0 && view.getUint32(16, true) === 0
    if (view.getUint32(8, true) >= interruptKinds) throw new VfioRefusal(errno.EINVAL)
    if (!none || (view.getUint32(4, true) & 1) === 0) throw new VfioRefusal(errno.ENOTSUP)
    return new Uint8Array(0)
  }

  #read(view: DataView, payload: Uint8Array): Uint8Array {
    const { offset, region, count } = this.#access(view)
    if (payload.length !== 16) throw new VfioRefusal(errno.EINVAL)
    const reply = new Uint8Array(16 + count)
    reply.set(payload)
    if (region === vfioRegion.configuration)
      reply.set(this.#configuration.bytes.subarray(offset, offset + count), 16)
    else {
      const out = new DataView(reply.buffer, 16)
      for (let at = 0; at < count; at += 4) out.setUint32(at, this.#engine.read(offset + at), true)
    }
    return reply
  }

  #write(view: DataView, payload: Uint8Array): Uint8Array {
    const { offset, region, count } = this.#access(view)
    if (payload.length !== 16 + count) throw new VfioRefusal(errno.EINVAL)
    if (region === vfioRegion.configuration) this.#configuration.write(offset, payload.subarray(16))
    else for (let at = 0; at < count; at += 4) this.#engine.write(offset + at, view.getUint32(16 + at, true))
    return payload.slice(0, 16)
  }

  #access(view: DataView): { offset: number; region: number; count: number } {
    const place = view.getBigUint64(0, true)
    const region = view.getUint32(8, true)
    const count = view.getUint32(12, true)
    const size =
      region === vfioRegion.bar0
        ? barBytes
        : region === vfioRegion.configuration
          ? this.#configuration.bytes.length
          : 0
    if (place > BigInt(size) || Number(place) + count > size) throw new VfioRefusal(errno.EINVAL)
    const offset = Number(place)
    // Registers of BAR 0 are words.
    if (region === vfioRegion.bar0 && (offset % 4 !== 0 || count % 4 !== 0))
      throw new VfioRefusal(errno.EINVAL)
    return { offset, region, count }
  }
}

function need(view: DataView, bytes: number): DataView {
  if (view.byteLength < bytes) throw new VfioRefusal(errno.EINVAL)
  return view
}

/** The client must have room for the whole reply. */
function wanted(view: DataView, bytes: number): void {
  if (view.getUint32(0, true) < bytes) throw new VfioRefusal(errno.EINVAL)
}

function words(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true)
  return new Uint8Array(view.buffer)
}

function dmaHeader(address: bigint, count: number): Buffer {
  const header = Buffer.alloc(16)
  header.writeBigUInt64LE(address, 0)
  header.writeBigUInt64LE(BigInt(count), 8)
  return header
}

/** Bytes that the client takes in one message; undefined for version data that cannot be read. */
function readCapabilities(data: Uint8Array): number | undefined {
  if (data.length === 0) return maximumTransfer
  if (data.at(-1) !== 0) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(0, -1)))
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { capabilities } = parsed as { capabilities?: unknown }
  const limit =
    typeof capabilities === 'object' && capabilities !== null
      ? (capabilities as { max_data_xfer_size?: unknown }).max_data_xfer_size
      : undefined
  if (limit === undefined) return maximumTransfer
  return Number.isInteger(limit) && (limit as number) >= 8
    ? Math.min(limit as number, maximumTransfer)
    : undefined
}
