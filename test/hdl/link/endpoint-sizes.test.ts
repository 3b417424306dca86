import { describe, expect, it } from 'vitest'
import { frameKind } from '../../../src/link/protocol.ts'
import { startEndpoint } from './start-endpoint.ts'

describe.each([
  [248, 1, 1, 1],
  [1012, 2, 3, 8],
])(
  'an endpoint with %i bytes of payload, 2^%i and 2^%i slots, %i bits of CRC per clock',
  (limit, rx, tx, bits) => {
    it('takes and gives full frames, and calls longer ones framing errors', async () => {
      const { bench, host } = await startEndpoint(
        { PAYLOAD: limit, RX_SLOT_BITS: rx, TX_SLOT_BITS: tx, CRC_BITS: bits, REGISTERS: 300 },
        limit,
        { pixels: 60, events: 60, access: 3 },
      )
      host.decoder.resize(2000)
      const slots = 2 ** rx - 1
      expect(host.hello(1)).toMatchObject({ maximumPayload: limit, slots, registers: 300 })
      const payload = Uint8Array.from({ length: limit }, (_, i) => i * 3)
      const count = Math.min(255, limit / 4)
      const words = Array.from({ length: count }, (_, i) => i * 0x1010101)
      expect(host.write(300 - count, words)).toMatchObject([{ kind: frameKind.writeReply, aux: 0 }])
      expect(host.read(300 - count, count)).toMatchObject([{ payload: { length: 4 * count } }])
      for (let seq = 0; seq < 9; seq++) {
        host.post({ kind: frameKind.dataToDevice, seq, payload })
        expect(host.answers().at(-1)).toMatchObject({ seq: seq + 1, aux: seq + 1 + slots })
      }
      expect(bench.pixels.length).toBe(9 * limit)
      expect(bench.pixels.slice(-limit)).toEqual([...payload])
      bench.message(Uint8Array.of(...payload, ...payload, 1))
      const events = host
        .ask({ kind: frameKind.credit, aux: 2 })
        .filter(({ kind }) => kind === frameKind.dataToHost)
      expect(events).toMatchObject([
        { seq: 0, flags: 0x10 },
        { seq: 1, flags: 0 },
      ])
      expect(events.map((event) => [...event.payload])).toEqual([[...payload], [...payload]])
      host.post({ kind: frameKind.dataToDevice, seq: 9, payload: new Uint8Array(limit + 1) })
      expect(host.statistics()).toMatchObject({ framingErrors: 1, crcErrors: 0, refused: 0 })
    })
  },
)
