import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { VfioUserServer } from '../../../sim/board/vfio-user-server.ts'
import { VfioUserCarrier } from '../../../src/link/carriers/vfio-user-carrier.ts'
import {
  encodeVfioMessage,
  errno,
  type VfioMessage,
  VfioReader,
  vfioCommand,
} from '../../../src/link/carriers/vfio-user-messages.ts'
import { dmaRegister } from '../../../src/link/carriers/vfio-user-registers.ts'
import { Collector } from './collector.ts'

const folder = mkdtempSync(join(tmpdir(), 'gemgate-vfio-'))
afterAll(() => rmSync(folder, { recursive: true }))
const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
let sockets = 0

async function serve(): Promise<VfioUserServer> {
  const server = await VfioUserServer.open(join(folder, `s${sockets++}`), { build: 0x1122334455667788n })
  opened.push(server)
  return server
}

async function connect(server: VfioUserServer): Promise<VfioUserCarrier> {
  const carrier = await VfioUserCarrier.open(server.path)
  opened.push(carrier)
  return carrier
}

describe('VfioUserCarrier with VfioUserServer', () => {
  it('carries records both ways through DMA, more than a transfer holds', async () => {
    const server = await serve()
    const logic = new Collector(server)
    const carrier = await connect(server)
    expect([carrier.build, carrier.framing]).toEqual([0x1122334455667788n, 'records'])
    const host = new Collector(carrier)
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 13 + (i >> 8)) & 255)
    await Promise.all([
      carrier.write(bytes),
      (async () => {
        for (let at = 0; at < bytes.length; at += 5000) await server.write(bytes.subarray(at, at + 5000))
      })(),
    ])
    await logic.bytes(bytes.length)
    await host.bytes(bytes.length)
    expect(Buffer.from(logic.all).equals(bytes)).toBe(true)
    expect(Buffer.from(host.all).equals(bytes)).toBe(true)
  })

  it('keeps the board when a client leaves, and serves one client at a time', async () => {
    const server = await serve()
    const logic = new Collector(server)
    const first = await connect(server)
    new Collector(first)
    await expect(connect(server)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
    await first.write(new Uint8Array(8).fill(1))
    await logic.bytes(8)
    await first[Symbol.asyncDispose]()
    await expect(first.write(new Uint8Array(8))).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    const second = await connect(server)
    const host = new Collector(second)
    await second.write(new Uint8Array(16).fill(2))
    await logic.bytes(24)
    await server.write(new Uint8Array(8).fill(3))
    await host.bytes(8)
    expect([logic.losses, host.all[0]]).toEqual([[], 3])
  })

  it('tells once that the server is gone', async () => {
    const server = await serve()
    const carrier = await connect(server)
    const host = new Collector(carrier)
    await server[Symbol.asyncDispose]()
    await host.lost
    await expect(carrier.write(new Uint8Array(8))).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    expect(host.losses).toEqual(['GG_LINK_LOST'])
    expect(existsSync(server.path)).toBe(false)
  })

  it('says why no board can be had, or served', async () => {
    await expect(VfioUserCarrier.open(join(folder, 'nobody'))).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining('nobody serves'),
    })
    const server = await serve()
    await expect(VfioUserServer.open(server.path)).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining('already'),
    })
    const file = join(folder, 'file')
    writeFileSync(file, 'precious')
    await expect(VfioUserServer.open(file)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
    expect(existsSync(file)).toBe(true)
    await expect(VfioUserServer.open(join(folder, 'no', 'such'))).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
    })
  })

  it('ends with a typed error at servers that speak nonsense', async () => {
    const path = join(folder, `s${sockets++}`)
    for (const answer of [
      Buffer.alloc(16),
      Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      Buffer.alloc(0),
    ]) {
      const server = createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.end(answer))
      })
      await new Promise<void>((resolve) => server.listen(path, resolve))
      await expect(VfioUserCarrier.open(path)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

/** A client that says what it likes. */
class RawClient {
  readonly #socket: Socket
  readonly #replies: VfioMessage[] = []
  #wake = (): void => {}
  closed = false
  /** Answers to the server's own commands. */
  onCommand: (message: VfioMessage) => VfioMessage | undefined = () => undefined

  constructor(path: string) {
    this.#socket = createConnection(path)
    const reader = new VfioReader((message) => {
      if ((message.flags & 15) === 0) {
        const answer = this.onCommand(message)
        if (answer !== undefined) this.#socket.write(encodeVfioMessage(answer))
        return
      }
      this.#replies.push(message)
      this.#wake()
    })
    this.#socket.on('data', (chunk) => reader.push(chunk))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The reply, or undefined when the server hung up. */
  async ask(
    command: number,
    payload: Uint8Array = new Uint8Array(0),
    flags = 0,
  ): Promise<VfioMessage | undefined> {
    this.raw(encodeVfioMessage({ id: 7, command, flags, error: 0, payload }))
    while (this.#replies.length === 0 && !this.closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#replies.shift()
  }

  async hello(): Promise<this> {
    const reply = await this.ask(vfioCommand.version, words16(0, 1))
    expect(reply?.error).toBe(0)
    return this
  }

  end(): void {
    this.#socket.destroy()
  }
}

const words16 = (...values: number[]): Uint8Array => new Uint8Array(new Uint16Array(values).buffer)
const words32 = (...values: number[]): Uint8Array => new Uint8Array(new Uint32Array(values).buffer)
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
const region = (offset: number, index: number, count: number, ...data: number[]): Uint8Array =>
  words32(offset, 0, index, count, ...data)
const map = (address: number, size: number, flags: number): Uint8Array =>
  words32(32, flags, 0, 0, address, 0, size, 0)

describe('VfioUserServer', () => {
  it('makes a socket that was never open to others', async () => {
    const path = join(folder, `s${sockets++}`)
    const mask = process.umask(0)
    try {
      const opening = VfioUserServer.open(path)
      // The socket is there one turn after the look for a stale one; others could come from then on.
      while (!existsSync(path)) await Promise.resolve()
      expect(statSync(path).mode & 0o777).toBe(0o600)
      opened.push(await opening)
      expect(process.umask()).toBe(0)
    } finally {
      process.umask(mask)
    }
  })

  it('describes a PCI device with BAR 0 and configuration space, and no interrupts', async () => {
    const server = await serve()
    const client = await new RawClient(server.path).hello()
    const info = view((await client.ask(vfioCommand.getInfo, words32(16, 0, 0, 0)))!.payload)
    expect([info.getUint32(4, true), info.getUint32(8, true), info.getUint32(12, true)]).toEqual([3, 9, 5])
    for (const [index, size] of [
      [0, 4096],
      [1, 0],
      [7, 256],
    ] as const) {
      const reply = view(
        (await client.ask(vfioCommand.getRegionInfo, words32(32, 0, index, 0, 0, 0, 0, 0)))!.payload,
      )
      expect([reply.getUint32(8, true), reply.getUint32(16, true)]).toEqual([index, size])
    }
    const interrupts = view((await client.ask(vfioCommand.getIrqInfo, words32(16, 0, 2, 0)))!.payload)
    expect(interrupts.getUint32(12, true)).toBe(0)
    expect((await client.ask(vfioCommand.setIrqs, words32(20, 1 | 32, 2, 0, 1)))?.error).toBe(errno.ENOTSUP)
    expect((await client.ask(vfioCommand.setIrqs, words32(20, 1 | 32, 2, 0, 0)))?.error).toBe(0)
    const id = view((await client.ask(vfioCommand.regionRead, region(0, 7, 4)))!.payload)
    expect(id.getUint32(16, true)).toBe(0x47471234)
    // The size of BAR 0 as every PCI driver asks for it.
    await client.ask(vfioCommand.regionWrite, region(0x10, 7, 4, 0xffffffff))
    const bar = view((await client.ask(vfioCommand.regionRead, region(0x10, 7, 4)))!.payload)
    expect(bar.getUint32(16, true)).toBe(0xfffff000)
    expect((await client.ask(vfioCommand.reset))?.error).toBe(0)
    client.end()
  })

  it('refuses with an errno what makes no sense, and goes on', async () => {
    const server = await serve()
    const client = await new RawClient(server.path).hello()
    const ask = async (command: number, payload?: Uint8Array): Promise<number | undefined> =>
      (await client.ask(command, payload))?.error
    expect(await ask(99)).toBe(errno.ENOTSUP)
    expect(await ask(vfioCommand.getRegionIoFds, words32(16, 0, 0, 0))).toBe(errno.ENOTSUP)
    expect(await ask(vfioCommand.getInfo)).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.getInfo, words32(8, 0, 0, 0))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.getRegionInfo, words32(32, 0, 9, 0, 0, 0, 0, 0))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionRead, region(4094, 0, 4))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionRead, region(2, 0, 4))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionRead, region(0, 3, 4))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionRead, region(0, 0, 0xfffffffc))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionWrite, region(0, 0, 8, 1))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionWrite, region(dmaRegister.h2cLength, 0, 4, 7))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.regionWrite, region(dmaRegister.h2cLength, 0, 4, 1 << 20))).toBe(
      errno.EINVAL,
    )
    expect(await ask(vfioCommand.dmaMap, map(100, 4096, 3))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.dmaMap, map(4096, 8192, 3))).toBe(0)
    expect(await ask(vfioCommand.dmaMap, map(8192, 8192, 3))).toBe(errno.EEXIST)
    expect(await ask(vfioCommand.dmaUnmap, words32(24, 0, 4096, 0, 4096, 0))).toBe(errno.EINVAL)
    expect(await ask(vfioCommand.dmaUnmap, words32(24, 0, 4096, 0, 8192, 0))).toBe(0)
    expect(await ask(vfioCommand.version, words16(0, 1))).toBe(errno.EINVAL)
    client.end()
  })

  it('hangs up before the version is agreed on, and when it cannot find the next message', async () => {
    const server = await serve()
    const unspoken = await serve()
    const early = new RawClient(unspoken.path)
    expect((await early.ask(vfioCommand.getInfo, words32(16, 0, 0, 0)))?.error).toBe(errno.EINVAL)
    expect(await early.ask(vfioCommand.getInfo, words32(16, 0, 0, 0))).toBeUndefined()
    for (const size of [3, 15, 0x7fffffff]) {
      const client = await new RawClient(server.path).hello()
      client.raw(words32(1 | (9 << 16), size, 0, 0))
      expect(await client.ask(vfioCommand.getInfo, words32(16, 0, 0, 0))).toBeUndefined()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const client = await new RawClient(server.path).hello()
    client.raw(encodeVfioMessage({ id: 3, command: 11, flags: 1, error: 0, payload: new Uint8Array(0) }))
    expect(await client.ask(vfioCommand.getInfo, words32(16, 0, 0, 0))).toBeUndefined()
  })

  it('reports DMA to memory that is not there, and the logic never sees invented bytes', async () => {
    const server = await serve()
    const logic = new Collector(server)
    const client = await new RawClient(server.path).hello()
    await client.ask(vfioCommand.dmaMap, map(4096, 4096, 3))
    const start = async (address: number): Promise<number> => {
      await client.ask(vfioCommand.regionWrite, region(dmaRegister.h2cLow, 0, 4, address))
      await client.ask(vfioCommand.regionWrite, region(dmaRegister.h2cLength, 0, 4, 64))
      await new Promise((resolve) => setTimeout(resolve, 10))
      return view(
        (await client.ask(vfioCommand.regionRead, region(dmaRegister.status, 0, 4)))!.payload,
      ).getUint32(16, true)
    }
    expect(await start(0x9000)).toBe(0x101)
    await client.ask(vfioCommand.reset)
    // A client that refuses, and one that gives fewer bytes than it was asked for.
    client.onCommand = ({ id, command }) => ({
      id,
      command,
      flags: 33,
      error: 14,
      payload: new Uint8Array(0),
    })
    expect(await start(4096)).toBe(0x101)
    await client.ask(vfioCommand.reset)
    client.onCommand = ({ id, command, payload }) => ({
      ...{ id, command, flags: 1, error: 0 },
      payload: Buffer.concat([payload, Buffer.alloc(8)]),
    })
    expect(await start(4096)).toBe(0x101)
    expect(logic.all).toHaveLength(0)
    client.end()
  })

  it('survives any bytes: a reply, an error or a closed connection, and the next client is served', async () => {
    const server = await serve()
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            command: fc.integer({ min: 0, max: 20 }),
            flags: fc.constantFrom(0, 0, 0, 16, 1, 5),
            payload: fc.uint8Array({ maxLength: 40 }),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        fc.uint8Array({ maxLength: 30 }),
        async (messages, tail) => {
          const client = await new RawClient(server.path).hello()
          for (const { command, flags, payload } of messages)
            client.raw(encodeVfioMessage({ id: 1, command, flags, error: 0, payload }))
          client.raw(tail)
          await new Promise((resolve) => setTimeout(resolve, 2))
          client.end()
          await new Promise((resolve) => setTimeout(resolve, 3))
        },
      ),
      { numRuns: 60, seed: 3 },
    )
    const logic = new Collector(server)
    const carrier = await connect(server)
    new Collector(carrier)
    await carrier.write(new Uint8Array(8))
    await logic.bytes(8)
  })
})
