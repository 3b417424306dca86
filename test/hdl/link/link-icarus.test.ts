import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { decodeDeviceStatistics } from '../../../src/link/statistics.ts'
import { root } from '../../support/hdl-files.ts'
import { runIcarus } from '../board/run-icarus.ts'
import { icarus } from '../native/native-core.ts'
import { linkFiles } from './link-simulation.ts'

const frame = (kind: number, seq = 0, aux = 0, payload: Uint8Array = new Uint8Array(0)): Uint8Array =>
  encodeFor('bytes', { kind, flags: 0, seq, aux, payload })

describe.skipIf(icarus.skip)(`link_bytes in Icarus Verilog${icarus.note}`, () => {
  it('is never undefined, also behind frames that are shorter than a header', () => {
    const random = new Random(1)
    const short = Array.from({ length: 24 }, (_, i) =>
      Uint8Array.of(0x7e, ...Array.from({ length: 1 + (i % 12) }, () => random.integer(100)), 0x7e),
    )
    const input = Buffer.concat([
      ...short,
      frame(frameKind.hello, 0, 0, encodeHello(9, 0)),
      ...short,
      frame(frameKind.read, 1, 0, Uint8Array.of(3)),
      frame(frameKind.dataToDevice, 0, 0, Uint8Array.of(1, 2, 3, 4, 5)),
      frame(frameKind.credit, 0, 2),
      ...short,
      frame(frameKind.statistics, 2),
    ])
    const lines = runIcarus(
      [`${root}test/hdl/link/link-bench.sv`, ...linkFiles],
      Array.from(input, (byte) => byte.toString(16)),
    )
    expect(lines.filter((line) => line.startsWith('X'))).toEqual([])
    const frames: LinkFrame[] = []
    const decoder = new FrameDecoder('bytes', 500, (reply) => frames.push(reply))
    for (const line of lines.filter((text) => text.startsWith('B '))) {
      expect(line).toMatch(/^B [0-9a-f]{2}$/)
      decoder.push(Uint8Array.of(Number.parseInt(line.slice(2), 16)))
    }
    expect(frames.filter(({ kind }) => kind === frameKind.dataToHost)).toMatchObject([
      { payload: Uint8Array.of(1, 2, 3, 4, 5) },
    ])
    const statistics = frames.find(({ kind }) => kind === frameKind.statisticsReply)!
    expect(decodeDeviceStatistics(statistics.payload)).toMatchObject({
      framingErrors: 3 * short.length,
      crcErrors: 0,
      sessions: 1,
    })
  })
})
