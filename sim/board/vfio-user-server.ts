import { rmSync, statSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { GemgateError } from '../../src/core/errors.ts'
import type { Carrier, CarrierListener } from '../../src/link/carrier.ts'
import { VfioPeer } from '../../src/link/carriers/vfio-user-peer.ts'
import { DmaEngine } from './dma-engine.ts'
import { VfioUserSession } from './vfio-user-session.ts'

export interface VfioUserOptions {
  /** Build id in the identification block. */
  readonly build?: bigint
  /** The host resets the link engine: forget what is under way. */
  readonly onReset?: () => void
}

/**
 * An emulated PCIe board on a UNIX socket that speaks vfio-user, one client at a time; the logic listens on the other
 * side. The board stays when a client leaves. Whatever a client sends ends in an error reply or a closed connection.
 */
export class VfioUserServer implements Carrier {
  readonly name: string
  readonly framing = 'records'
  readonly path: string
  readonly #engine: DmaEngine
  readonly #server: Server
  #session: VfioUserSession | undefined

  private constructor(path: string, engine: DmaEngine) {
    this.path = path
    this.name = `vfio-user ${path}`
    this.#engine = engine
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Throws GG_BOARD_UNAVAILABLE when somebody serves a board there already, or the path is no place for a socket. */
  static async open(path: string, options: VfioUserOptions = {}): Promise<VfioUserServer> {
    await removeStale(path)
    const engine = new DmaEngine(options.build ?? 0n, options.onReset ?? (() => {}))
    const server = new VfioUserServer(path, engine)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', (cause) =>
        reject(
          new GemgateError(
            'GG_BOARD_UNAVAILABLE',
            `no socket can be made at ${path}: ${cause.message}`,
            'Name a new file in a folder that you may write; socket paths have at most 107 bytes.',
            { cause },
          ),
        ),
      )
      // Whoever may connect may do everything that the board can: the socket is never there with other rights.
      const mask = process.umask(0o177)
      try {
        server.#server.listen(path, resolve)
      } finally {
        process.umask(mask)
      }
    })
    // A client that could not be accepted is that client's trouble.
    server.#server.on('error', () => {})
    return server
  }

  listen(listener: CarrierListener): void {
    this.#engine.listen((bytes) => listener.data(bytes))
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#engine.output.push(bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#engine.output.close()
    this.#session?.close()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: Socket): void {
    // A device has one driver.
    if (this.#session !== undefined) {
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    this.#session = new VfioUserSession(
      this.#engine,
      (handler) => new VfioPeer(socket, handler),
      () => {
        this.#session = undefined
      },
    )
  }
}

/** A socket that nobody listens on is what a killed server left; any other file stays. */
async function removeStale(path: string): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  const served =
    found.isSocket() &&
    (await new Promise<boolean>((resolve) => {
      const socket = createConnection(path)
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    }))
  if (found.isSocket() && !served) {
    rmSync(path, { force: true })
    return
  }
  throw new GemgateError(
    'GG_BOARD_UNAVAILABLE',
    served ? `somebody serves a board at ${path} already` : `${path} is another file`,
    'Name another path.',
  )
}
