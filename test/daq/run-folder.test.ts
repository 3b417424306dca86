import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Detector, geometries } from '../../sim/detector/index.ts'
import { RunFolder } from '../../src/daq/run-folder.ts'
import { decodeNpy } from '../../src/frame/npy.ts'
import { makeRecord } from '../compare/make.ts'

const parent = mkdtempSync(join(tmpdir(), 'gemgate-run-folder-'))
afterAll(() => rm(parent, { recursive: true }))

describe('RunFolder', () => {
  it('writes one file per cluster, 0 outside the parts of its region, and says which they are', async () => {
    const folder = await RunFolder.create(join(parent, 'run'))
    const pixels = Uint16Array.from({ length: 64 * 48 }, (_, i) => 1000 + i)
    const frame = {
      ...new Detector(geometries.test64, {}, 1).pedestalFrame(7),
      pixels,
      width: 64,
      height: 48,
    }
    const blocks = [0, 1, 2, 3, 4].map((row) => ({ row, words: Uint32Array.of(1 << row) }))
    const clusters = [{ box: [0, 0, 19, 19] }, { box: [40, 30, 41, 31] }] as const
    await folder.append(frame, makeRecord(clusters, { binning: 1, blocks }))
    await folder.close()
    const line = JSON.parse(readFileSync(join(folder.path, 'events.jsonl'), 'utf8'))
    const [track, spot] = line.clusters
    expect(spot.region).toEqual({ x: 38, y: 28, width: 6, height: 6 })
    expect(track.region).toMatchObject({ x: 0, y: 0, width: 22, height: 22 })
    const roi = decodeNpy(readFileSync(join(folder.path, track.roi)), track.roi)
    expect([roi.width, roi.height]).toEqual([22, 22])
    const inside = (x: number, y: number): boolean =>
      track.region.parts.some(
        (p: { x: number; y: number; width: number; height: number }) =>
          x >= p.x && x < p.x + p.width && y >= p.y && y < p.y + p.height,
      )
    let kept = 0
    for (let y = 0; y < 22; y++)
      for (let x = 0; x < 22; x++) {
        expect(roi.pixels[22 * y + x]).toBe(inside(x, y) ? 1000 + 64 * y + x : 0)
        kept += Number(inside(x, y))
      }
    // Five squares of 8 x 8 pixels along the diagonal, cut at the frame, each over the next one's corner.
    expect(kept).toBe(6 * 6 + 4 * 8 * 8 - 4 * 4 * 4)
  })
})
