import { describe, expect, it } from 'vitest'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { CoreTarget } from '../../sim/board/core-target.ts'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import type { LinkTarget } from '../../sim/board/link-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { LossyCarrier } from '../../sim/board/lossy-carrier.ts'
import { MacroModelCore } from '../../sim/board/macro-model-core.ts'
import { MacroTarget } from '../../sim/board/macro-target.ts'
import { ModelCore } from '../../sim/board/model-core.ts'
import { Pty } from '../../sim/board/pty.ts'
import { XdmaBoard } from '../../sim/board/xdma-board.ts'
import { LinkBoard } from '../../src/board/link-board.ts'
import { openBoard } from '../../src/board/open-board.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { Random } from '../../src/core/random.ts'
import { FpgaDevice } from '../../src/device/fpga-device.ts'
import { XdmaCarrier } from '../../src/link/carriers/xdma-carrier.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { duplexBoard, pixelTwin, twin } from '../support/boards.ts'
import { smallRun } from '../support/chain.ts'

const { classify } = await loadRecoilClassifier()
const { frames, configuration } = smallRun(2)
const { settings, pedestal } = configuration
const about = { address: 'test:', kind: 'serial' } as const

describe('LinkBoard', () => {
  it('refuses firmware of another register table or with too few registers, and closes the line', async () => {
    for (const other of [{ schema: registerSchema ^ 1 }, { registers: 20 }]) {
      const target = new CoreTarget(new ModelCore(classify))
      const options = { framing: 'bytes', registers: 31, schema: registerSchema, ...other } as const
      const carrier = new DuplexCarrier(new LinkEndpoint(target, options))
      await expect(LinkBoard.open(carrier, about)).rejects.toMatchObject({
        code: 'GG_LINK_PROTOCOL',
        remedy: expect.stringContaining('Flash'),
      })
      await expect(carrier.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'GG_CLOSED' })
    }
  })

  it('says that nothing answers, and frees the port', async () => {
    await using line = await Pty.open()
    const noise = setInterval(() => void line.write(Uint8Array.of(1, 0x7e, 2)).catch(() => {}), 20)
    const start = performance.now()
    const opening = openBoard(`serial:${line.path}`, { classify })
    await expect(opening).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' })
    clearInterval(noise)
    expect(performance.now() - start).toBeLessThan(20_000)
    void attachDevice(pixelTwin(classify, 'bytes'), line)
    await (await openBoard(`serial:${line.path}`, { classify }))[Symbol.asyncDispose]()
  })

  it('says that a reset board has forgotten everything, and works again after `reset`', async () => {
    const device = pixelTwin(classify, 'bytes')
    await using board = await duplexBoard(device)
    await board.writeAll(settingsRegisters(settings))
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    device.reset()
    const sending = board.send('pixels', new Uint8Array(frames[0]!.pixels.buffer))
    await expect(sending).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    await expect(board.read('width')).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    const events = board.receive('events')[Symbol.asyncIterator]()
    await expect(events.next()).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    const link = new FpgaDevice(board)
    await link.configure(settings, pedestal)
    const records = []
    for await (const record of link.process(frames)) records.push(record.packet)
    expect(records).toEqual(
      frames.map((frame) =>
        new Datapath(classify).process(frame.pixels, pedestal, settings, frame.number, frame.time * 1e6),
      ),
    )
  })

  it('takes nothing that the logic has no settings for after it lost power, before they are written again', async () => {
    const device = pixelTwin(classify, 'bytes')
    await using board = await duplexBoard(device)
    await board.writeAll(settingsRegisters(settings))
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    device.reset()
    await expect(board.read('width')).rejects.toMatchObject({ code: 'GG_LINK_RESET' })
    await board.write('reset', 1)
    const pixels = new Uint8Array(frames[0]!.pixels.buffer)
    await expect(board.send('pixels', pixels)).rejects.toMatchObject({ code: 'GG_SETTINGS' })
    // Nothing of the kind after a reset alone.
    await board.writeAll(settingsRegisters(settings))
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    await board.write('reset', 1)
    await board.send('pixels', pixels)
  })

  it.each([
    ['pixels', () => new CoreTarget(new ModelCore(classify))],
    ['macro-pixels', () => new MacroTarget(new MacroModelCore(classify))],
  ])('gives frames of %s that wait in the slots of the link their own number', async (_, make) => {
    // Logic that looks at its input some time after each packet: a whole frame is acknowledged by then.
    const target: LinkTarget = make()
    const device = twin(target, 'bytes')
    const push = target.push.bind(target)
    let ready = 0
    target.push = (bytes) => {
      const taken = performance.now() < ready ? 0 : push(bytes)
      if (taken > 0) ready = performance.now() + 5
      return taken
    }
    const looking = setInterval(() => device.advance(), 5)
    await using board = await duplexBoard(device)
    const plain = { ...settings, width: 16, height: 16, weights: null, commonMode: null, gains: null }
    await board.writeAll(settingsRegisters({ ...plain, binning: 1, tiles: null }))
    await board.send('pedestal', new Uint8Array(4 * 256))
    const count = 24
    const numbers: number[] = []
    const reading = (async () => {
      for await (const packet of board.receive('events'))
        if (numbers.push(decodeEventPacket(packet).frame) === count) break
    })()
    for (let frame = 0; frame < count; frame++) {
      await board.writeAll(frameRegisters(frame, 0))
      await board.send('pixels', new Uint8Array(2 * 256))
    }
    await reading
    clearInterval(looking)
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
  })

  it('lets registers be written by others while frames are sent: between two frames', async () => {
    await using board = await duplexBoard(pixelTwin(classify, 'bytes'))
    const plain = { ...settings, width: 24, height: 24, weights: null, commonMode: null, gains: null }
    await board.writeAll(settingsRegisters({ ...plain, binning: 1, tiles: null }))
    await board.send('pedestal', new Uint8Array(4 * 576))
    const count = 30
    let over = false
    const writing = (async () => {
      for (let n = 0; !over; n++) await board.write('minimum_pixels', 1 + (n % 7))
    })()
    const sending = (async () => {
      for (let frame = 0; frame < count; frame++) await board.send('pixels', new Uint8Array(2 * 576))
    })()
    let received = 0
    for await (const _packet of board.receive('events')) if (++received === count) break
    await sending
    over = true
    await writing
  })

  it('does not make writers wait for a frame that was given up', async () => {
    await using board = await duplexBoard(pixelTwin(classify, 'bytes'))
    await board.writeAll(settingsRegisters(settings))
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    const pixels = new Uint8Array(frames[0]!.pixels.buffer)
    for (const length of [pixels.length, pixels.length / 2]) {
      const abort = new AbortController()
      const sending = board.send('pixels', pixels.subarray(0, length), { signal: abort.signal })
      const caught = expect(sending).rejects.toThrow('enough')
      setTimeout(() => abort.abort(new Error('enough')), 5)
      await caught
      await board.write('frame_number', 3)
      await expect(board.send('pixels', pixels)).rejects.toMatchObject({ code: 'GG_STREAM' })
      await board.write('reset', 1)
    }
  })

  it('ends whatever waits with GG_LINK_LOST when the board is unplugged', async () => {
    const line = await Pty.open()
    void attachDevice(pixelTwin(classify, 'bytes'), line)
    await using board = await openBoard(`serial:${line.path}`, { classify })
    await board.writeAll([...settingsRegisters(settings), ...frameRegisters(1, 0)])
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    const pixels = new Uint8Array(frames[0]!.pixels.buffer)
    const endless = (async () => {
      for (;;) await board.send('pixels', pixels)
    })()
    const caught = expect(endless).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    setTimeout(() => void line[Symbol.asyncDispose](), 300)
    await caught
    await expect(board.read('width')).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    await expect(board.write('reset', 1)).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    const reading = (async () => {
      for await (const packet of board.receive('events')) expect(packet.length).toBeGreaterThan(0)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
  })

  it('does the same when a PCIe board falls off the bus, also for a sender that waits for a reader', async () => {
    const files = new XdmaBoard()
    void attachDevice(pixelTwin(classify, 'records'), files)
    await using board = await LinkBoard.open(await XdmaCarrier.open('/dev/xdma0', files), about)
    await board.writeAll(settingsRegisters(settings))
    await board.send('pedestal', new Uint8Array(pedestal.buffer))
    let sent = 0
    const endless = (async () => {
      for (; ; sent++) await board.send('pixels', new Uint8Array(frames[0]!.pixels.buffer))
    })()
    const caught = expect(endless).rejects.toMatchObject({ code: 'GG_LINK_LOST' })
    while (sent < 8) await new Promise((resolve) => setTimeout(resolve, 10))
    files.unplug()
    await caught
  })

  it('gives right packets over a bad line', async () => {
    const device = pixelTwin(classify, 'bytes')
    const rates = { flip: 0.005, dropBytes: 0.005, dropChunk: 0.005, double: 0.005, garbage: 0.005 }
    const line = new LossyCarrier(new DuplexCarrier(device), { random: new Random(6), rates })
    await using link = new FpgaDevice(await LinkBoard.open(line, about))
    await link.configure(settings, pedestal)
    let i = 0
    for await (const { packet } of link.process(frames)) {
      const { pixels, number, time } = frames[i++]!
      const expected = new Datapath(classify).process(pixels, pedestal, settings, number, time * 1e6)
      expect(Buffer.from(packet).equals(expected)).toBe(true)
    }
    expect(Object.values(line.counts).reduce((a, b) => a + b)).toBeGreaterThan(5)
  })
})
