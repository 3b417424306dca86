import { GemgateError } from '../../src/core/errors.ts'
import type { RecordedAccess, RecordedSession, Recording } from '../../src/link/recording-reader.ts'
import type { LinkTarget } from './link-device.ts'

/**
 * Logic that does what a recording says, and throws GG_REPLAY when the host does something else. Requests are compared word
 * by word in their order and pixels byte by byte; an event comes when the host has done what it had done then.
 */
export class ReplayTarget implements LinkTarget {
  readonly dropped = 0
  readonly #recording: Recording
  #session: RecordedSession | undefined
  #number = 0
  #accesses = 0
  #pixelBytes = 0
  #events = 0

  constructor(recording: Recording) {
    this.#recording = recording
  }

  read(address: number): number {
    return this.#next('read', address, undefined)
  }

  write(address: number, value: number): void {
    this.#next('write', address, value)
  }

  push(bytes: Uint8Array): number {
    const recorded = this.#session!.pixels
    const at = this.#pixelBytes
    if (at + bytes.length > recorded.length)
      throw this.#refusal(
        `byte ${recorded.length} and more of the pixels stream are sent`,
        `only ${recorded.length} bytes were sent`,
      )
    for (let i = 0; i < bytes.length; i++)
      if (bytes[i] !== recorded[at + i])
        throw this.#refusal(
          `byte ${at + i} of the pixels stream is ${bytes[i]}`,
          `it was ${recorded[at + i]}`,
        )
    this.#pixelBytes += bytes.length
    return bytes.length
  }

  pull(): Uint8Array | undefined {
    const event = this.#session?.events[this.#events]
    if (event === undefined || this.#accesses < event.accesses || this.#pixelBytes < event.pixelBytes)
      return undefined
    this.#events++
    return event.bytes
  }

  session(): void {
    const session = this.#recording.sessions[this.#number]
    if (session === undefined)
      throw this.#refusal(`session ${this.#number + 1} is begun`, `${this.#number} sessions were begun`)
    this.#session = session
    this.#number++
    this.#accesses = 0
    this.#pixelBytes = 0
    this.#events = 0
  }

  #next(access: RecordedAccess['access'], address: number, value: number | undefined): number {
    const asked = describe({ access, address, value })
    const recorded = this.#session!.accesses[this.#accesses]
    if (recorded === undefined)
      throw this.#refusal(asked, `the session ended after ${this.#accesses} register accesses`)
    if (
      recorded.access !== access ||
      recorded.address !== address ||
      (value !== undefined && recorded.value !== value)
    )
      throw this.#refusal(asked, `access ${this.#accesses + 1} was: ${describe(recorded)}`)
    this.#accesses++
    return recorded.value
  }

  #refusal(asked: string, recorded: string): GemgateError {
    return new GemgateError(
      'GG_REPLAY',
      `the host asks for something else than in the recording: ${asked}; recorded: ${recorded}`,
      'Replay with the same command and settings, or record the traffic again.',
      { file: this.#recording.file },
    )
  }
}

function describe(access: {
  readonly access: 'read' | 'write'
  readonly address: number
  readonly value: number | undefined
}): string {
  const { address, value } = access
  return access.access === 'read' ? `read register ${address}` : `write ${value} to register ${address}`
}
