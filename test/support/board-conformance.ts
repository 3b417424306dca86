import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Board } from '../../src/board/board.ts'
import { hostUnits } from '../../src/board/host-units.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { type RegisterName, registerDeclarations, tables } from '../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'
import { smallRun } from './chain.ts'

/** Made once: the pedestal run takes longer than most tests here. */
const small256 = smallRun(4)

const plain = { tiles: null, weights: null, commonMode: null, gains: null } as const

/** What every board must do, whatever stands behind it. */
export function boardConformance(name: string, classify: Classifier, open: () => Promise<Board>): void {
  describe(`board ${name}`, () => {
    let board: Board
    let small: boolean
    let datapath: Datapath
    beforeAll(async () => {
      board = await open()
      small = board.info.capability.input === 'macro-pixels'
      datapath = new Datapath(classify, board.info.capability.labelBits)
    })
    afterAll(async () => {
      await board[Symbol.asyncDispose]()
    })

    /** Frames and settings that the board can hold. */
    function run(): Pick<ReturnType<typeof smallRun>, 'frames' | 'configuration'> {
      const { frames, configuration } = small256
      const { settings, pedestal } = configuration
      const tiles = board.info.capability.tiles ? settings.tiles : null
      return { frames, configuration: { settings: { ...settings, tiles }, pedestal } }
    }

    const equal = (packet: unknown, expected: Uint8Array): void =>
      expect(Buffer.from(packet as Uint8Array).equals(Buffer.from(expected))).toBe(true)

    it('says who it is', async () => {
      expect(board.info.schema).toBe(registerSchema)
      expect(await board.read('schema')).toBe(registerSchema)
      expect(await board.read('build')).toBe(Number(board.info.build & 0xffffffffn))
    })

    it('keeps what is written into every register that it has, up to its largest value', async () => {
      for (const { name, access, bits, reset } of registerDeclarations) {
        if (access !== 'write' || (small && hostUnits.test(name))) continue
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

    it('writes lists in their order, up to the first mistake', async () => {
      await board.writeAll([
        ['link', 1],
        ['minimum_pixels', 5],
        ['minimum_pixels', 6],
        ['link', 2],
        ['frame_number', 77],
        ['time_low', 88],
      ])
      const mistake = board.writeAll([
        ['time_high', 99],
        ['capability', 1],
        ['link', 4],
      ])
      await expect(mistake).rejects.toMatchObject({ code: 'GG_REGISTER' })
      const names = ['link', 'minimum_pixels', 'frame_number', 'time_low', 'time_high'] as const
      const values: number[] = []
      for (const register of names) values.push(await board.read(register))
      expect(values).toEqual([2, 6, 77, 88, 99])
      await board.writeAll([])
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
      const { frames, configuration } = run()
      const { settings, pedestal } = configuration
      await board.writeAll(settingsRegisters(settings))
      const words = new Uint8Array(pedestal.buffer)
      await board.send('pedestal', words.subarray(0, 1000))
      await board.send('pedestal', words.subarray(1000))
      const before = await board.read('frames')
      const events = board.receive('events')[Symbol.asyncIterator]()
      for (const [i, frame] of frames.entries()) {
        await board.writeAll(frameRegisters(i, 1234567890123))
        const bytes = new Uint8Array(frame.pixels.slice().buffer)
        const cut = [0, 1, 3333, 20000][i]!
        if (cut > 0) await board.send('pixels', bytes.subarray(0, cut))
        await board.send('pixels', bytes.subarray(cut))
        equal(
          (await events.next()).value,
          datapath.process(frame.pixels, pedestal, settings, i, 1234567890123),
        )
      }
      expect(await board.read('frames')).toBe(before + frames.length)
    })

    it('forgets half a frame and unread packets when it is reset', async () => {
      const { frames, configuration } = run()
      const { settings, pedestal } = configuration
      const configure = async (): Promise<void> => {
        await board.write('reset', 1)
        await board.writeAll(settingsRegisters(settings))
        await board.send('pedestal', new Uint8Array(pedestal.buffer))
      }
      await configure()
      const bytes = new Uint8Array(frames[0]!.pixels.slice().buffer)
      await board.send('pixels', bytes)
      await board.send('pixels', bytes.subarray(0, 40000))
      await configure()
      expect(await board.read('frames')).toBe(0)
      await board.writeAll(frameRegisters(7, 0))
      const events = board.receive('events')[Symbol.asyncIterator]()
      await board.send('pixels', bytes)
      equal((await events.next()).value, datapath.process(frames[0]!.pixels, pedestal, settings, 7, 0))
    })

    it('wants a new pedestal after a change of the geometry', async () => {
      const { configuration } = run()
      await board.writeAll(settingsRegisters(configuration.settings))
      await board.send('pedestal', new Uint8Array(configuration.pedestal.buffer))
      await board.write('width', 512)
      await board.write('height', 128)
      await board.write('tile_enable', 0)
      await board.write('gain_enable', 0)
      const sending = board.send('pixels', new Uint8Array(2 * 65536))
      await expect(sending).rejects.toMatchObject({ code: 'GG_STREAM' })
    })

    it('refuses to go on with a frame whose geometry changed, until it is reset', async () => {
      await flat(32, 100000)
      await board.send('pixels', new Uint8Array(10))
      await board.write('width', 64)
      const going = board.send('pixels', new Uint8Array(10))
      await expect(going).rejects.toMatchObject({ code: 'GG_STREAM' })
      await flat(32, 100000)
      const events = board.receive('events')[Symbol.asyncIterator]()
      await board.send('pixels', new Uint8Array(new Uint16Array(1024).fill(100).buffer))
      expect(decodeEventPacket((await events.next()).value as Uint8Array).clusters).toEqual([])
    })

    it('refuses to go on with a frame when any register was written within it', async () => {
      await flat(32, 100000)
      const bytes = new Uint8Array(new Uint16Array(1024).fill(100).buffer)
      await board.send('pixels', bytes.subarray(0, 1000))
      await board.write('frame_number', 2)
      await expect(board.send('pixels', bytes.subarray(1000))).rejects.toMatchObject({ code: 'GG_STREAM' })
    })

    it('gives frames that were sent ahead the number and time that stood there when they began', async () => {
      await flat(32, 33554431)
      const bytes = new Uint8Array(new Uint16Array(1024).fill(100).buffer)
      for (let frame = 0; frame < 5; frame++) {
        await board.writeAll(frameRegisters(frame, 1000 + frame))
        await board.send('pixels', bytes)
      }
      const found: (readonly [number, number])[] = []
      for await (const packet of board.receive('events')) {
        const { frame, timeTag } = decodeEventPacket(packet)
        if (found.push([frame, timeTag]) === 5) break
      }
      expect(found).toEqual([0, 1, 2, 3, 4].map((frame) => [frame, 1000 + frame]))
    })

    it('fills a table from its start after `table` and after a reset', async () => {
      const { frames, configuration } = run()
      const { pedestal } = configuration
      const weights = { shift: 3, table: Int16Array.from({ length: 256 }, (_, i) => 4 * (i - 64)) }
      const gain = new Uint16Array(16).fill(4096)
      const gains = { columnsLog2: 4, rowsLog2: 4, gain }
      const settings: TriggerSettings = small
        ? { ...configuration.settings, gains }
        : { ...configuration.settings, weights }
      await board.writeAll(settingsRegisters(settings))
      // Entries 0 and 1: weights that the darkest pixels get, or gains of the first two regions.
      await board.write('table', small ? tables.regionGains : tables.pixelWeights)
      await board.write('table_word', 11)
      await board.write('table_word', 2000)
      await board.write('reset', 1)
      await board.write('table_word', 1000)
      await board.writeAll(frameRegisters(3, 0))
      if (small) gain.set([1000, 2000])
      else weights.table.set([1000, 2000])
      // A third of the pixels far below the pedestal: both entries are used.
      const pixels = frames[0]!.pixels.map((pixel, i) => (i % 3 === 0 ? pixel - 32 - (i % 2) : pixel))
      await board.send('pedestal', new Uint8Array(pedestal.buffer))
      const events = board.receive('events')[Symbol.asyncIterator]()
      await board.send('pixels', new Uint8Array(pixels.buffer))
      equal((await events.next()).value, datapath.process(pixels, pedestal, settings, 3, 0))
    })

    /** Resets the board and makes it ready for frames of side x side pixels at 100 ADU. */
    async function flat(side: number, threshold: number): Promise<void> {
      const pedestal = new Uint32Array(side * side).fill(pedestalWord(100, 3, false))
      const geometry = { width: side, height: side, binning: 1 as const, link: 1 }
      const thresholds = { thresholdLow: threshold, thresholdHigh: threshold }
      const settings = { ...run().configuration.settings, ...geometry, ...plain, ...thresholds }
      await board.write('reset', 1)
      await board.writeAll([...settingsRegisters(settings), ...frameRegisters(1, 0)])
      await board.send('pedestal', new Uint8Array(pedestal.buffer))
    }

    it('works a frame off that takes far longer than its pixels', async () => {
      // One cluster in every 6 x 6 pixels: the packet is longer than the frame.
      const side = small ? 96 : 192
      const pixels = Uint16Array.from({ length: side * side }, (_, i) =>
        i % 6 === 0 && Math.floor(i / side) % 6 === 0 ? 5000 : 100,
      )
      await flat(side, 100000)
      const events = board.receive('events')[Symbol.asyncIterator]()
      await board.send('pixels', new Uint8Array(pixels.buffer))
      const packet = (await events.next()).value as Uint8Array
      expect(decodeEventPacket(packet).clusters).toHaveLength((side / 6) ** 2)
    })

    it('takes no pixels beyond the packets that the host has yet to read', async () => {
      await flat(32, 33554431)
      const bytes = new Uint8Array(new Uint16Array(1024).fill(100).buffer)
      let sent = 0
      const sending = (async () => {
        for (; sent < 20; sent++) await board.send('pixels', bytes)
      })()
      for (let seen = -1; seen !== sent || sent === 0; ) {
        seen = sent
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      expect(sent).toBeGreaterThan(0)
      expect(sent).toBeLessThan(20)
      let received = 0
      for await (const _packet of board.receive('events')) if (++received === 20) break
      await sending
      expect(sent).toBe(20)
    })

    it('stops sending when it is told to', async () => {
      await flat(32, 33554431)
      const bytes = new Uint8Array(new Uint16Array(1024).fill(100).buffer)
      const aborted = AbortSignal.abort(new Error('enough'))
      await expect(board.send('pixels', bytes, { signal: aborted })).rejects.toThrow('enough')
      // Nobody reads: at some frame it waits, and there the signal meets it.
      const abort = new AbortController()
      const sending = (async () => {
        for (;;) await board.send('pixels', bytes, { signal: abort.signal })
      })()
      setTimeout(() => abort.abort(new Error('enough now')), 100)
      await expect(sending).rejects.toThrow('enough now')
      await flat(32, 33554431)
      const events = board.receive('events')[Symbol.asyncIterator]()
      await board.send('pixels', bytes)
      expect(decodeEventPacket((await events.next()).value as Uint8Array).frame).toBe(1)
    })

    it('ends its event stream and refuses everything once it is closed', async () => {
      const next = board.receive('events')[Symbol.asyncIterator]().next()
      await board[Symbol.asyncDispose]()
      expect((await next).done).toBe(true)
      await expect(board.read('width')).rejects.toMatchObject({ code: 'GG_CLOSED' })
      await expect(board.write('width', 8)).rejects.toMatchObject({ code: 'GG_CLOSED' })
      await expect(board.send('pixels', new Uint8Array(2))).rejects.toMatchObject({ code: 'GG_CLOSED' })
    })
  })
}
