import { fileURLToPath } from 'node:url'
import { AxiStreamMonitor, AxiStreamSink, AxiStreamSource, Scoreboard, simulate } from 'gemgate/sim'
import { expect, test } from 'vitest'

const fifo = fileURLToPath(new URL('../../hdl/network/stream_fifo.sv', import.meta.url))

test('bursts go through a FIFO to a sink that pauses at random', async () => {
  const dut = await simulate(fifo, { parameters: { DEPTH_BITS: 3 } })
  await dut.applyReset()
  const board = new Scoreboard<number>()
  const source = new AxiStreamSource(dut, 's_axis', { stall: 0.2, seed: 1 })
  // a break of the rules of the bus, such as data that changes before it is taken, fails the test
  new AxiStreamMonitor(dut, 'm_axis')
  const sink = new AxiStreamSink(dut, 'm_axis', { stall: 0.6, seed: 2 })

  const sender = dut.fork(async () => {
    for (let burst = 0; burst < 20; burst++) {
      const bytes = Array.from({ length: 25 }, (_, i) => (burst * 25 + i) & 255)
      board.expect(...bytes)
      source.send(Uint8Array.from(bytes))
      await source.sent()
      await dut.clock(10)
    }
  })
  for (let i = 0; i < 500; i++) board.receive(...(await sink.receive()).bytes)
  await sender.join()
  board.finish()
})

test('without pauses it keeps up with the clock', async () => {
  const dut = await simulate(fifo)
  await dut.applyReset()
  const bytes = Uint32Array.from({ length: 100_000 }, (_, i) => (i * 7) & 255)
  // the whole loop runs in WebAssembly
  const { data, cycles } = dut.stream({ source: 's_axis', sink: 'm_axis', items: bytes, drain: 5 })
  expect(data).toEqual(bytes)
  expect(cycles).toBeLessThan(bytes.length + 20)
})
