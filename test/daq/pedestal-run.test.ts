import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Detector, geometries } from '../../sim/detector/index.ts'
import { pedestalRun } from '../../src/daq/pedestal-run.ts'
import { fileSource } from '../../src/daq/source.ts'
import { encodeNpy } from '../../src/frame/npy.ts'
import { PedestalBuilder } from '../../src/frame/pedestal-builder.ts'

let folder: string
const detector = new Detector(geometries.test64, {}, 4)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-pedestal-'))
  const dark = join(folder, 'frames', 'dark')
  mkdirSync(dark, { recursive: true })
  for (let i = 0; i < 12; i++) writeFileSync(join(dark, `${i}.npy`), encodeNpy(detector.pedestalFrame(i)))
  writeFileSync(join(folder, 'frames', 'a.npy'), encodeNpy(detector.frame(0)))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a pedestal run', () => {
  it('is taken from the folder dark beside the frames, with tile thresholds', async () => {
    const source = await fileSource(join(folder, 'frames'))
    expect(source.conditions.description).toMatch(/pedestal run .*dark, 12 frames/)
    const { settings, pedestal } = source.conditions.forFrame(detector.frame(1))
    expect(settings.tiles).not.toBeNull()
    const mean = pedestal.reduce((sum, word) => sum + (word & 0xfffff) / 16, 0) / pedestal.length
    expect(mean).toBeGreaterThan(95)
    expect(mean).toBeLessThan(115)
  })

  it('can be named, as folder or file', async () => {
    const source = await fileSource(join(folder, 'frames', 'a.npy'), {
      pedestal: join(folder, 'frames', 'dark'),
    })
    expect(source.conditions.description).toContain('12 frames')
  })

  it('keeps the frames of the calibration out of the pedestal where there are enough', async () => {
    const run = join(folder, 'run')
    mkdirSync(run)
    const add = (i: number): void =>
      writeFileSync(join(run, `${String(i).padStart(2, '0')}.npy`), encodeNpy(detector.pedestalFrame(i)))
    const means = (from: number, to: number): Float32Array => {
      const builder = new PedestalBuilder(64, 64)
      for (let i = from; i < to; i++) builder.add(detector.pedestalFrame(i))
      return builder.finish().mean
    }
    for (let i = 0; i < 17; i++) add(i)
    const small = await pedestalRun(run)
    expect([small.pedestal.frames, small.dark.length]).toEqual([17, 8])
    expect(small.pedestal.mean).toEqual(means(0, 17))
    add(17)
    const large = await pedestalRun(run)
    expect([large.pedestal.frames, large.dark.length]).toEqual([10, 8])
    expect(large.pedestal.mean).toEqual(means(8, 18))
    expect(large.dark[7]!.pixels).toEqual(detector.pedestalFrame(7).pixels)
  })

  it('needs ten frames, and none of them broken', async () => {
    const few = join(folder, 'few')
    mkdirSync(few)
    for (let i = 0; i < 9; i++) writeFileSync(join(few, `${i}.npy`), encodeNpy(detector.pedestalFrame(i)))
    const frames = join(folder, 'frames', 'a.npy')
    await expect(fileSource(frames, { pedestal: few })).rejects.toMatchObject({
      code: 'GG_PEDESTAL',
      file: few,
    })
    writeFileSync(join(few, '9.npy'), 'nothing')
    writeFileSync(join(few, '99.npy'), '\x93NUMPY', 'latin1')
    await expect(fileSource(frames, { pedestal: few })).rejects.toMatchObject({
      code: expect.stringMatching(/^GG_FILE/),
    })
  })
})
