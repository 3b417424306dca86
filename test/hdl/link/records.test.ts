import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { encodeFrame } from '../../../src/link/frame.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { decodeHelloReply, encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { decodeDeviceStatistics } from '../../../src/link/statistics.ts'
import { simulateLink } from './link-simulation.ts'

const payloadLimit = 2036

/** link_records between a host's records and a core that loops pixels back as events. */
class RecordBench {
  readonly dut: Dut
  readonly frames: LinkFrame[] = []
  readonly decoder = new FrameDecoder('records', payloadLimit, (frame) => this.frames.push(frame))
  /** 64-bit words from the device, with tlast. */
  readonly beats: { readonly word: bigint; readonly last: boolean }[] = []
  readonly pixels: number[] = []
  cycles = 0
  messageBytes = 1000
  readonly #random: Random
  readonly #pauses: number
  #input: bigint[] = []
  #open = 0

  constructor(dut: Dut, seed: number, pauses: number) {
    this.dut = dut
    this.#random = new Random(seed)
    this.#pauses = pauses
  }

  send(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length; at += 8) this.#input.push(view.getBigUint64(at, true))
  }

  frame(kind: number, seq = 0, aux = 0, payload: Uint8Array = new Uint8Array(0)): void {
    this.send(encodeFor('records', { kind, flags: 0, seq, aux, payload }))
  }

  /** Frames of the device until it was quiet for a while. */
  answers(quiet = 1000): LinkFrame[] {
    const { in: inputs, out: outputs } = this.dut
    const pause = (): boolean => this.#random.integer(256) < this.#pauses
    for (let idle = 0; idle < quiet; idle++, this.cycles++) {
      const sends = this.#input.length > 0 && !pause()
      inputs.s_axis_h2c_tvalid = Number(sends)
      inputs.s_axis_h2c_tdata = sends ? this.#input[0]! : 0x12345678_4c494e4bn
      inputs.m_axis_c2h_tready = Number(!pause())
      const takes = outputs.s_axis_tready!
      const { m_axis_tvalid: offers, m_axis_tdata: pixel } = outputs as Record<string, number>
      inputs.m_axis_tready = takes
      Object.assign(inputs, { s_axis_tvalid: offers, s_axis_tdata: pixel })
      inputs.s_axis_tlast = Number(this.#open === this.messageBytes - 1)
      const moves = offers === 1 && takes === 1
      if (moves) {
        this.pixels.push(pixel!)
        this.#open = (this.#open + 1) % this.messageBytes
      }
      if (sends && outputs.s_axis_h2c_tready === 1) this.#input.shift()
      if (outputs.m_axis_c2h_tvalid === 1) {
        idle = 0
        if (inputs.m_axis_c2h_tready === 1) this.#take()
      }
      if (moves || this.#input.length > 0) idle = 0
      this.dut.run(1)
    }
    return this.frames.splice(0)
  }

  #take(): void {
    const { m_axis_c2h_tdata, m_axis_c2h_tlast, m_axis_c2h_tkeep } = this.dut.out
    expect(m_axis_c2h_tkeep).toBe(255)
    const word = BigInt(m_axis_c2h_tdata!)
    this.beats.push({ word, last: m_axis_c2h_tlast === 1 })
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, word, true)
    this.decoder.push(bytes)
  }
}

const start = async (seed = 1, pauses = 0): Promise<RecordBench> =>
  new RecordBench(await simulateLink('link_records'), seed, pauses)

