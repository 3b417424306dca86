import { describe, expect, it } from 'vitest'
import { simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { EndpointBench } from './endpoint-bench.ts'
import { EndpointHost } from './endpoint-host.ts'
import { linkFiles } from './link-simulation.ts'
import { presetProgram } from './preset-program.ts'
import { startEndpoint } from './start-endpoint.ts'
import { StreamHost } from './stream-host.ts'

const random = new Random(11)
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.integer(256))
const lengths = [1, 4, 20, 60, 500]
const parts = (count: number): Uint8Array[] =>
  Array.from({ length: count }, () => bytes(1 + random.integer(lengths[random.integer(5)]!)))

/** Sends frames and messages through, and compares what arrives. */
function exchange(host: EndpointHost, start: number, count: number, loss: number, seed: number): void {
  host.hello(0x77)
  const pixels = parts(count)
  const messages = parts(count)
  for (const message of messages) host.bench.message(message)
  host.bench.registers[3] = 0x5a
  const events = messages.flatMap((message) => [...message])
  const stream = new StreamHost(host, pixels, start, loss, seed)
  stream.run(events.length, 6_000_000)
  host.bench.settle()
  expect(host.bench.pixels).toEqual(pixels.flatMap((part) => [...part]))
  expect(stream.received).toEqual(events)
  expect(stream.messages).toEqual(messages.map(({ length }) => length))
  expect(new Set(stream.reads)).toEqual(new Set([0x5a]))
}

describe('both streams and registers at once', () => {
  it.each([
    [0, {}],
    [0, { input: 100, output: 100, pixels: 100, events: 100, access: 20 }],
    [60, { input: 30, output: 30, pixels: 200, events: 30, access: 5 }],
    [150, { pixels: 30, events: 220, access: 200 }],
  ])('nothing is lost or doubled with %i of 1000 frames harmed and pauses %o', async (loss, pauses) => {
    const { host } = await startEndpoint({}, loss + 1, pauses)
    exchange(host, 0, 150, loss, loss + 2)
    const statistics = host.statistics()
    if (loss > 0)
      expect(
        Math.min(
          ...['refused', 'crcErrors', 'duplicates', 'retransmitted'].map(
            (name) => statistics[name as 'refused'],
          ),
        ),
      ).toBeGreaterThan(0)
    else expect([statistics.crcErrors, statistics.framingErrors, statistics.retransmitted]).toEqual([0, 0, 0])
  })

  it.each([0, 80])('the numbers of both streams pass 65535 (%i of 1000 frames harmed)', async (loss) => {
    const start = 0xffc0
    const files = linkFiles.map((path) => (path.endsWith('/link_program.sv') ? 'preset.sv' : path))
    const program = { 'preset.sv': presetProgram(start, 3) }
    const dut = await simulate(files, { top: 'link_bytes', files: program })
    await dut.applyReset()
    const host = new EndpointHost(new EndpointBench(dut, 4, { pixels: 50, events: 50 }))
    exchange(host, start, 150, loss, loss + 5)
  })
})
