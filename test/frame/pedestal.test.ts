import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import {
  checkPedestalFits,
  type Frame,
  loadPedestal,
  PedestalBuilder,
  savePedestal,
  spatialPedestal,
  toNdarray,
} from '../../src/frame/index.ts'
import { frameOf, noiseFrame, scratch } from './make.ts'

const path = scratch()

function build(frames: readonly Frame[], hotSigma?: number) {
  const builder = new PedestalBuilder(frames[0]!.width, frames[0]!.height)
  for (const frame of frames) builder.add(frame)
  return builder.finish(hotSigma === undefined ? {} : { hotSigma })
}

describe('PedestalBuilder', () => {
  it('gives mean and n-1 standard deviation of any values', () => {
    const adu = fc.integer({ min: 0, max: 65_535 })
    fc.assert(
      fc.property(fc.array(fc.tuple(adu, adu, adu), { minLength: 2, maxLength: 30 }), (values) => {
        const { mean, sigma, frames } = build(values.map((v) => frameOf(Uint16Array.from(v), 3, 1)))
        expect(frames).toBe(values.length)
        for (let pixel = 0; pixel < 3; pixel++) {
          const column = values.map((v) => v[pixel]!)
          const m = column.reduce((a, b) => a + b) / column.length
          const s = Math.sqrt(column.reduce((a, b) => a + (b - m) ** 2, 0) / (column.length - 1))
          expect(mean[pixel]).toBeCloseTo(m, 1)
          expect(Math.abs(sigma[pixel]! - s)).toBeLessThanOrEqual(1e-6 * s + 1e-9)
        }
      }),
    )
  })

  it('masks noisy, displaced and dead pixels, and leaves stripes and bright bands alone', () => {
    const random = new Random(3)
    const [w, h] = [64, 64]
    const noisy = 5 * w + 7
    const bright = 20 * w + 30
    const dead = 40 * w + 2
    const frames = Array.from({ length: 30 }, () => {
      const frame = noiseFrame(w, h, random.uint32(), 1.8)
      for (let i = 0; i < 10 * w; i++) frame.pixels[i] = frame.pixels[i]! + 8
      frame.pixels[noisy] = Math.max(0, Math.round(108 + 40 * random.normal()))
      frame.pixels[bright] = 2659
      frame.pixels[dead] = 100
      return frame
    })
    const { hot, mean } = build(frames)
    expect([...hot.keys()].filter((i) => hot[i] === 1)).toEqual([noisy, bright, dead])
    expect(mean[0]! - mean[30 * w]!).toBeGreaterThan(5)
    expect(build(frames, 1e6).hot[noisy]).toBe(0)
  })

  it('masks nothing in frames without noise', () => {
    const frame = frameOf(new Uint16Array(100).fill(99), 10, 10)
    const pedestal = build(Array.from({ length: 12 }, () => frame))
    expect(pedestal.sigma.every((s) => s === 0)).toBe(true)
    expect(pedestal.hot.every((v) => v === 0)).toBe(true)
  })

  it('refuses too few frames and other shapes', () => {
    const builder = new PedestalBuilder(4, 4)
    builder.add(noiseFrame(4, 4))
    expect(() => builder.finish()).toThrow(expect.objectContaining({ code: 'GG_PEDESTAL' }))
    expect(() => builder.add(noiseFrame(4, 5))).toThrow(
      expect.objectContaining({ code: 'GG_FRAME_GEOMETRY' }),
    )
    builder.add(noiseFrame(4, 4, 2))
    expect(() => builder.finish({ hotSigma: 0 })).toThrow(expect.objectContaining({ code: 'GG_SETTINGS' }))
    const pedestal = builder.finish()
    checkPedestalFits(pedestal, noiseFrame(4, 4))
    expect(() => checkPedestalFits(pedestal, noiseFrame(2, 8))).toThrow(
      expect.objectContaining({ code: 'GG_PEDESTAL' }),
    )
  })
})

