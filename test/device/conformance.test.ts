import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Board } from '../../src/board/board.ts'
import { openBoard } from '../../src/board/open-board.ts'
import type { Device } from '../../src/device/device.ts'
import { FpgaDevice } from '../../src/device/fpga-device.ts'
import { openDevice } from '../../src/device/open-device.ts'
import { loadOnnxRuntime } from '../../src/network/onnx/onnx-session.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import type { EventRecord } from '../../src/trigger/event-packet.ts'
import { smallRun } from '../support/chain.ts'

const { classify } = await loadRecoilClassifier()
const onnxRuntime = await loadOnnxRuntime().then(
  () => true,
  () => false,
)
if (!onnxRuntime) process.stderr.write('SKIPPED onnx:cpu: onnxruntime-node is not installed\n')

/** What every device must do: the bytes of the specification, in order. */
it('is refused when the logic has another register table', async () => {
  const { configuration } = smallRun(1)
  const board = await openBoard('model:', { classify })
  const foreign = { ...board, info: { ...board.info, schema: 1 } } as Board
  const device = new FpgaDevice(foreign)
  await expect(device.configure(configuration.settings, configuration.pedestal)).rejects.toMatchObject({
    code: 'GG_REGISTER',
  })
})

it('is not taken in by a packet of another run', async () => {
  const { frames, configuration } = smallRun(1)
  const board = await openBoard('model:', { classify })
  const device = new FpgaDevice(board)
  await device.configure(configuration.settings, configuration.pedestal)
  await board.send('pixels', new Uint8Array(frames[0]!.pixels.buffer))
  await expect(collect(device, frames)).rejects.toMatchObject({ code: 'GG_STREAM' })
  await device.configure(configuration.settings, configuration.pedestal)
  expect(await collect(device, frames)).toHaveLength(1)
})

describe.each(['model:', 'sim:', ...(onnxRuntime ? ['onnx:cpu'] : [])])('device %s', (address) => {
  let device: Device
  beforeAll(async () => {
    device = await openDevice(address)
  })
  afterAll(async () => {
    await device[Symbol.asyncDispose]()
  })

  it('refuses frames before it is configured', async () => {
    const { frames } = smallRun(1)
    await expect(collect(device, frames)).rejects.toMatchObject({ code: 'GG_SETTINGS' })
  })

  it('gives one record per frame, in order, with the bytes of the specification', async () => {
    const { frames, configuration, detector } = smallRun()
    const empty = { ...detector.pedestalFrame(500), number: 4 }
    const { settings, pedestal } = configuration
    await device.configure(settings, pedestal)
    const records = await collect(device, [...frames, empty])
    expect(records.map((record) => record.frame)).toEqual([0, 1, 2, 3, 4])
    expect(records.some((record) => record.clusters.length > 0)).toBe(true)
    const datapath = new Datapath(classify)
    for (const [i, frame] of [...frames, empty].entries()) {
      const tag = Math.round(frame.time * 1e6)
      const expected = datapath.process(frame.pixels, pedestal, settings, frame.number, tag)
      expect(Buffer.from(records[i]!.packet).equals(Buffer.from(expected))).toBe(true)
      expect(records[i]!.timeTag).toBe(tag)
    }
  })

  it('counts its own clocks after the last pixel, or has none', async () => {
    const { frames, configuration, detector } = smallRun()
    await device.configure(configuration.settings, configuration.pedestal)
    await collect(device, [detector.pedestalFrame(500)])
    const empty = device.clocksAfterLastPixel
    const [{ clusters }] = (await collect(device, frames.slice(0, 1))) as [EventRecord]
    expect(clusters.length).toBeGreaterThan(0)
    if (address === 'sim:') {
      // The packet of an empty frame has 16 words; each cluster adds 25 behind the last pixel at the latest.
      expect(empty).toBeGreaterThanOrEqual(16)
      expect(device.clocksAfterLastPixel).toBeGreaterThan(empty!)
    } else expect([empty, device.clocksAfterLastPixel]).toEqual([undefined, undefined])
  })

  it('takes new settings between frames', async () => {
    const { frames, configuration } = smallRun()
    const { settings, pedestal } = configuration
    const deaf = { ...settings, thresholdLow: 33554431, thresholdHigh: 33554431, tiles: null }
    await device.configure(deaf, pedestal)
    expect((await collect(device, frames)).every((record) => record.clusters.length === 0)).toBe(true)
    await device.configure(settings, pedestal)
    expect((await collect(device, frames)).some((record) => record.clusters.length > 0)).toBe(true)
  })

  it('pads smaller frames and refuses larger ones', async () => {
    const { frames, configuration } = smallRun(1)
    await device.configure(configuration.settings, configuration.pedestal)
    const smaller = { ...frames[0]!, width: 253, height: 250, pixels: new Uint16Array(253 * 250).fill(100) }
    expect(await collect(device, [smaller])).toHaveLength(1)
    const larger = { ...frames[0]!, width: 260, height: 256, pixels: new Uint16Array(260 * 256) }
    await expect(collect(device, [larger])).rejects.toMatchObject({ code: 'GG_FRAME_GEOMETRY' })
  })

  it('stops when its signal is aborted', async () => {
    const { frames, configuration } = smallRun()
    await device.configure(configuration.settings, configuration.pedestal)
    const abort = new AbortController()
    const records: EventRecord[] = []
    const work = async (): Promise<void> => {
      for await (const record of device.process(frames, { signal: abort.signal })) {
        records.push(record)
        abort.abort(new Error('enough'))
      }
    }
    await expect(work()).rejects.toThrow('enough')
    expect(records).toHaveLength(1)
  })

  it('refuses a pedestal of another size', async () => {
    const { configuration } = smallRun(1)
    await expect(device.configure(configuration.settings, new Uint32Array(5))).rejects.toMatchObject({
      code: 'GG_PEDESTAL',
    })
  })
})

async function collect(device: Device, frames: Parameters<Device['process']>[0]): Promise<EventRecord[]> {
  const records: EventRecord[] = []
  for await (const record of device.process(frames)) records.push(record)
  return records
}
