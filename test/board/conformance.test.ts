import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Board } from '../../src/board/board.ts'
import { openBoard } from '../../src/board/open-board.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { type RegisterName, registerDeclarations, tables } from '../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import { smallRun } from '../support/chain.ts'

const classifier = await loadRecoilClassifier()

/** What every board must do, whatever stands behind it. */
describe.each(['model:', 'sim:'])('board %s', (address) => {
  let board: Board
  beforeAll(async () => {
    board = await openBoard(address, classifier)
  })
  afterAll(async () => {
    await board[Symbol.asyncDispose]()
  })

  it('says who it is', async () => {
    expect(board.info.address).toBe(address)
    expect(board.info.schema).toBe(registerSchema)
    expect(await board.read('schema')).toBe(registerSchema)
  })

  it('keeps what is written into every register, up to its largest value', async () => {
    for (const { name, access, bits, reset } of registerDeclarations) {
      if (access !== 'write') continue
      const largest = 2 ** bits - 1
      await board.write(name, largest)
      expect([name, await board.read(name)]).toEqual([name, largest])
      await board.write(name, reset)
      expect([name, await board.read(name)]).toEqual([name, reset])
    }
  })

  it('refuses unknown registers, read-only registers and values that do not fit', async () => {
    await expect(board.read('nothing' as RegisterName)).rejects.toMatchObject({ code: 'GG_REGISTER' })
    await expect(board.write('nothing' as RegisterName, 0)).rejects.toMatchObject({ code: 'GG_REGISTER' })
    await expect(board.write('frames', 0)).rejects.toMatchObject({ code: 'GG_REGISTER' })
    for (const value of [-1, 1.5, 2 ** 13, Number.NaN])
      await expect(board.write('width', value)).rejects.toMatchObject({ code: 'GG_REGISTER' })
  })

  it('refuses streams in the wrong direction, and pixels it has no settings or pedestal for', async () => {
    await expect(board.send('events', new Uint8Array(4))).rejects.toMatchObject({ code: 'GG_STREAM' })
    expect(() => board.receive('pixels')).toThrow(expect.objectContaining({ code: 'GG_STREAM' }))
    await board.write('width', 0)
    await expect(board.send('pixels', new Uint8Array(2))).rejects.toMatchObject({ code: 'GG_SETTINGS' })
    await board.write('width', 8)
    await board.write('height', 8)
    await expect(board.send('pixels', new Uint8Array(128))).rejects.toMatchObject({ code: 'GG_STREAM' })
    await expect(board.send('pedestal', new Uint8Array(257))).rejects.toMatchObject({ code: 'GG_STREAM' })
  })

  it('gives the packet of the specification for frames in any cut, and counts them', async () => {
    const { frames, configuration } = smallRun()
    const { settings, pedestal } = configuration
    for (const [name, value] of settingsRegisters(settings)) await board.write(name, value)
    const words = new Uint8Array(pedestal.buffer)
    await board.send('pedestal', words.subarray(0, 1000))
    await board.send('pedestal', words.subarray(1000))
    const before = await board.read('frames')
    const events = board.receive('events')[Symbol.asyncIterator]()
    const datapath = new Datapath(classifier.classify)
    for (const [i, frame] of frames.entries()) {
      for (const [name, value] of frameRegisters(i, 1234567890123)) await board.write(name, value)
      const bytes = new Uint8Array(frame.pixels.slice().buffer)
      const cut = [0, 1, 3333, 20000][i]!
      if (cut > 0) await board.send('pixels', bytes.subarray(0, cut))
      await board.send('pixels', bytes.subarray(cut))
      const packet = (await events.next()).value as Uint8Array
      const expected = datapath.process(frame.pixels, pedestal, settings, i, 1234567890123)
      expect(Buffer.from(packet).equals(Buffer.from(expected))).toBe(true)
    }
    expect(await board.read('frames')).toBe(before + frames.length)
  })

  it('forgets half a frame and unread packets when it is reset', async () => {
    const { frames, configuration } = smallRun(2)
    const { settings, pedestal } = configuration
    const configure = async (): Promise<void> => {
      await board.write('reset', 1)
      for (const [name, value] of settingsRegisters(settings)) await board.write(name, value)
      await board.send('pedestal', new Uint8Array(pedestal.buffer))
    }
    await configure()
    const bytes = new Uint8Array(frames[0]!.pixels.slice().buffer)
    await board.send('pixels', bytes)
    await board.send('pixels', bytes.subarray(0, 40000))
    await configure()
    expect(await board.read('frames')).toBe(0)
    for (const [name, value] of frameRegisters(7, 0)) await board.write(name, value)
    const events = board.receive('events')[Symbol.asyncIterator]()
    await board.send('pixels', bytes)
    const expected = new Datapath(classifier.classify).process(frames[0]!.pixels, pedestal, settings, 7, 0)
    expect(Buffer.from((await events.next()).value as Uint8Array).equals(Buffer.from(expected))).toBe(true)
  })

  it('wants a new pedestal after a change of the geometry', async () => {
    const { configuration } = smallRun(1)
    for (const [name, value] of settingsRegisters(configuration.settings)) await board.write(name, value)
    await board.send('pedestal', new Uint8Array(configuration.pedestal.buffer))
    await board.write('width', 512)
    await board.write('height', 128)
    await board.write('tile_enable', 0)
    await expect(board.send('pixels', new Uint8Array(2 * 65536))).rejects.toMatchObject({ code: 'GG_STREAM' })
  })

  it('fills a table from its start after `table` and after a reset', async () => {
    const { frames, configuration } = smallRun(1)
    const weights = { shift: 3, table: Int16Array.from({ length: 256 }, (_, i) => 4 * (i - 64)) }
    const settings = { ...configuration.settings, weights }
    for (const [name, value] of settingsRegisters(settings)) await board.write(name, value)
    // Entries 0 and 1, the low end: weights that the darkest pixels get.
    await board.write('table', tables.pixelWeights)
    await board.write('table_word', 11)
    await board.write('table_word', 2000)
    await board.write('reset', 1)
    await board.write('table_word', 1000)
    for (const [name, value] of frameRegisters(3, 0)) await board.write(name, value)
    weights.table.set([1000, 2000])
    // A third of the pixels far below the pedestal: both entries are used.
    const pixels = frames[0]!.pixels.map((pixel, i) => (i % 3 === 0 ? pixel - 32 - (i % 2) : pixel))
    await board.send('pedestal', new Uint8Array(configuration.pedestal.buffer))
    const events = board.receive('events')[Symbol.asyncIterator]()
    await board.send('pixels', new Uint8Array(pixels.buffer))
    const expected = new Datapath(classifier.classify).process(pixels, configuration.pedestal, settings, 3, 0)
    expect((await events.next()).value).toEqual(expected)
  })

  it('works a frame off that takes far longer than its pixels', async () => {
    // One cluster in every 6 x 6 pixels: the packet is longer than the frame.
    const side = 192
    const pixels = Uint16Array.from({ length: side * side }, (_, i) =>
      i % 6 === 0 && Math.floor(i / side) % 6 === 0 ? 5000 : 100,
    )
    const pedestal = new Uint32Array(side * side).fill(pedestalWord(100, 3, false))
    const settings = {
      ...smallRun(1).configuration.settings,
      ...{
        width: side,
        height: side,
        binning: 1 as const,
        tiles: null,
        weights: null,
        commonMode: null,
        gains: null,
        link: 1,
        thresholdLow: 100000,
        thresholdHigh: 100000,
      },
    } as const
    await board.write('reset', 1)
    for (const [name, value] of [...settingsRegisters(settings), ...frameRegisters(1, 0)])
      await board.write(name, value)
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    const events = board.receive('events')[Symbol.asyncIterator]()
    await board.send('pixels', new Uint8Array(pixels.buffer))
    const packet = (await events.next()).value as Uint8Array
    expect(decodeEventPacket(packet).clusters).toHaveLength(1024)
  })

  it('takes no pixels beyond the packets that the host has yet to read', async () => {
    const { frames, configuration } = smallRun(1)
    for (const [name, value] of settingsRegisters(configuration.settings)) await board.write(name, value)
    await board.send('pedestal', new Uint8Array(configuration.pedestal.buffer))
    const bytes = new Uint8Array(frames[0]!.pixels.buffer)
    let sent = 0
    const sending = (async () => {
      for (; sent < 20; sent++) await board.send('pixels', bytes)
    })()
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(20)
    let received = 0
    for await (const _packet of board.receive('events')) if (++received === 20) break
    await sending
    expect(sent).toBe(20)
  })

  it('ends its event stream and refuses everything once it is closed', async () => {
    const closed = await openBoard(address, classifier)
    const next = closed.receive('events')[Symbol.asyncIterator]().next()
    await closed[Symbol.asyncDispose]()
    expect((await next).done).toBe(true)
    await expect(closed.read('width')).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await expect(closed.write('width', 8)).rejects.toMatchObject({ code: 'GG_CLOSED' })
    await expect(closed.send('pixels', new Uint8Array(2))).rejects.toMatchObject({ code: 'GG_CLOSED' })
  })
})

describe('openBoard', () => {
  it.each(['', 'model', 'fpga:', 'model:1', 'sim:x'])('refuses the address %j', async (address) => {
    await expect(openBoard(address, classifier)).rejects.toMatchObject({ code: 'GG_BOARD_ADDRESS' })
  })
  it.each(['serial:/dev/ttyUSB1', 'xdma:/dev/xdma0', 'replay:x.jsonl'])(
    'says that %s is not in this version',
    async (address) => {
      await expect(openBoard(address, classifier)).rejects.toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
    },
  )
})
