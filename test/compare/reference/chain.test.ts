import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Detector, geometries } from '../../../sim/detector/index.ts'
import { type ReferenceEvent, referenceChain } from '../../../src/compare/reference/chain.ts'
import { simulated } from '../../../src/compare/reference/settings.ts'
import { readFrames } from '../../../src/frame/read-frames.ts'
import { hasSharedData, sharedData } from '../../support/shared-data.ts'

const detector = new Detector(geometries.test256, { vignetting: false, rollingShutter: false }, 21)
const { width, height } = detector.geometry
const maps = { width, height, mean: detector.camera.mean, sigma: detector.camera.sigma }

function boxHolds({ clusters, binning }: ReferenceEvent, x: number, y: number): boolean {
  return clusters.some(
    (c) => x >= c.x0 * binning && x < (c.x1 + 1) * binning && y >= c.y0 * binning && y < (c.y1 + 1) * binning,
  )
}

describe('reference chain', () => {
  it('finds a 6 keV spot with its light, hits and extent', () => {
    const frame = detector.frame(0, [{ particle: 'electron', keVee: 5.9, x: 128, y: 100, z: 25 }])
    const event = referenceChain(frame, maps)
    const brightest = event.clusters.reduce((a, b) => (b.integral > a.integral ? b : a))
    const [deposit] = frame.truth!.deposits
    expect(Math.abs(brightest.integral / deposit!.adu - 1)).toBeLessThan(0.1)
    expect(boxHolds({ ...event, clusters: [brightest] }, 128, 100)).toBe(true)
    expect(brightest.density).toBe(brightest.integral / brightest.hits)
    expect(brightest.hits).toBeLessThanOrEqual(16 * brightest.macroPixels.length)
    expect(brightest.length).toBeGreaterThanOrEqual(brightest.width)
    expect(brightest.length).toBeGreaterThan(15)
    expect(brightest.length).toBeLessThan(80)
  })

  it('measures a slanted line along its own axes', () => {
    const pixels = new Uint16Array(width * height).fill(100)
    for (let i = 40; i < 160; i++)
      for (let across = -8; across < 8; across++) pixels[(i + across) * width + i] = 180
    const flat = {
      width,
      height,
      mean: new Float32Array(pixels.length).fill(100),
      sigma: maps.sigma.map(() => 3),
    }
    const { clusters } = referenceChain({ pixels, width, height, source: 'line' }, flat)
    expect(clusters).toHaveLength(1)
    const [line] = clusters
    // 120 columns along the diagonal; 16 rows across it, both grown by whole macro-pixels.
    expect(Math.abs(line!.length - 120 * Math.SQRT2)).toBeLessThan(14)
    expect(Math.abs(line!.width - 16 / Math.SQRT2)).toBeLessThan(12)
    expect(line!.integral).toBeLessThanOrEqual(80 * 120 * 16)
    expect(line!.integral).toBeGreaterThan(0.97 * 80 * 120 * 16)
  })

  it('looks at the accepted rows only', () => {
    const frame = detector.frame(1, [{ particle: 'electron', keVee: 20, x: 128, y: 60, z: 25 }])
    expect(boxHolds(referenceChain(frame, maps), 128, 60)).toBe(true)
    const { clusters } = referenceChain(frame, maps, { ...simulated, acceptedRows: [120, 200] })
    expect(clusters.every((c) => c.y0 >= 30 && c.y1 < 50)).toBe(true)
  })

  it('refuses another pedestal, a piece of a frame and impossible settings', () => {
    const frame = detector.pedestalFrame(0)
    const refused = (code: string) => expect.objectContaining({ code })
    expect(() => referenceChain(frame, { ...maps, width: 128 })).toThrow(refused('GG_PEDESTAL'))
    const piece = { ...frame, pixels: frame.pixels.subarray(1) }
    expect(() => referenceChain(piece, maps)).toThrow(refused('GG_FRAME_GEOMETRY'))
    expect(() => referenceChain(frame, maps, { ...simulated, binning: 0 })).toThrow(refused('GG_SETTINGS'))
  })
})

describe.skipIf(!hasSharedData)('reference chain on real tracks', () => {
  it('finds each alpha of LIME run 41525 whole', async () => {
    for (const file of ['run41525_ev399_cluster0.npy', 'run41525_ev399_cluster1.npy'])
      for await (const frame of readFrames(join(sharedData, 'lime_real', file))) {
        const { width, height, pixels } = frame
        // These crops have their pedestal subtracted; the noise of LIME is 3.3 ADU.
        const sigma = new Float32Array(pixels.length).fill(3.3)
        const flat = { width, height, mean: new Float32Array(pixels.length), sigma }
        const { clusters } = referenceChain(frame, flat)
        const light = pixels.reduce((sum, adu) => sum + adu, 0)
        expect(clusters).toHaveLength(1)
        expect(clusters[0]!.integral / light).toBeGreaterThan(0.97)
      }
  })
})
