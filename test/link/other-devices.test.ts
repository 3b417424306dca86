import { describe, expect, it } from 'vitest'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import type { LinkDevice } from '../../sim/board/link-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { VirtualClock } from '../../sim/board/virtual-clock.ts'
import { encodeFor, FrameDecoder } from '../../src/link/framer.ts'
import { decodeHello, decodeHelloReply, encodeHelloReply } from '../../src/link/hello.ts'
import { frameFlags, frameKind, type HelloReply, type LinkFrame } from '../../src/link/protocol.ts'
import { LinkSession } from '../../src/link/session.ts'
import { TestTarget } from './test-target.ts'

/** A twin whose frames a test changes, or takes away, in either direction. */
function changed(
  changes: {
    readonly toDevice?: (frame: LinkFrame) => LinkFrame | undefined
    readonly toHost?: (frame: LinkFrame) => LinkFrame | undefined
  },
  target = new TestTarget(),
) {
  const clock = new VirtualClock()
  const endpoint = new LinkEndpoint(target, { framing: 'bytes', registers: 64 })
  const forHost: Uint8Array[] = []
  const decoder = (change: (frame: LinkFrame) => LinkFrame | undefined, give: (bytes: Uint8Array) => void) =>
    new FrameDecoder('bytes', 500, (frame) => {
      const other = change(frame)
      if (other !== undefined) give(encodeFor('bytes', other))
    })
  const same = (frame: LinkFrame): LinkFrame => frame
  const toDevice = decoder(changes.toDevice ?? same, (bytes) => endpoint.receive(bytes))
  const toHost = decoder(changes.toHost ?? same, (bytes) => forHost.push(bytes))
  const device: LinkDevice = {
    framing: 'bytes',
    onOutput: undefined,
    receive: (bytes) => toDevice.push(bytes),
    transmit() {
      for (let bytes = endpoint.transmit(); bytes !== undefined; bytes = endpoint.transmit())
        toHost.push(bytes)
      return forHost.shift()
    },
  }
  endpoint.onOutput = () => device.onOutput?.()
  const open = () => LinkSession.open(new DuplexCarrier(device, { clock }), { clock })
  return { clock, target, endpoint, open }
}

function helloReply(change: Partial<HelloReply>) {
  return (frame: LinkFrame): LinkFrame =>
    frame.kind === frameKind.helloReply
      ? { ...frame, payload: encodeHelloReply({ ...decodeHelloReply(frame.payload)!, ...change }) }
      : frame
}

describe('a device of another kind', () => {
  it.each([
    ['another version', { version: 2 }, 'version 2'],
    ['no payload', { maximumPayload: 0 }, 'cannot be'],
    ['odd payload', { maximumPayload: 501 }, 'cannot be'],
    ['no slots', { slots: 0 }, 'cannot be'],
  ])('is refused for %s', async (_name, change, words) => {
    const { clock, open } = changed({ toHost: helloReply(change) })
    const error = await clock.run(open().catch((error: unknown) => error))
    expect(error).toMatchObject({ code: 'GG_LINK_PROTOCOL' })
    expect(String(error)).toContain(words)
    expect(clock.pending).toBe(0)
  })

  it('is refused when it refuses the HELLO, and not waited for longer than a silent one', async () => {
    const toDevice = (frame: LinkFrame): LinkFrame => {
      expect(typeof decodeHello(frame.payload)).toBe('object')
      return { ...frame, payload: frame.payload.with(4, 9) }
    }
    const { clock, open } = changed({ toDevice })
    await expect(clock.run(open(), 2000)).rejects.toMatchObject({ code: 'GG_LINK_PROTOCOL' })
  })

  it('is ignored as long as it answers with another nonce', async () => {
    const { clock, open } = changed({ toHost: helloReply({ nonce: 5 }) })
    await expect(clock.run(open(), 2000)).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' })
  })
})

describe('a device that answers but does not work', () => {
  const bounded = 60_000

  it('never takes pixels', async () => {
    const { clock, open } = changed({
      toDevice: (frame) => (frame.kind === frameKind.dataToDevice ? undefined : frame),
    })
    const session = await clock.run(open())
    await expect(clock.run(session.send(new Uint8Array(10)), bounded)).rejects.toMatchObject({
      code: 'GG_LINK_TIMEOUT',
    })
    expect(clock.pending).toBe(0)
  })

  it('acknowledges what was never sent', async () => {
    const { clock, open } = changed({
      toHost: (frame) => (frame.kind === frameKind.creditReply ? { ...frame, seq: 900, aux: 904 } : frame),
    })
    const session = await clock.run(open())
    await expect(clock.run(session.send(new Uint8Array(10)), bounded)).rejects.toMatchObject({
      code: 'GG_LINK_TIMEOUT',
    })
  })

  it('never gives one of the events', async () => {
    const { clock, open, target, endpoint } = changed({
      toHost: (frame) => (frame.kind === frameKind.dataToHost && frame.seq === 1 ? undefined : frame),
    })
    target.messages.length = 0
    const session = await clock.run(open())
    const events = session.receive()
    target.messages.push(Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3))
    endpoint.advance()
    expect((await clock.run(events.next())).value).toEqual(Uint8Array.of(1))
    await expect(clock.run(events.next(), bounded)).rejects.toMatchObject({ code: 'GG_LINK_TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['a message without beginning', { flags: frameFlags.last }],
    ['an empty frame', { payload: new Uint8Array(0) }],
  ])('gives %s', async (_name, change) => {
    const { clock, open, target, endpoint } = changed({
      toHost: (frame) => (frame.kind === frameKind.dataToHost ? { ...frame, ...change } : frame),
    })
    const session = await clock.run(open())
    target.messages.push(Uint8Array.of(1))
    endpoint.advance()
    await expect(clock.run(session.receive().next())).rejects.toMatchObject({ code: 'GG_LINK_PROTOCOL' })
  })

  it.each([
    ['fewer words than were asked for', { payload: new Uint8Array(4) }, 'GG_LINK_PROTOCOL'],
    ['status 2', { aux: 2, payload: new Uint8Array(0) }, 'GG_LINK_PROTOCOL'],
    ['ERROR with status 4', { kind: frameKind.error, aux: 4 }, 'GG_LINK_PROTOCOL'],
    ['status 1', { aux: 1, payload: new Uint8Array(0) }, 'GG_REGISTER'],
    ['the number of another request', { seq: 77 }, 'GG_LINK_TIMEOUT'],
    ['the kind of another reply', { kind: frameKind.writeReply }, 'GG_LINK_TIMEOUT'],
  ])('answers a read with %s', async (_name, change, code) => {
    const { clock, open } = changed({
      toHost: (frame) => (frame.kind === frameKind.readReply ? { ...frame, ...change } : frame),
    })
    const session = await clock.run(open())
    await expect(clock.run(session.read(0, 2), bounded)).rejects.toMatchObject({ code })
    await clock.run(session.close())
    expect(clock.pending).toBe(0)
  })
})
