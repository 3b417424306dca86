import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Detector, geometries } from '../../sim/detector/index.ts'
import { fileSource } from '../../src/daq/source.ts'
import { encodeNpy } from '../../src/frame/npy.ts'

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
