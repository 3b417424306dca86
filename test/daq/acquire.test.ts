import { describe, expect, it } from 'vitest'
import { acquire } from '../../src/daq/acquire.ts'
import { pedestalConditions, spatialConditions } from '../../src/daq/conditions.ts'
import { LiveTime } from '../../src/daq/live-time.ts'
import type { FrameSource } from '../../src/daq/source.ts'
import { openDevice } from '../../src/device/open-device.ts'
import type { Frame } from '../../src/frame/frame.ts'
import { PedestalBuilder } from '../../src/frame/pedestal-builder.ts'
import { smallRun } from '../support/chain.ts'

function source(frames: readonly Frame[], conditions: FrameSource['conditions']): FrameSource {
  return {
    name: 'test',
    conditions,
    failures: [],
    skipped: [],
    light: {},
    expected: frames.length,
    async *frames() {
      yield* frames
    },
  }
}

describe('acquire', () => {
  it('takes every frame through every device and reports how long each took', async () => {
    const { frames } = smallRun(3)
    await using first = await openDevice('model:')
    await using second = await openDevice('sim:')
    let count = 0
    for await (const { frame, records, milliseconds } of acquire(source(frames, spatialConditions()), [
      first,
      second,
    ])) {
      expect(frame.number).toBe(count++)
      expect([...records.keys()]).toEqual(['model:', 'sim:'])
      expect(records.get('model:')!.packet).toEqual(records.get('sim:')!.packet)
      for (const time of milliseconds.values()) expect(time).toBeGreaterThan(0)
    }
    expect(count).toBe(3)
  })

  it('records frames that do not fit the pedestal and goes on with the next', async () => {
    const { frames, detector } = smallRun(3)
    const builder = new PedestalBuilder(256, 256)
    for (let i = 0; i < 12; i++) builder.add(detector.pedestalFrame(i))
    const odd = { ...frames[1]!, width: 128, height: 512, source: 'odd one' }
    const failures: unknown[] = []
    await using device = await openDevice('model:')
    const conditions = pedestalConditions(builder.finish(), [], 'test')
    const taken: number[] = []
    for await (const { frame } of acquire(source([frames[0]!, odd, frames[2]!], conditions), [device], {
      onFailure: (failure) => failures.push(failure),
    }))
      taken.push(frame.number)
    expect(taken).toEqual([0, 2])
    expect(failures).toEqual([
      expect.objectContaining({ file: 'odd one', code: expect.stringMatching(/^GG_/) }),
    ])
  })

  it('stops after the number of frames asked for', async () => {
    const { frames } = smallRun(3)
    await using device = await openDevice('model:')
    let count = 0
    for await (const _ of acquire(source(frames, spatialConditions()), [device], { frames: 2 })) count++
    expect(count).toBe(2)
  })
})

describe('LiveTime', () => {
  const frame = (time: number, exposure: number): Frame => ({ ...smallRun(1).frames[0]!, time, exposure })
  it('is the exposures over the span of the run', () => {
    const live = new LiveTime()
    expect(live.fraction).toBe(0)
    live.processed(frame(100, 0.3))
    live.processed(frame(100.5, 0.3))
    live.processed(frame(101, 0.3))
    expect(live.fraction).toBeCloseTo(0.9 / 1.3, 10)
  })
  it('is the fraction of frames processed where no times are known', () => {
    const live = new LiveTime()
    for (let i = 0; i < 3; i++) live.processed(frame(0, 0))
    live.lost()
    expect(live.fraction).toBe(0.75)
  })
})
