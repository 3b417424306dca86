import { crc32 } from 'node:zlib'
import type { Carrier } from '../../src/link/carrier.ts'
import { LinkSession } from '../../src/link/session.ts'
import { generator } from './payload.ts'
import { type ThroughputTarget, throughputRegisters } from './throughput-target.ts'

/** A carrier to be measured, with the device behind it. */
export interface CarrierBench {
  readonly name: string
  /** Payload bytes to send; some seconds' worth. */
  readonly bytes: number
  readonly registerReads: number
  /** Bytes per second that the wire itself carries; undefined where nothing paces it. */
  readonly wire?: number
  readonly open: () => Promise<OpenCarrier>
}

export interface OpenCarrier extends AsyncDisposable {
  readonly carrier: Carrier
  readonly target: ThroughputTarget
}

export interface CarrierSpeed {
  readonly name: string
  /** Payload of the stream to the device. */
  readonly bytesPerSecond: number
  /** Payload of the stream from the device. */
  readonly eventBytesPerSecond: number
  /** bytesPerSecond over what the wire carries with nothing around it; null where nothing paces the wire. */
  readonly wireEfficiency: number | null
  /** One register per request, one request after the other. */
  readonly registerReadsPerSecond: number
  /** Damaged frames on both sides, and streams whose checksums differ. */
  readonly errors: number
  /** Frames and requests sent again because an answer was late: a busy host, not a bad line. */
  readonly repeated: number
}

/** Bytes handed to the session at once: a LIME frame of macro-pixels has 1.7 MB, `send` waits for its acknowledgement. */
const piece = 2 ** 21

/** Streams each way and single register reads over one carrier, on the wall clock. */
export async function measureCarrier(bench: CarrierBench): Promise<CarrierSpeed> {
  await using open = await bench.open()
  await using session = await LinkSession.open(open.carrier)
  const { target } = open
  const next = generator(1)
  const pieces: Uint8Array[] = []
  for (let left = bench.bytes; left > 0; left -= piece) pieces.push(next(Math.min(piece, left)))
  let sent = 0
  const toDevice = await seconds(async () => {
    for (const bytes of pieces) {
      await session.send(bytes)
      sent = crc32(bytes, sent)
    }
  })
  let received = 0
  const toHost = await seconds(async () => {
    await session.write(1, [bench.bytes])
    let left = bench.bytes
    for await (const message of session.receive()) {
      received = crc32(message, received)
      left -= message.length
      if (left <= 0) break
    }
  })
  const reading = await seconds(async () => {
    for (let i = 0; i < bench.registerReads; i++) await session.read(i % throughputRegisters)
  })
  const host = session.statistics()
  const device = await session.deviceStatistics()
  const differing = Number(sent !== target.takenChecksum) + Number(received !== target.givenChecksum)
  const bytesPerSecond = bench.bytes / toDevice
  return {
    name: bench.name,
    bytesPerSecond,
    eventBytesPerSecond: bench.bytes / toHost,
    wireEfficiency: bench.wire === undefined ? null : bytesPerSecond / bench.wire,
    registerReadsPerSecond: bench.registerReads / reading,
    errors: differing + host.crcErrors + host.framingErrors + device.crcErrors + device.framingErrors,
    repeated: host.framesResent + host.requestsRepeated + device.retransmitted,
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
