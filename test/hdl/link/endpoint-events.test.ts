import { describe, expect, it } from 'vitest'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameFlags, frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import type { EndpointHost } from './endpoint-host.ts'
import { large, startEndpoint } from './start-endpoint.ts'

const { first, last, retransmit } = frameFlags
const events = (frames: readonly LinkFrame[]): [number, number, number][] =>
  frames
    .filter(({ kind }) => kind === frameKind.dataToHost)
    .map(({ seq, flags, payload }) => [seq, flags, payload.length])
const credit = (host: EndpointHost, seq: number, limit: number, flags = 0): [number, number, number][] =>
  events(host.ask({ kind: frameKind.credit, flags, seq, aux: limit }))
const message = (length: number, start = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => start + i * 5)

describe('the events stream of the endpoint', () => {
  it('sends nothing without a grant, then up to the limit', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    for (let i = 0; i < 6; i++) bench.message(message(4, i))
    expect(events(host.answers())).toEqual([])
    // Two slots hold frames until they are acknowledged.
    expect(bench.eventsLeft).toBe(16)
    expect(credit(host, 0, 0)).toEqual([])
    expect(credit(host, 0, 1)).toEqual([[0, first | last, 4]])
    expect(credit(host, 1, 9)).toEqual([
      [1, first | last, 4],
      [2, first | last, 4],
    ])
    expect(credit(host, 3, 4)).toEqual([[3, first | last, 4]])
    expect(credit(host, 4, 0x8004)).toEqual([
      [4, first | last, 4],
      [5, first | last, 4],
    ])
  })

  it('cuts messages at 500 bytes and marks their ends', async () => {
    const { bench, host } = await startEndpoint(large)
    host.hello(1)
    for (const length of [500, 501, 1, 1000, 499]) bench.message(message(length, length))
    const frames = host
      .ask({ kind: frameKind.credit, aux: 100 })
      .filter(({ kind }) => kind === frameKind.dataToHost)
    expect(events(frames)).toEqual([
      [0, first | last, 500],
      [1, first, 500],
      [2, last, 1],
      [3, first | last, 1],
      [4, first, 500],
      [5, last, 500],
      [6, first | last, 499],
    ])
    expect(Buffer.concat([frames[1]!.payload, frames[2]!.payload])).toEqual(Buffer.from(message(501, 501)))
    expect(Buffer.from(frames[6]!.payload)).toEqual(Buffer.from(message(499, 499)))
    expect(frames.every(({ aux }) => aux === 0)).toBe(true)
  })

  it('sends again from where the host says, and counts it', async () => {
    const { bench, host } = await startEndpoint(large)
    host.hello(1)
    for (let i = 0; i < 12; i++) bench.message(message(3, i))
    const all = host.ask({ kind: frameKind.credit, aux: 5 })
    expect(events(all).map(([seq]) => seq)).toEqual([0, 1, 2, 3, 4])
    const again = host.ask({ kind: frameKind.credit, flags: retransmit, seq: 2, aux: 6 })
    expect(events(again).map(([seq]) => seq)).toEqual([2, 3, 4, 5])
    expect(again[1]!.payload).toEqual(all.filter(({ kind }) => kind === frameKind.dataToHost)[2]!.payload)
    expect(host.statistics()).toMatchObject({ retransmitted: 3, dropped: 0 })
    // Nothing is unacknowledged: there is nothing to send again.
    expect(credit(host, 6, 6, retransmit)).toEqual([])
    expect(credit(host, 6, 7, retransmit).map(([seq]) => seq)).toEqual([6])
    expect(host.statistics()).toMatchObject({ retransmitted: 3 })
  })

  it('goes on behind what the host has when it had gone back further', async () => {
    const { bench, host } = await startEndpoint(large)
    host.hello(1)
    for (let i = 0; i < 8; i++) bench.message(message(400, i))
    expect(credit(host, 0, 8).length).toBe(8)
    host.post({ kind: frameKind.credit, flags: retransmit, seq: 0, aux: 8 })
    bench.run(200)
    host.post({ kind: frameKind.credit, seq: 6, aux: 8 })
    expect(events(host.answers()).map(([seq]) => seq)).toEqual([0, 6, 7])
  })

  it('ignores credits for what it did not send, and limits too far ahead', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    for (let i = 0; i < 4; i++) bench.message(message(2, i))
    expect(credit(host, 1, 4)).toEqual([])
    expect(credit(host, 0xffff, 4)).toEqual([])
    expect(credit(host, 0, 0x8001)).toEqual([])
    expect(credit(host, 0, 0xffff)).toEqual([])
    expect(credit(host, 0, 1).map(([seq]) => seq)).toEqual([0])
    expect(credit(host, 2, 5, retransmit)).toEqual([])
    expect(credit(host, 1, 5).map(([seq]) => seq)).toEqual([1, 2])
    expect(credit(host, 0, 9, retransmit)).toEqual([])
    expect(host.statistics()).toMatchObject({ retransmitted: 0 })
  })

  it('drops what waits and is cut when a session begins, and then starts with a message', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    bench.message(message(1300))
    expect(credit(host, 0, 8).map(([seq]) => seq)).toEqual([0, 1])
    host.hello(2)
    bench.message(message(6, 9))
    bench.message(message(7, 9))
    const frames = host.ask({ kind: frameKind.credit, aux: 9 })
    expect(events(frames)).toEqual([
      [0, first | last, 6],
      [1, first | last, 7],
    ])
    expect(Buffer.from(frames[1]!.payload)).toEqual(Buffer.from(message(6, 9)))
  })

  it('drops the start of a message that a session cuts off', async () => {
    const { bench, host } = await startEndpoint()
    for (let nonce = 1; nonce < 20; nonce++) {
      host.hello(2 * nonce)
      bench.message(message(600 + nonce), false)
      host.answers()
      // Most of the time the next session begins while a slot fills, sometimes just when it is full.
      bench.message(message(380 + nonce), false)
      host.post({ kind: frameKind.hello, payload: encodeHello(2 * nonce + 1, 0) })
      host.answers()
      bench.message(message(6, nonce))
      const frames = host.ask({ kind: frameKind.credit, aux: 9 })
      expect(events(frames)).toEqual([[0, first | last, 6]])
      expect(frames.at(-1)!.payload).toEqual(message(6, nonce))
    }
  })

  it('gives events and the answers to CREDIT by turns when the host sends CREDIT without a pause', async () => {
    const { bench, host } = await startEndpoint(large)
    host.hello(1)
    for (let i = 0; i < 4; i++) bench.message(message(20, i))
    for (let i = 0; i < 100; i++) host.post({ kind: frameKind.credit, aux: 8 })
    const kinds = host.answers().map(({ kind }) => kind)
    const [answer, event] = [frameKind.creditReply, frameKind.dataToHost]
    expect(kinds.lastIndexOf(event)).toBeLessThan(12)
    expect(kinds.filter((kind) => kind === event).length).toBe(4)
    expect(kinds.filter((kind) => kind === answer).length).toBeGreaterThan(30)
  })

  it('lets answers go before event frames', async () => {
    const { bench, host } = await startEndpoint({}, 3, { output: 128 })
    host.hello(1)
    for (let i = 0; i < 6; i++) bench.message(message(500, i))
    host.post({ kind: frameKind.credit, aux: 20 })
    bench.run(900)
    host.post({ kind: frameKind.read, seq: 1, payload: Uint8Array.of(2) })
    const kinds = host.answers().map(({ kind }) => kind)
    expect(kinds).toContain(frameKind.readReply)
    expect(kinds.indexOf(frameKind.readReply)).toBeLessThanOrEqual(2)
    expect(kinds.filter((kind) => kind === frameKind.dataToHost).length).toBe(2)
  })
})
