import type { Socket } from 'node:net'
import {
  encodeVfioMessage,
  errno,
  type VfioMessage,
  VfioReader,
  VfioRefusal,
  vfioFlags,
} from './vfio-user-messages.ts'

/** What a side of the protocol does with what arrives. */
export interface VfioHandler {
  /** Executes a command and returns the payload of the reply; throws VfioRefusal. */
  command(command: number, payload: Uint8Array): Uint8Array
  /** The connection is over; called once. */
  closed(reason: string): void
}

/** Bytes that may wait in the socket before nothing more is read from it. */
const outputLimit = 1 << 20

/** One side of a vfio-user connection: commands in both directions, replies matched by number. */
export class VfioPeer {
  readonly #socket: Socket
  readonly #handler: VfioHandler
  readonly #reader: VfioReader
  readonly #waiting = new Map<
    number,
    { resolve: (payload: Uint8Array) => void; reject: (error: Error) => void; command: number }
  >()
  #next = 0
  #over = false

  constructor(socket: Socket, handler: VfioHandler) {
    this.#socket = socket
    this.#handler = handler
    this.#reader = new VfioReader((message) => this.#message(message))
    socket.on('data', (chunk) => {
      if (!this.#over && !this.#reader.push(chunk)) this.close('a message of impossible length came')
      // Who sends commands and does not read the replies waits.
      if (socket.writableLength > outputLimit) socket.pause()
    })
    socket.on('drain', () => socket.resume())
    socket.on('error', (error) => this.close(error.message))
    socket.on('close', () => this.close('the other side closed the connection'))
  }

  /** Sends a command; resolves with the reply's payload. Rejects with VfioRefusal, or when the connection ends. */
  request(command: number, payload: Uint8Array): Promise<Uint8Array> {
    if (this.#over) return Promise.reject(new Error('the connection is closed'))
    // At most 65536 commands are under way: each side has a handful.
    const id = (this.#next = (this.#next + 1) & 0xffff)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, command })
      this.#send({ id, command, flags: 0, error: 0, payload })
    })
  }

  close(reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#socket.destroy()
    for (const { reject } of this.#waiting.values()) reject(new Error(reason))
    this.#waiting.clear()
    this.#handler.closed(reason)
  }

  /** Ends the connection after what was sent has gone out. */
  end(reason: string): void {
    this.#socket.end(() => this.close(reason))
  }

  #message(message: VfioMessage): void {
    if (this.#over) return
    const type = message.flags & vfioFlags.typeMask
    if (type === vfioFlags.reply) this.#reply(message)
    else if (type === 0) this.#command(message)
    else this.close('a message of unknown type came')
  }

  #reply({ id, command, flags, error, payload }: VfioMessage): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined || waiting.command !== command) {
      this.close('a reply to nothing came')
      return
    }
    this.#waiting.delete(id)
    if ((flags & vfioFlags.error) !== 0) waiting.reject(new VfioRefusal(error))
    else waiting.resolve(payload)
  }

  #command({ id, command, flags, payload }: VfioMessage): void {
    let answer: VfioMessage
    try {
      const result = this.#handler.command(command, payload)
      answer = { id, command, flags: vfioFlags.reply, error: 0, payload: result }
    } catch (error) {
      answer = {
        id,
        command,
        flags: vfioFlags.reply | vfioFlags.error,
        error: error instanceof VfioRefusal ? error.errno : errno.EIO,
        payload: new Uint8Array(0),
      }
    }
    if ((flags & vfioFlags.noReply) === 0) this.#send(answer)
  }

  #send(message: VfioMessage): void {
    if (!this.#over) this.#socket.write(encodeVfioMessage(message))
  }
}
