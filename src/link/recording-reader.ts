import { GemgateError } from '../core/errors.ts'
import { decodeHelloReply } from './hello.ts'
import { frameFlags, frameKind, type HelloReply, type LinkFrame, replyStatus } from './protocol.ts'
import { damaged, type RecordedFrame, type RecordingHeader } from './recording-format.ts'
import { following } from './sequence.ts'
import { bytesToWords } from './words.ts'

/** One executed access to a register. */
export interface RecordedAccess {
  readonly access: 'read' | 'write'
  readonly address: number
  readonly value: number
}

/** A message of the device, and what the host had sent of its own when it came. */
export interface RecordedEvent {
  readonly bytes: Uint8Array
  readonly accesses: number
  readonly pixelBytes: number
}

/** What happened between one HELLO and the next, without repeats. */
export interface RecordedSession {
  readonly accesses: RecordedAccess[]
  readonly pixels: Uint8Array
  readonly events: RecordedEvent[]
}

export interface Recording {
  readonly file: string
  readonly header: RecordingHeader
  /** The device, as it said itself; its nonce means nothing here. */
  readonly device: HelloReply
  readonly sessions: readonly RecordedSession[]
}

interface Building extends RecordedSession {
  readonly parts: Uint8Array[]
  pixelBytes: number
  pixelSeq: number
  eventSeq: number
  message: Uint8Array[]
  /** The request that waits for its answer. */
  request: LinkFrame | undefined
  lastSeq: number
}

/** Puts together what the frames of a recording mean. */
export class RecordingReader {
  frames = 0
  readonly #file: string
  readonly #sessions: Building[] = []
  #device: HelloReply | undefined
  #nonce: number | undefined

  constructor(file: string) {
    this.#file = file
  }

  add({ from, frame }: RecordedFrame, line: number): void {
    this.frames++
    if (frame.kind === frameKind.helloReply && from === 'device') {
      this.#hello(frame, line)
      return
    }
    const session = this.#sessions.at(-1)
    if (session === undefined) return
    if (from === 'host') hostFrame(session, frame)
    else this.#deviceFrame(session, frame, line)
  }

  finish(header: RecordingHeader): Recording {
    if (this.#device === undefined)
      throw new GemgateError(
        'GG_REPLAY',
        'no device answers in this recording',
        'Record a session with a board.',
        {
          file: this.#file,
        },
      )
    const sessions = this.#sessions.map(({ accesses, events, parts }) => ({
      accesses,
      events,
      pixels: new Uint8Array(Buffer.concat(parts)),
    }))
    return { file: this.#file, header, device: this.#device, sessions }
  }

  #hello(frame: LinkFrame, line: number): void {
    const reply = decodeHelloReply(frame.payload)
    if (reply === undefined) throw damaged('a HELLO reply has another length', this.#file, line)
    if (reply.nonce === this.#nonce) return
    const before = this.#device
    if (before !== undefined && (before.build !== reply.build || before.schema !== reply.schema))
      throw new GemgateError(
        'GG_REPLAY',
        'the device was another one after a restart',
        'Record one device at a time.',
        { file: this.#file, line },
      )
    this.#nonce = reply.nonce
    this.#device ??= reply
    this.#sessions.push({
      accesses: [],
      pixels: new Uint8Array(0),
      events: [],
      parts: [],
      pixelBytes: 0,
      pixelSeq: 0,
      eventSeq: 0,
      message: [],
      request: undefined,
      lastSeq: 0,
    })
  }

  #deviceFrame(session: Building, frame: LinkFrame, line: number): void {
    if (frame.kind === frameKind.dataToHost) {
      if (frame.seq === session.eventSeq) event(session, frame)
      return
    }
    const { request } = session
    if (request === undefined || frame.seq !== request.seq || frame.kind !== (request.kind | 0x80)) return
    session.request = undefined
    session.lastSeq = request.seq
    if (frame.aux !== replyStatus.ok) return
    if (request.kind === frameKind.read) {
      const words = bytesToWords(frame.payload)
      if (frame.payload.length !== 4 * (request.payload[0] ?? 0))
        throw damaged('a reply has another length than was asked for', this.#file, line)
      for (const [i, value] of words.entries())
        session.accesses.push({ access: 'read', address: request.aux + i, value })
    } else {
      const step = request.kind === frameKind.write ? 1 : 0
      for (const [i, value] of bytesToWords(request.payload).entries())
        session.accesses.push({ access: 'write', address: request.aux + step * i, value })
    }
  }
}

function hostFrame(session: Building, frame: LinkFrame): void {
  if (frame.kind === frameKind.dataToDevice) {
    if (frame.seq !== session.pixelSeq) return
    session.pixelSeq = following(frame.seq)
    session.parts.push(frame.payload)
    session.pixelBytes += frame.payload.length
  } else if (
    (frame.kind === frameKind.read || frame.kind === frameKind.write || frame.kind === frameKind.pulse) &&
    frame.seq !== session.lastSeq
  )
    session.request = frame
}

function event(session: Building, frame: LinkFrame): void {
  session.eventSeq = following(frame.seq)
  session.message.push(frame.payload)
  if ((frame.flags & frameFlags.last) === 0) return
  const bytes = new Uint8Array(Buffer.concat(session.message))
  session.message = []
  session.events.push({ bytes, accesses: session.accesses.length, pixelBytes: session.pixelBytes })
}
