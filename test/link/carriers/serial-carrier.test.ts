import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Pty } from '../../../sim/board/pty.ts'
import type { GemgateError } from '../../../src/core/errors.ts'
import { SerialCarrier } from '../../../src/link/carriers/serial-carrier.ts'
import { Collector } from './collector.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function pty(): Promise<Pty> {
  const line = await Pty.open()
  opened.push(line)
  return line
}

async function serial(path: string, baud = 3_000_000): Promise<SerialCarrier> {
  const carrier = await SerialCarrier.open({ path, baud, rtscts: false })
  opened.push(carrier)
  return carrier
}

describe('SerialCarrier on a pseudo-terminal', () => {
  it('carries all byte values both ways, more than the kernel holds', async () => {
    const line = await pty()
    const board = new Collector(line)
    const carrier = await serial(line.path, 1_234_567)
    expect([carrier.baud, carrier.framing]).toEqual([1_234_567, 'bytes'])
    const host = new Collector(carrier)
    const bytes = Uint8Array.from({ length: 60_000 }, (_, i) => (i * 7 + (i >> 8)) & 255)
    const writes = [
      carrier.write(bytes.subarray(0, 100)),
      carrier.write(bytes.subarray(100)),
      line.write(bytes),
    ]
    await board.bytes(bytes.length)
    await host.bytes(bytes.length)
    await Promise.all(writes)
    expect(Buffer.from(board.all).equals(bytes)).toBe(true)
    expect(Buffer.from(host.all).equals(bytes)).toBe(true)
  })

  it('holds writers back while the other side does not read', async () => {
    const line = await pty()
    const carrier = await serial(line.path)
    let written = 0
    const writing = (async () => {
      for (; written < 400; written++) await carrier.write(new Uint8Array(1000))
    })().catch((error: GemgateError) => error.code)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(written).toBeGreaterThan(5)
    expect(written).toBeLessThan(60)
    await carrier[Symbol.asyncDispose]()
    expect(await writing).toBe('GG_CLOSED')
  })

  it('tells once that the board was unplugged, and sends nothing of what waited to the next one', async () => {
    const line = await pty()
    const carrier = await serial(line.path)
    const host = new Collector(carrier)
    // Nobody reads: the first writes fill the kernel, the others wait here.
    const writes = Array.from({ length: 50 }, () =>
      carrier.write(new Uint8Array(1000).fill(1)).then(
        () => 'taken',
        (error: GemgateError) => error.code,
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    await line[Symbol.asyncDispose]()
    await host.lost
    expect((await Promise.all(writes)).at(-1)).toBe('GG_LINK_LOST')
    await expect(carrier.write(new Uint8Array(3))).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    // The kernel gives the number of the terminal to another one soon: the old object must not find it there.
    let next = await pty()
    for (let i = 0; i < 8 && next.path !== line.path; i++) next = await pty()
    const board = new Collector(next)
    const again = await serial(next.path)
    await again.write(new Uint8Array([42]))
    await board.bytes(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([...board.all]).toEqual([42])
    expect(host.losses).toEqual(['GG_LINK_LOST'])
  })

  it('hands over nothing that came before it was opened', async () => {
    const line = await pty()
    await line.write(new Uint8Array(500).fill(7))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const host = new Collector(await serial(line.path))
    await line.write(new Uint8Array([1, 2]))
    await host.bytes(2)
    expect([...host.all]).toEqual([1, 2])
  })

  it('is silent after it was closed', async () => {
    const line = await pty()
    const carrier = await serial(line.path)
    const host = new Collector(carrier)
    await carrier[Symbol.asyncDispose]()
    await line.write(new Uint8Array(10))
    await line[Symbol.asyncDispose]()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect([host.all.length, host.losses]).toEqual([0, []])
    await expect(carrier.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await carrier[Symbol.asyncDispose]()
  })
})

describe('SerialCarrier.open', () => {
  it('says that another program has the port', async () => {
    const line = await pty()
    await serial(line.path)
    await expect(serial(line.path)).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining('used by another program'),
      remedy: expect.stringContaining(line.path),
    })
  })

  it('says that the port is not there, or none', async () => {
    await expect(serial('/dev/ttyGEMGATE9')).rejects.toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining('is not there'),
    })
    const folder = mkdtempSync(join(tmpdir(), 'gemgate-serial-'))
    try {
      const file = join(folder, 'file')
      writeFileSync(file, '')
      await expect(serial(file)).rejects.toMatchObject({
        code: 'GG_BOARD_UNAVAILABLE',
        message: expect.stringContaining('no serial port'),
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