describe('spatialPedestal', () => {
  /** A vignetted background of noise 2, and on it `light(x, y)` more ADU. */
  function scene(
    size: number,
    light: (x: number, y: number) => number,
  ): { frame: Frame; background: Float64Array } {
    const random = new Random(size)
    const background = new Float64Array(size * size)
    const pixels = new Uint16Array(size * size)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const i = y * size + x
        background[i] = 105 - 8 * ((x / size - 0.5) ** 2 + (y / size - 0.5) ** 2)
        pixels[i] = Math.round(background[i]! + 2 * random.normal() + light(x, y))
      }
    return { frame: frameOf(pixels, size, size), background }
  }

  const scenes: readonly [string, number, (x: number, y: number) => number][] = [
    ['nothing', 512, () => 0],
    ['a thick diagonal alpha track', 512, (x, y) => (Math.abs(x - y) < 35 && x > 80 && x < 430 ? 40 : 0)],
    ['a bar over whole tiles', 512, (x, y) => (y > 200 && y < 264 && x > 50 && x < 450 ? 300 : 0)],
    [
      'a blob of three tiles across',
      512,
      (x, y) => 200 * Math.exp(-((x - 256) ** 2 + (y - 256) ** 2) / (2 * 16 ** 2)),
    ],
    ['a track in a small frame', 100, (x, y) => (Math.abs(y - 50) < 5 && x > 20 && x < 80 ? 60 : 0)],
  ]

  it.each(scenes)('finds background and noise under %s', (_, size, light) => {
    const { frame, background } = scene(size, light)
    const { mean, sigma, hot, frames } = spatialPedestal(frame)
    let worst = 0
    let square = 0
    for (let i = 0; i < mean.length; i++) {
      worst = Math.max(worst, Math.abs(mean[i]! - background[i]!))
      square += (mean[i]! - background[i]!) ** 2
    }
    // Noise is 2: the background is right to a fifth of it, and nowhere off by it.
    expect(Math.sqrt(square / mean.length)).toBeLessThan(0.4)
    expect(worst).toBeLessThan(2)
    const sorted = sigma.toSorted()
    expect(sorted[0]).toBeGreaterThan(1.5)
    // The skirt of a blob, below three sigma a pixel, counts as noise.
    expect(sorted.at(-1)).toBeLessThan(3)
    expect([frames, hot.length, hot.some((v) => v !== 0)]).toEqual([1, frame.pixels.length, false])
  })

  it('never claims less noise than rounding makes, in frames of any size', () => {
    for (const [w, h] of [
      [1, 1],
      [3, 2],
      [1, 100],
      [50, 9],
      [2304, 3],
    ] as const) {
      const { mean, sigma } = spatialPedestal(frameOf(new Uint16Array(w * h).fill(42), w, h))
      expect(mean.every((v) => Math.abs(v - 42) < 1e-3)).toBe(true)
      expect(sigma.every((v) => Math.abs(v - 0.2887) < 1e-3)).toBe(true)
    }
  })
})

describe('pedestal files', () => {
  const pedestal = build([noiseFrame(7, 5, 1), noiseFrame(7, 5, 2), noiseFrame(7, 5, 3)])
  const numpy = (() => {
    try {
      execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })()

  it('round-trip', async () => {
    await savePedestal(path('p.npz'), pedestal)
    expect(await loadPedestal(path('p.npz'))).toEqual(pedestal)
    expect(existsSync(`${path('p.npz')}.${process.pid}.part`)).toBe(false)
    await expect(savePedestal(path('none/p.npz'), pedestal)).rejects.toMatchObject({ code: 'GG_OUTPUT' })
    await expect(loadPedestal(path('none.npz'))).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  })

  it.skipIf(!numpy)('are exchanged with numpy (skipped where python3 has no numpy)', async () => {
    await savePedestal(path('q.npz'), pedestal)
    const script = `
import numpy as np, sys
z = np.load(sys.argv[1])
assert z['mean'].dtype == np.float32 and z['mean'].shape == (5, 7) and int(z['frames']) == 3
np.savez_compressed(sys.argv[2], mean=z['mean'].astype('f8'), sigma=z['sigma'])
np.savez(sys.argv[3], mean=z['mean'], sigma=z['sigma'], hot=z['hot'])
np.savez(sys.argv[4], mean=z['mean'], sigma=z['sigma'][:2])
`
    execFileSync('python3', ['-c', script, path('q.npz'), path('c.npz'), path('s.npz'), path('bad.npz')])
    for (const name of ['c.npz', 's.npz'])
      expect(await loadPedestal(path(name))).toEqual({ ...pedestal, frames: 0 })
    await expect(loadPedestal(path('bad.npz'))).rejects.toMatchObject({ code: 'GG_FILE_SHAPE' })
  })

  it('with a wrong checksum are refused', async () => {
    await savePedestal(path('d.npz'), pedestal)
    const bytes = readFileSync(path('d.npz'))
    bytes[200] = bytes[200]! ^ 1
    writeFileSync(path('d.npz'), bytes)
    await expect(loadPedestal(path('d.npz'))).rejects.toMatchObject({
      code: 'GG_FILE_CORRUPT',
      file: path('d.npz'),
    })
  })
})

describe('toNdarray', () => {
  it('is a view of shape [height, width]', () => {
    const frame = noiseFrame(6, 4)
    const view = toNdarray(frame)
    expect(view.shape).toEqual([4, 6])
    expect(view.get(3, 5)).toBe(frame.pixels[23])
    view.set(1, 2, 777)
    expect(frame.pixels[8]).toBe(777)
    expect(view.transpose(1, 0).get(2, 1)).toBe(777)
  })
})
