import type { LinkTarget } from '../../sim/board/link-device.ts'
import { Random } from '../../src/core/random.ts'

export const campaignRegisters = 64
/** Reading it gives how often it was read before: a read that is executed twice leaves a gap. */
export const ticketRegister = 0

/** Bytes in front of a message: epoch of the host, index in it, length of the whole. */
export const messageHeader = 12

/** A message of `length` bytes that cannot be mistaken for another one. */
export function campaignMessage(epoch: number, index: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(messageHeader, length))
  const random = new Random(epoch * 65599 + index)
  for (let i = messageHeader; i < bytes.length; i++) bytes[i] = random.integer(256)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, epoch, true)
  view.setUint32(4, index, true)
  view.setUint32(8, bytes.length, true)
  return bytes
}

/** Logic of a fault campaign: remembers every execution, checks the pixels, and gives an event for each message. */
export class CampaignLogic implements LinkTarget {
  readonly dropped = 0
  /** Values written, in the order of execution. */
  readonly executed: number[] = []
  /** Messages that arrived whole and right, by epoch of the host. */
  readonly arrived = new Map<number, number>()
  /** Epochs whose session ended while the logic was busy: pixels that waited in the slots are gone. */
  readonly heldUp = new Set<number>()
  messagesLost = 0
  messagesDuplicated = 0
  /** Events made in the present session, and the number of the session. */
  produced = 0
  sessionNumber = 0
  /** Called when the logic is busy; it calls back when it is not any more. */
  readonly #later: (resume: () => void) => void
  readonly #epoch: () => number
  readonly #random: Random
  readonly #registers = new Uint32Array(campaignRegisters)
  #tickets = 0
  #events: Uint8Array[] = []
  #held: number[] = []
  #expected: { readonly epoch: number; index: number } | undefined
  #lost = false
  #busy = false

  /** `epoch` tells the host's present one. */
  constructor(random: Random, epoch: () => number, later: (resume: () => void) => void) {
    this.#random = random
    this.#epoch = epoch
    this.#later = later
  }

  read(address: number): number {
    return address === ticketRegister ? this.#tickets++ : this.#registers[address]!
  }

  write(address: number, value: number): void {
    this.executed.push(value)
    this.#registers[address] = value
  }

  push(bytes: Uint8Array): number {
    if (this.#busy) return 0
    if (this.#random.uniform() < 0.02) {
      this.#busy = true
      this.#later(() => {
        this.#busy = false
      })
      return this.#take(bytes.subarray(0, this.#random.integer(bytes.length)))
    }
    return this.#take(bytes)
  }

  pull(): Uint8Array | undefined {
    return this.#events.shift()
  }

  session(): void {
    if (this.#busy) this.heldUp.add(this.#epoch())
    this.sessionNumber++
    this.produced = 0
    this.#events = []
    this.#held = []
    this.#expected = undefined
    this.#lost = false
  }

  powerLoss(): void {
    if (this.#busy) this.heldUp.add(this.#epoch())
    this.#registers.fill(0)
    this.#events = []
  }

  #take(bytes: Uint8Array): number {
    for (const byte of bytes) this.#held.push(byte)
    while (!this.#lost && this.#held.length >= messageHeader) {
      const header = new DataView(Uint8Array.from(this.#held.slice(0, messageHeader)).buffer)
      const length = header.getUint32(8, true)
      if (length < messageHeader || length > 2 ** 20) this.#broken()
      else if (this.#held.length < length) break
      else this.#message(this.#held.splice(0, length), header.getUint32(0, true), header.getUint32(4, true))
    }
    if (this.#lost) this.#held = []
    return bytes.length
  }

  #message(bytes: readonly number[], epoch: number, index: number): void {
    const right = campaignMessage(epoch, index, bytes.length)
    if (bytes.some((byte, i) => byte !== right[i])) {
      this.#broken()
      return
    }
    this.#expected ??= { epoch, index: 0 }
    const ahead = index - this.#expected.index
    if (epoch !== this.#expected.epoch) this.#broken()
    else if (ahead < 0) this.messagesDuplicated++
    else {
      this.messagesLost += ahead
      this.#expected.index = index + 1
      this.arrived.set(epoch, (this.arrived.get(epoch) ?? 0) + 1)
      this.#events.push(
        campaignMessage(this.sessionNumber, this.produced++, messageHeader + this.#random.integer(1500)),
      )
    }
  }

  /** What arrives is not what was sent; nothing more can be told in this session. */
  #broken(): void {
    this.messagesLost++
    this.#lost = true
  }
}
