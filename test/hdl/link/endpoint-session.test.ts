import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../../src/link/frame.ts'
import { stuff } from '../../../src/link/hdlc.ts'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameKind, replyStatus } from '../../../src/link/protocol.ts'
import { large, startEndpoint } from './start-endpoint.ts'

const start = () => startEndpoint(large)

describe('a session of the endpoint', () => {
  it('begins with HELLO and tells what the device is', async () => {
    const { bench, host } = await start()
    expect(host.hello(0xdeadbeef)).toEqual({
      nonce: 0xdeadbeef,
      version: 1,
      maximumPayload: 500,
      registers: 200,
      slots: 7,
      schema: 0x89abcdef,
      build: 0xfedcba9876543210n,
      clock: 123456789,
    })
    expect(bench.sessions).toBe(1)
    expect(host.statistics()).toMatchObject({ frames: 2, sessions: 1 })
  })

  it('refuses everything but HELLO before, with the number of the request', async () => {
    const { bench, host } = await start()
    const kinds = [...Object.values(frameKind).filter((kind) => kind !== frameKind.hello), 0, 0x41]
    bench.message(Uint8Array.of(1, 2, 3))
    for (const [i, kind] of kinds.entries())
      expect(host.ask({ kind, seq: 1000 + i, aux: 5, payload: new Uint8Array(4) })).toMatchObject([
        { kind: frameKind.error, seq: 1000 + i, aux: replyStatus.noSession, payload: { length: 0 } },
      ])
    expect([bench.sessions, bench.accesses.length, bench.pixels.length, bench.eventsLeft]).toEqual([
      0, 0, 0, 3,
    ])
    host.hello(0)
    expect(bench.sessions).toBe(1)
  })

  it('refuses a HELLO with wrong magic, version or length, and forgets nothing', async () => {
    const { bench, host } = await start()
    host.hello(5)
    for (const at of [0, 1, 2, 3, 4, 5]) {
      const payload = encodeHello(6, 0)
      payload[at]! ^= 0x40
      expect(host.ask({ kind: frameKind.hello, seq: at, payload })).toMatchObject([
        { kind: frameKind.error, seq: at, aux: replyStatus.badKind },
      ])
    }
    for (const length of [0, 15, 17, 500])
      expect(host.ask({ kind: frameKind.hello, seq: 3, payload: new Uint8Array(length) })).toMatchObject([
        { kind: frameKind.error, seq: 3, aux: replyStatus.badLength },
      ])
    expect(bench.sessions).toBe(1)
    expect(host.hello(5).nonce).toBe(5)
    expect(bench.sessions).toBe(1)
  })

  it('goes on with the same nonce and is another with any other', async () => {
    const { bench, host } = await start()
    host.hello(0x10001)
    const pixels = { kind: frameKind.dataToDevice, payload: Uint8Array.of(1, 2) }
    expect(host.ask({ ...pixels, seq: 0 }).at(-1)).toMatchObject({ seq: 1, aux: 8 })
    expect(host.read(0, 1)).toMatchObject([{ seq: 1 }])
    host.hello(0x10001)
    expect(host.ask({ ...pixels, seq: 1 }).at(-1)).toMatchObject({ seq: 2, aux: 9 })
    expect(host.read(0, 1)).toMatchObject([{ seq: 1 }])
    expect(bench.accesses.length).toBe(1)
    // A nonce that differs in one half only is another nonce.
    for (const nonce of [0x20001, 0x20002, 0x10001]) {
      host.hello(nonce)
      expect(host.ask({ kind: frameKind.credit })).toMatchObject([{ seq: 0, aux: 7 }])
      expect(host.read(0, 1)).toMatchObject([{ kind: frameKind.readReply, seq: 1 }])
      expect(host.ask({ ...pixels, seq: 0 }).at(-1)).toMatchObject({ seq: 1, aux: 8 })
    }
    expect(bench.sessions).toBe(4)
    expect(bench.accesses.length).toBe(4)
    expect(host.statistics()).toMatchObject({ sessions: 4, duplicates: 1 })
  })

  it('counts frames, damaged frames, and lengths that are wrong; flags alone are nothing', async () => {
    const { bench, host } = await start()
    host.hello(9)
    const frame = encodeFrame({ kind: frameKind.read, flags: 0, seq: 3, aux: 0, payload: Uint8Array.of(1) })
    const flip = (at: number): Uint8Array => frame.map((byte, i) => (i === at ? byte ^ 0x10 : byte))
    const long = encodeFrame({ kind: 2, flags: 0, seq: 3, aux: 0, payload: new Uint8Array(501) })
    const flag = Uint8Array.of(0x7e)
    bench.send(Uint8Array.from(Array(50).fill(0x7e)))
    for (let at = 0; at < frame.length; at++) bench.send(stuff(flip(at)))
    for (let length = 1; length < frame.length; length++) bench.send(stuff(frame.subarray(0, length)))
    for (const bad of [long, new Uint8Array(2000), Uint8Array.of(...frame, 0)]) bench.send(stuff(bad))
    bench.send(Uint8Array.of(0x7d, 0x7e, ...stuff(frame).subarray(0, -1), 0x7d, 0x7e))
    bench.send(flag)
    const framing = frame.length - 1 + 3 + 2 + 2
    expect(host.answers()).toEqual([])
    expect(bench.accesses).toEqual([])
    expect(host.statistics()).toMatchObject({
      frames: 2,
      crcErrors: frame.length - 2,
      framingErrors: framing,
    })
  })

  it('is over after a reset in the middle of anything, and so are the counters', async () => {
    const { bench, host } = await start()
    for (let run = 0; run < 40; run++) {
      host.hello(run + 1)
      bench.message(new Uint8Array(900))
      host.post({ kind: frameKind.credit, aux: 5 })
      host.post({ kind: frameKind.write, seq: 1, aux: 1, payload: new Uint8Array(80) })
      host.post({ kind: frameKind.dataToDevice, payload: new Uint8Array(300) })
      bench.run(37 * run)
      bench.powerUp()
      host.take()
      expect(host.ask({ kind: frameKind.statistics, seq: 1 })).toMatchObject([
        { kind: frameKind.error, aux: 5 },
      ])
      host.hello(run + 1)
      expect(host.statistics()).toEqual({
        frames: 3,
        crcErrors: 0,
        framingErrors: 0,
        duplicates: 0,
        refused: 0,
        retransmitted: 0,
        dropped: 0,
        sessions: 1,
      })
    }
  })
})