describe('link_records', () => {
  it('speaks the same protocol in records of whole 64-bit words, each ended by tlast', async () => {
    const bench = await start(2, 90)
    bench.frame(frameKind.hello, 0, 0, encodeHello(5, 0))
    const hello = decodeHelloReply(bench.answers()[0]!.payload)
    expect(hello).toMatchObject({ nonce: 5, maximumPayload: payloadLimit, slots: 7, clock: 125_000_000 })
    const random = new Random(3)
    bench.frame(frameKind.credit, 0, 20)
    const sent: number[] = []
    for (let seq = 0; seq < 6; seq++) {
      const payload = Uint8Array.from({ length: seq === 5 ? 1000 : 1 + random.integer(900) }, () =>
        random.integer(256),
      )
      sent.push(...payload)
      bench.frame(frameKind.dataToDevice, seq, 0, payload)
      // Words of zeros between records are nothing.
      bench.send(new Uint8Array(8 * random.integer(4)))
    }
    const frames = bench.answers()
    expect(bench.pixels).toEqual(sent)
    const events = frames
      .filter(({ kind }) => kind === frameKind.dataToHost)
      .flatMap(({ payload }) => [...payload])
    expect(events).toEqual(sent.slice(0, 1000 * Math.floor(sent.length / 1000)))
    expect(events.length).toBeGreaterThan(0)
    expect(bench.decoder.errors).toBe(0)
    let words = 0
    for (const { word, last } of bench.beats) {
      if (words === 0) words = 1 + Math.ceil(Number(word >> 32n) / 8)
      words--
      expect(last).toBe(words === 0)
    }
  })

  it('counts what is no record once, skips to the next magic, and judges the frame in a record', async () => {
    const bench = await start(4, 30)
    const hello = encodeFor('records', {
      kind: frameKind.hello,
      flags: 0,
      seq: 0,
      aux: 0,
      payload: encodeHello(7, 0),
    })
    const header = (length: number, magic = 0x4c494e4b): Uint8Array => {
      const bytes = new Uint8Array(8)
      const view = new DataView(bytes.buffer)
      view.setUint32(0, magic, true)
      view.setUint32(4, length, true)
      return bytes
    }
    // One framing error each, then a HELLO that must be understood.
    const garbage = [
      [header(0)],
      [header(11)],
      [header(payloadLimit + 13)],
      [header(0xffffffff), new Uint8Array(8).fill(9), header(3), new Uint8Array(16)],
      [header(40, 0x4c494e4a), new Uint8Array(24).fill(1)],
      // A record whose frame has another length than it says.
      [
        header(20),
        encodeFrame({ kind: 6, flags: 0, seq: 1, aux: 0, payload: new Uint8Array(9) }).subarray(0, 20),
        new Uint8Array(4),
      ],
    ]
    for (const [i, parts] of garbage.entries()) {
      bench.send(Uint8Array.from(Buffer.concat(parts)))
      bench.send(hello)
      expect(
        bench.answers().map(({ kind }) => kind),
        `garbage ${i}`,
      ).toEqual([frameKind.helloReply])
    }
    const flipped = hello.slice()
    flipped[20]! ^= 1
    bench.send(flipped)
    bench.frame(frameKind.statistics, 1)
    const statistics = decodeDeviceStatistics(bench.answers()[0]!.payload)
    expect(statistics).toMatchObject({
      framingErrors: garbage.length,
      crcErrors: 1,
      frames: garbage.length + 1,
      sessions: 1,
    })
  })

  it('moves 2036 bytes in less than 2200 clocks, both ways at once', async () => {
    const bench = await start()
    bench.messageBytes = 2036
    bench.frame(frameKind.hello, 0, 0, encodeHello(5, 0))
    bench.frame(frameKind.credit, 0, 40)
    bench.answers()
    const begin = bench.cycles
    const count = 7
    for (let seq = 0; seq < count; seq++)
      bench.frame(frameKind.dataToDevice, seq, 0, new Uint8Array(2036).fill(seq))
    const frames = bench.answers()
    expect(frames.filter(({ kind }) => kind === frameKind.dataToHost).length).toBe(count)
    const clocks = bench.cycles - begin - 1000
    // The last frame still goes through both buffers when all has come in.
    expect(clocks / (count + 2)).toBeLessThan(2200)
  })
})
