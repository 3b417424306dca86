import { describe, expect, it } from 'vitest'
import { frameFlags, frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import type { EndpointHost } from './endpoint-host.ts'
import { startEndpoint } from './start-endpoint.ts'

const credit = (seq: number, limit: number, again = false): Partial<LinkFrame> => ({
  kind: frameKind.creditReply,
  flags: again ? frameFlags.retransmit : 0,
  seq,
  aux: limit,
})
/** Byte `i` of the payload of frame `seq`. */
const content = (seq: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => seq * 31 + i * 7)
const post = (host: EndpointHost, seq: number, length: number): void =>
  host.post({ kind: frameKind.dataToDevice, seq, payload: content(seq, length) })
const data = (host: EndpointHost, seq: number, length = 1): LinkFrame[] => {
  post(host, seq, length)
  return host.answers()
}

describe('the pixels stream of the endpoint', () => {
  it('passes on what comes in order and says how far it may go', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    const expected: number[] = []
    for (const [seq, length] of [1, 2, 499, 500, 3, 500].entries()) {
      expect(data(host, seq, length).at(-1)).toMatchObject(credit(seq + 1, seq + 4))
      expected.push(...content(seq, length))
    }
    expect(bench.pixels).toEqual(expected)
  })

  it('holds three frames while the core takes none, refuses more, and answers requests meanwhile', async () => {
    const { bench, host } = await startEndpoint({}, 1, { access: 5 })
    host.hello(1)
    bench.takesPixels = false
    expect(data(host, 0, 500)).toMatchObject([credit(1, 3)])
    expect(data(host, 1, 500)).toMatchObject([credit(2, 3)])
    expect(data(host, 2, 500)).toMatchObject([credit(3, 3)])
    for (let repeat = 0; repeat < 3; repeat++) expect(data(host, 3, 500)).toMatchObject([credit(3, 3)])
    bench.registers[9] = 99
    for (let repeat = 0; repeat < 3; repeat++) expect(host.read(0, 31)[0]!.payload[36]).toBe(99)
    expect(host.statistics()).toMatchObject({ refused: 3 })
    bench.takesPixels = true
    // A slot that becomes free is told without being asked.
    expect(host.answers().at(-1)).toMatchObject(credit(3, 6))
    expect(data(host, 3, 500).at(-1)).toMatchObject(credit(4, 7))
    expect(bench.pixels).toEqual([0, 1, 2, 3].flatMap((seq) => [...content(seq, 500)]))
  })

  it('asks once for what is missing, and again only after it came', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    data(host, 0)
    expect(data(host, 2)).toMatchObject([credit(1, 4, true)])
    expect(data(host, 3)).toMatchObject([credit(1, 4)])
    expect(data(host, 0)).toMatchObject([credit(1, 4)])
    expect(data(host, 0x8000)).toMatchObject([credit(1, 4)])
    expect(data(host, 1).at(-1)).toMatchObject(credit(2, 5))
    // Far behind is not ahead.
    expect(data(host, 0x8002)).toMatchObject([credit(2, 5)])
    expect(data(host, 0x8001)).toMatchObject([credit(2, 5, true)])
    expect(host.ask({ kind: frameKind.credit })).toMatchObject([credit(2, 5)])
    expect(data(host, 2).at(-1)).toMatchObject(credit(3, 6))
    expect(bench.pixels).toEqual([0, 1, 2].map((seq) => content(seq, 1)[0]))
    expect(host.statistics()).toMatchObject({ refused: 6 })
  })

  it('refuses an empty frame, and drops all that waits when a session begins', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    expect(data(host, 0, 0)).toMatchObject([credit(0, 3)])
    bench.takesPixels = false
    post(host, 0, 500)
    post(host, 1, 500)
    host.answers()
    host.hello(2)
    bench.takesPixels = true
    expect(host.ask({ kind: frameKind.credit })).toMatchObject([credit(0, 3)])
    expect(bench.pixels).toEqual([])
    data(host, 0, 7)
    expect(bench.pixels).toEqual([...content(0, 7)])
  })

  it('takes 500 bytes in less than 650 clocks when nobody waits', async () => {
    const { bench, host } = await startEndpoint()
    host.hello(1)
    const begin = bench.cycles
    let seq = 0
    for (let sent = 0; sent < 40; sent++) {
      // No flag and escape among the bytes: what they cost belongs to the carrier.
      host.post({ kind: frameKind.dataToDevice, seq: seq++, payload: new Uint8Array(500).fill(1) })
    }
    while (bench.pixels.length < 40 * 500) bench.run(100)
    const clocks = (bench.cycles - begin) / 40
    expect(clocks).toBeLessThan(650)
    expect(host.answers().at(-1)).toMatchObject(credit(40, 43))
  })
})
