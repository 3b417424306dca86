import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { decodeHelloReply, encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { simulateLink } from './link-simulation.ts'

/** link_records with a host and a core that pause at random; a beat to the host must not change while it waits. */
async function start(payload: number): Promise<{
  send: (bytes: Uint8Array) => void
  run: (clocks: number) => LinkFrame[]
  decoder: FrameDecoder
}> {
  const { simulation } = await simulateLink('link_records', { PAYLOAD: payload })
  const { words, stepFunction: step } = simulation
  const port = (name: string): number => simulation.word(name)
  const [valid, ready, data] = [
    port('s_axis_h2c_tvalid'),
    port('s_axis_h2c_tready'),
    port('s_axis_h2c_tdata'),
  ]
  const [outValid, outReady, outData] = [
    port('m_axis_c2h_tvalid'),
    port('m_axis_c2h_tready'),
    port('m_axis_c2h_tdata'),
  ]
  const outLast = port('m_axis_c2h_tlast')
  const [pixels, event, eventLast] = [port('m_axis_tready'), port('s_axis_tdata'), port('s_axis_tlast')]
  const [access, accessed] = [port('reg_valid'), port('reg_ready')]
  const random = new Random(5)
  const frames: LinkFrame[] = []
  const decoder = new FrameDecoder('records', payload, (frame) => frames.push(frame))
  let input: number[] = []
  let held: string | undefined
  simulation.set('s_axis_tvalid', 1)
  words[event] = 7
  return {
    decoder,
    send: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let at = 0; at + 8 <= bytes.length; at += 8)
        input.push(view.getInt32(at, true), view.getInt32(at + 4, true))
    },
    run: (clocks) => {
      let at = 0
      for (let clock = 0; clock < clocks; clock++) {
        const gives = at < input.length && random.integer(8) > 0
        words[valid] = Number(gives)
        words[data] = gives ? input[at]! : 0x4c494e4b
        words[data + 1] = gives ? input[at + 1]! : 20
        words[outReady] = Number(random.integer(4) > 0)
        words[pixels] = random.integer(2)
        words[eventLast] = Number(random.integer(30) === 0)
        simulation.settle()
        words[accessed] = words[access]!
        simulation.settle()
        const beat = [words[outData], words[outData + 1], words[outLast]].join()
        if (held !== undefined && (words[outValid] === 0 || beat !== held)) throw new Error('a beat changed')
        held = words[outValid] !== 0 && words[outReady] === 0 ? beat : undefined
        if (words[outValid] !== 0 && words[outReady] !== 0) {
          const bytes = new Uint8Array(8)
          const view = new DataView(bytes.buffer)
          view.setInt32(0, words[outData]!, true)
          view.setInt32(4, words[outData + 1]!, true)
          decoder.push(bytes)
        }
        if (gives && words[ready] !== 0) at += 2
        step()
      }
      input = input.slice(at)
      return frames.splice(0)
    },
  }
}

const record = (kind: number, payload: Uint8Array, flags = 0, seq = 0, aux = 0): Uint8Array =>
  encodeFor('records', { kind, flags, seq, aux, payload })
/** docs/link.md: what a host writes before it repeats a request, to end a record that was cut or damaged. */
const flush = new Uint8Array(4104)

type Bench = Awaited<ReturnType<typeof start>>

/** Sends HELLO and looks for its reply. */
function hello({ send, run }: Bench, nonce: number): boolean {
  send(record(frameKind.hello, encodeHello(nonce, 0)))
  for (let tries = 0; tries < 40; tries++)
    for (const { kind, payload } of run(1000))
      if (kind === frameKind.helloReply && decodeHelloReply(payload)!.nonce === nonce) return true
  return false
}

describe('records that are cut or damaged', () => {
  it('of every length are ended by 4104 zero bytes, and HELLO works behind them', async () => {
    const bench = await start(2036)
    expect(hello(bench, 1)).toBe(true)
    const whole = record(frameKind.dataToDevice, new Uint8Array(2036).fill(1))
    for (const [i, length] of [8, 16, 24, 1000, 2040].entries()) {
      bench.send(whole.subarray(0, length))
      bench.run(3000)
      bench.send(flush)
      expect(hello(bench, 2 + i), `${length} bytes`).toBe(true)
    }
    expect(bench.decoder.errors).toBe(0)
  })

  it('and everything else: the endpoint never sends half a record and answers HELLO behind the zeros', async () => {
    const bench = await start(500)
    const random = new Random(6)
    const kinds = [1, 2, 3, 4, 5, 6, 0x40, 9]
    for (let round = 1; round <= 40; round++) {
      for (let n = 0; n < 20; n++) {
        const kind = kinds[random.integer(kinds.length)]!
        const payload =
          kind === frameKind.hello
            ? encodeHello(random.uint32(), 0)
            : Uint8Array.from({ length: random.integer(60) }, () => random.integer(256))
        const bytes = record(kind, payload, random.integer(256), random.integer(4), random.integer(40))
        const harm = random.integer(5)
        if (harm === 0) bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8)
        bench.send(harm === 1 ? bytes.subarray(0, 8 * random.integer(bytes.length / 8)) : bytes)
        if (harm === 2)
          bench.send(Uint8Array.from({ length: 8 * random.integer(5) }, () => random.integer(256)))
      }
      bench.send(flush)
      expect(hello(bench, 0x10000 + round), `round ${round}`).toBe(true)
    }
    expect(bench.decoder.errors).toBe(0)
  })
})
