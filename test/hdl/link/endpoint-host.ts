import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { decodeHelloReply, encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type HelloReply, type LinkFrame, uartPayload } from '../../../src/link/protocol.ts'
import { decodeDeviceStatistics } from '../../../src/link/statistics.ts'
import { wordsToBytes } from '../../../src/link/words.ts'
import type { EndpointBench } from './endpoint-bench.ts'

/** Sends frames to an endpoint in simulation and collects its frames; without timers or repeats of its own. */
export class EndpointHost {
  readonly bench: EndpointBench
  /** Frames that nobody took yet. */
  frames: LinkFrame[] = []
  readonly decoder: FrameDecoder
  /** Damage on the way from the device. */
  harm: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes
  #seq = 0

  constructor(bench: EndpointBench) {
    this.bench = bench
    this.decoder = new FrameDecoder('bytes', uartPayload, (frame) => this.frames.push(frame))
  }

  /** Queues a frame. */
  post(frame: Partial<LinkFrame> & { kind: number }): void {
    this.bench.send(encodeFor('bytes', { flags: 0, seq: 0, aux: 0, payload: new Uint8Array(0), ...frame }))
  }

  /** Clocks until all is quiet and gives the device's frames. */
  answers(): LinkFrame[] {
    this.bench.settle()
    return this.take()
  }

  /** The device's frames so far. */
  take(): LinkFrame[] {
    this.decoder.push(this.harm(this.bench.takeOutput()))
    const frames = this.frames
    this.frames = []
    return frames
  }

  /** Frames of `kind`, sent and answered. */
  ask(frame: Partial<LinkFrame> & { kind: number }): LinkFrame[] {
    this.post(frame)
    return this.answers()
  }

  /** The reply to HELLO with this nonce. Requests are counted from 1 again if the session is another. */
  hello(nonce: number, schema = 0): HelloReply {
    this.post({ kind: frameKind.hello, payload: encodeHello(nonce, schema) })
    const reply = this.answers().find(({ kind }) => kind === frameKind.helloReply)
    const hello = reply && decodeHelloReply(reply.payload)
    if (hello?.nonce !== nonce) throw new Error(`no reply to HELLO ${nonce}`)
    this.#seq = 0
    return hello
  }

  /** Number of the next request. */
  nextSeq(): number {
    this.#seq = (this.#seq % 0xffff) + 1
    return this.#seq
  }

  read(address: number, count: number): LinkFrame[] {
    return this.ask({
      kind: frameKind.read,
      seq: this.nextSeq(),
      aux: address,
      payload: Uint8Array.of(count),
    })
  }

  write(address: number, words: readonly number[], kind: number = frameKind.write): LinkFrame[] {
    return this.ask({ kind, seq: this.nextSeq(), aux: address, payload: wordsToBytes(words) })
  }

  statistics(): NonNullable<ReturnType<typeof decodeDeviceStatistics>> {
    const frames = this.ask({ kind: frameKind.statistics, seq: this.nextSeq() })
    const reply = frames.find(({ kind }) => kind === frameKind.statisticsReply)
    const statistics = reply && decodeDeviceStatistics(reply.payload)
    if (statistics === undefined) throw new Error('no reply to STAT')
    return statistics
  }
}
