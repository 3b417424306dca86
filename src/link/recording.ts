import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { GemgateError } from '../core/errors.ts'
import type { Carrier, CarrierListener } from './carrier.ts'
import { type LinkClock, systemClock } from './clock.ts'
import { FrameDecoder, type Framing } from './framer.ts'
import {
  endLine,
  headerLine,
  type RecordedSide,
  type RecordingHeader,
  recordingLine,
} from './recording-format.ts'

export interface RecordingOptions {
  /** What is known of the board, for people who read the file. */
  readonly board?: RecordingHeader['board']
  readonly clock?: LinkClock
}

/** Bytes of lines that are written at once. */
const batch = 1 << 16

/** Payload of any frame at most: a recorder has no opinion on the device's limit. */
const anyPayload = 65535

/**
 * A carrier that writes every whole frame of both directions to a file, one line of JSON each. The file is there
 * under its name when the carrier is closed, and under `<name>.new` until then. Damaged frames are not in it.
 * Closing throws GG_OUTPUT when the file is not whole.
 */
export class RecordingCarrier implements Carrier {
  readonly name: string
  readonly framing: Framing
  readonly #inner: Carrier
  readonly #path: string
  readonly #clock: LinkClock
  readonly #began: number
  readonly #fromHost: FrameDecoder
  readonly #fromDevice: FrameDecoder
  #file: number | undefined
  #lines = ''
  #frames = 0
  #error: GemgateError | undefined
  #listener: CarrierListener | undefined

  /** Throws GG_OUTPUT when the file cannot be made. */
  constructor(inner: Carrier, path: string, options: RecordingOptions = {}) {
    this.name = inner.name
    this.framing = inner.framing
    this.#inner = inner
    this.#path = path
    this.#clock = options.clock ?? systemClock
    this.#began = this.#clock.now()
    this.#fromHost = this.#decoder('host')
    this.#fromDevice = this.#decoder('device')
    this.#lines = headerLine({
      format: 'gemgate link recording',
      version: 1,
      carrier: inner.name,
      framing: inner.framing,
      board: options.board ?? {},
    })
    try {
      this.#file = openSync(`${path}.new`, 'w')
    } catch (cause) {
      throw refused(path, cause)
    }
  }

  listen(listener: CarrierListener): void {
    this.#listener = listener
    this.#inner.listen({
      data: (chunk) => {
        this.#fromDevice.push(chunk)
        if (this.#error === undefined) listener.data(chunk)
      },
      lost: (error) => {
        if (this.#error === undefined) listener.lost(error)
      },
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#fromHost.push(bytes)
    if (this.#error !== undefined) throw this.#error
    await this.#inner.write(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#inner[Symbol.asyncDispose]()
    } finally {
      this.#finish()
    }
    if (this.#error !== undefined) throw this.#error
  }

  #finish(): void {
    if (this.#file === undefined) return
    this.#lines += endLine(this.#frames)
    this.#flush()
    if (this.#file === undefined) return
    try {
      closeSync(this.#file)
      renameSync(`${this.#path}.new`, this.#path)
    } catch (cause) {
      this.#error = refused(this.#path, cause)
    }
    this.#file = undefined
  }

  #decoder(from: RecordedSide): FrameDecoder {
    return new FrameDecoder(this.framing, anyPayload, (frame) => {
      this.#frames++
      this.#lines += recordingLine({ time: this.#clock.now() - this.#began, from, frame })
      if (this.#lines.length >= batch) this.#flush()
    })
  }

  /** A full disk ends the session: a recording with a gap would replay wrongly. */
  #flush(): void {
    if (this.#file === undefined) return
    try {
      const bytes = Buffer.from(this.#lines)
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
      this.#lines = ''
    } catch (cause) {
      this.#error = refused(this.#path, cause)
      closeSync(this.#file)
      this.#file = undefined
      this.#listener?.lost(this.#error)
    }
  }
}

function refused(path: string, cause: unknown): GemgateError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new GemgateError(
    'GG_OUTPUT',
    `the recording ${path} cannot be written: ${reason}`,
    'Make room for it.',
    {
      file: path,
      cause,
    },
  )
}
