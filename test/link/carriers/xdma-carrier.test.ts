import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { XdmaBoard } from '../../../sim/board/xdma-board.ts'
import type { GemgateError } from '../../../src/core/errors.ts'
import { XdmaCarrier } from '../../../src/link/carriers/xdma-carrier.ts'
import { systemFiles } from '../../../src/link/carriers/xdma-files.ts'
import { Collector } from './collector.ts'

const base = '/dev/xdma0'
const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function open(board: XdmaBoard): Promise<XdmaCarrier> {
  const carrier = await XdmaCarrier.open(base, board)
  opened.push(carrier)
  return carrier
}

describe('XdmaBoard, the rules of the driver', () => {
  it('moves four bytes at multiples of four, whatever the length', async () => {
    const user = await new XdmaBoard({ build: 0x1122334455667788n }).open(`${base}_user`, constants.O_RDWR)
    expect(Buffer.from(await user.read(64, 0)).toString('hex')).toBe('4b4e494c')
    expect(Buffer.from(await user.read(4, null)).toString('hex')).toBe('4b4e494c')
    expect(Buffer.from(await user.read(4, null)).toString('hex')).toBe('88776655')
    await expect(user.read(4, 2)).rejects.toMatchObject({ code: 'EPROTO' })
    await expect(user.write(new Uint8Array(4), 13)).rejects.toMatchObject({ code: 'EPROTO' })
    await expect(user.read(2, 0)).rejects.toMatchObject({ code: 'EFAULT' })
  })

  it('has streams of one opener and no position', async () => {
    const board = new XdmaBoard()
    const h2c = await board.open(`${base}_h2c_0`, constants.O_WRONLY)
    await expect(board.open(`${base}_h2c_0`, constants.O_WRONLY)).rejects.toMatchObject({ code: 'EBUSY' })
    await expect(h2c.write(new Uint8Array(8), 0)).rejects.toMatchObject({ code: 'ESPIPE' })
    const c2h = await board.open(`${base}_c2h_0`, constants.O_RDONLY)
    await expect(c2h.read(8, 0)).rejects.toMatchObject({ code: 'ESPIPE' })
    await h2c.close()
    await (await board.open(`${base}_h2c_0`, constants.O_WRONLY)).close()
    await expect(board.open(`${base}_events_0`, constants.O_RDONLY)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('ends a read with a packet only when the file was opened for it, and gives up in time', async () => {
    const board = new XdmaBoard({ timeout: 30 })
    const filling = await board.open(`${base}_c2h_0`, constants.O_RDONLY)
    await board.write(new Uint8Array(8))
    await expect(filling.read(16, null)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    await filling.close()
    const packets = await board.open(`${base}_c2h_0`, constants.O_RDONLY | constants.O_TRUNC)
    await board.write(new Uint8Array(24))
    await board.write(new Uint8Array(8))
    expect((await packets.read(16, null)).length).toBe(16)
    expect((await packets.read(16, null)).length).toBe(8)
    expect((await packets.read(16, null)).length).toBe(8)
    await expect(packets.read(16, null)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  })
})

describe('XdmaCarrier', () => {
  it('reads the build id, resets the engine and carries records, also in parts', async () => {
    let resets = 0
    const board = new XdmaBoard({ build: 0x1122334455667788n, part: 5, onReset: () => resets++ })
    const logic = new Collector(board)
    const carrier = await open(board)
    expect([carrier.build, carrier.framing, resets]).toEqual([0x1122334455667788n, 'records', 1])
    const host = new Collector(carrier)
    const record = Uint8Array.from({ length: 104 }, (_, i) => i)
    await carrier.write(record)
    await board.write(record)
    await board.write(record.subarray(0, 24))
    await logic.bytes(104)
    await host.bytes(128)
    expect(Buffer.from(logic.all).equals(record)).toBe(true)
    expect(Buffer.from(host.all.subarray(0, 104)).equals(record)).toBe(true)
    expect(Math.max(...host.chunks.map((chunk) => chunk.length))).toBe(5)
  })

  it('waits on when the driver gives up, and tells once when the board is gone', async () => {
    const board = new XdmaBoard({ timeout: 10 })
    const logic = new Collector(board)
    const carrier = await open(board)
    const host = new Collector(carrier)
    let go = (): void => {}
    board.stall(
      new Promise((resolve) => {
        go = resolve
      }),
    )
    await carrier.write(new Uint8Array(16).fill(3))
    await new Promise((resolve) => setTimeout(resolve, 60))
    go()
    await logic.bytes(16)
    await board.write(new Uint8Array(8))
    await host.bytes(8)
    expect(host.losses).toEqual([])
    board.unplug()
    await host.lost
    await expect(carrier.write(new Uint8Array(8))).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    expect(host.losses).toEqual(['GG_LINK_LOST'])
  })

  it('does not disturb a board that somebody else has', async () => {
    let resets = 0
    const board = new XdmaBoard({ onReset: () => resets++ })
    const first = await open(board)
    await expect(open(board)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
    expect(resets).toBe(1)
    await first[Symbol.asyncDispose]()
  })

  it('closes its files once', async () => {
    const board = new XdmaBoard()
    const closed: string[] = []
    const carrier = await XdmaCarrier.open(base, {
      async open(path, flags) {
        const file = await board.open(path, flags)
        return { ...file, close: () => file.close().then(() => void closed.push(path)) }
      },
    })
    await Promise.all([carrier[Symbol.asyncDispose](), carrier[Symbol.asyncDispose]()])
    await carrier[Symbol.asyncDispose]()
    expect(closed.sort()).toEqual(['c2h_0', 'h2c_0', 'user'].map((ending) => `${base}_${ending}`))
  })

  it('says why a board cannot be had, and leaves nothing open', async () => {
    const board = new XdmaBoard()
    const first = await open(board)
    await expect(open(board)).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining('used by another program'),
    })
    await first[Symbol.asyncDispose]()
    await (await open(board))[Symbol.asyncDispose]()
    await expect(XdmaCarrier.open('/dev/xdma77')).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining('/dev/xdma77_user is not there'),
    })
    await expect(first.write(new Uint8Array(8))).rejects.toMatchObject({ code: 'GG_CLOSED' })
  })
})

describe('the files of this machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-xdma-'))
  const path = join(folder, 'xdma0')
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are read and written as the driver wants it: registers with positions, streams without', async () => {
    const block = Buffer.alloc(16)
    block.writeUInt32LE(0x4c494e4b, 0)
    block.writeBigUInt64LE(77n, 4)
    writeFileSync(`${path}_user`, block)
    execFileSync('mkfifo', [`${path}_h2c_0`, `${path}_c2h_0`])
    // Both ends, so that opening does not wait and no end of file comes.
    const fromHost = openSync(`${path}_h2c_0`, constants.O_RDWR | constants.O_NONBLOCK)
    const toHost = openSync(`${path}_c2h_0`, constants.O_RDWR)
    try {
      const carrier = await XdmaCarrier.open(path)
      expect(carrier.build).toBe(77n)
      const host = new Collector(carrier)
      writeSync(toHost, new Uint8Array(48).fill(5))
      await host.bytes(48)
      await carrier.write(new Uint8Array(40).fill(6))
      const reader = await systemFiles.open(`${path}_h2c_0`, constants.O_RDONLY, true)
      const got = await reader.read(40, null)
      expect(Buffer.from(got).equals(Buffer.alloc(40, 6))).toBe(true)
      await expect(reader.read(8, 0)).rejects.toMatchObject({ code: 'ESPIPE' })
      await reader.close()
      const start = performance.now()
      const closing = carrier[Symbol.asyncDispose]()
      // The board's answer to the last request ends the read that is under way.
      setTimeout(() => writeSync(toHost, new Uint8Array(24)), 20)
      await closing
      expect(performance.now() - start).toBeLessThan(400)
      expect(readFileSync(`${path}_user`).readUInt32LE(12)).toBe(1)
    } finally {
      closeSync(fromHost)
      closeSync(toHost)
    }
  })

  it('are closed in time, also while a read blocks', async () => {
    const other = mkdtempSync(join(tmpdir(), 'gemgate-xdma-'))
    const fifo = join(other, 'fifo')
    execFileSync('mkfifo', [fifo])
    const writer = openSync(fifo, constants.O_RDWR)
    try {
      const file = await systemFiles.open(fifo, constants.O_RDONLY, true)
      const reading = file.read(16, null)
      await new Promise((resolve) => setTimeout(resolve, 50))
      const start = performance.now()
      await file.close()
      expect(performance.now() - start).toBeLessThan(3000)
      // The thread still sits in its call and ends with it.
      writeSync(writer, new Uint8Array([1, 2, 3]))
      expect([...(await reading)]).toEqual([1, 2, 3])
    } finally {
      closeSync(writer)
      rmSync(other, { recursive: true })
    }
  })

  it('are no XDMA files when a register has fewer than four bytes, or another magic', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'gemgate-xdma-'))
    try {
      for (const [content, what] of [
        [Buffer.alloc(2), 'moved 2 bytes'],
        [Buffer.alloc(16), 'no board with gemgate'],
        [Buffer.alloc(16, 255), 'all ones'],
      ] as const) {
        writeFileSync(join(empty, 'x_user'), content)
        const error = await XdmaCarrier.open(join(empty, 'x')).catch((failed: GemgateError) => failed)
        expect(error).toMatchObject({ code: 'GG_BOARD_UNAVAILABLE', message: expect.stringContaining(what) })
      }
    } finally {
      rmSync(empty, { recursive: true })
    }
  })
})
