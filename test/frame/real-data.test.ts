import { existsSync, readFileSync } from 'node:fs'
import { decode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { decodePng, type Frame, type FrameFailure, spatialPedestal } from '../../src/frame/index.ts'
import { outcome } from './make.ts'

const data = new URL('../../../shared/data/', import.meta.url).pathname
const absent = !existsSync(data)
const title = absent ? `real frames (skipped: ${data} is not here)` : 'real frames'

/** Pixels more than `limit` sigma above the background. */
function above(frame: Frame, limit: number): number {
  const { mean, sigma } = spatialPedestal(frame)
  let count = 0
  for (let i = 0; i < mean.length; i++) if (frame.pixels[i]! - mean[i]! > limit * sigma[i]!) count++
  return count
}

async function readAll(folder: string) {
  const failures: FrameFailure[] = []
  const { frames, error } = await outcome(data + folder, { onFailure: (f) => failures.push(f) })
  expect(error).toBeUndefined()
  return { frames, failed: failures.map((f) => [f.file.slice((data + folder).length + 1), f.code]) }
}

describe.skipIf(absent)(title, () => {
  it('of LEMON are read and decoded as fast-png does', async () => {
    const { frames, failed } = await readAll('lemon_images')
    expect(failed).toEqual([])
    expect(frames.filter((f) => f.width === 924 && f.height === 925)).toHaveLength(4)
    const crops = frames.filter((f) => f.width === 100)
    expect(crops).toHaveLength(4)
    // The two nuclear recoil candidates, each as PNG and as npy.
    for (const name of ['5p2', '6p0']) {
      const [png, npy] = crops.filter((f) => f.source.includes(name))
      expect([...npy!.pixels]).toEqual([...png!.pixels])
    }
    const path = `${data}lemon_images/ambe_run02317_ev342_924px.png`
    const bytes = new Uint8Array(readFileSync(path))
    expect(Buffer.compare(Buffer.from(decodePng(bytes, path).pixels), Buffer.from(decode(bytes).data))).toBe(
      0,
    )
  })

  it('of the SOSC school are read, and their light stands out of the spatial pedestal', async () => {
    const { frames, failed } = await readAll('sosc')
    expect(failed).toEqual([
      ['dataflow_diagram_sosc24_day2.png', 'GG_FILE_SHAPE'],
      ['nr_top_er_bottom_128px_sosc23.png', 'GG_FILE_SHAPE'],
    ])
    const simulated = frames.filter((f) => f.width === 576)
    expect(simulated).toHaveLength(7)
    for (const frame of simulated) {
      const { mean, sigma } = spatialPedestal(frame)
      expect(mean.every((v) => v > 97 && v < 103)).toBe(true)
      expect(sigma.every((v) => v > 3.5 && v < 7)).toBe(true)
      expect(above(frame, 5)).toBeLessThan(2000)
    }
  })

  it('of LEMON keep their tracks above the spatial pedestal', async () => {
    const { frames } = await readAll('lemon_images')
    const frame = frames.find((f) => f.source.includes('ev342'))!
    const { mean, sigma } = spatialPedestal(frame)
    // The alpha at columns 425 to 469, rows 550 to 561 saturates the display: all of it must stand out.
    let least = Number.POSITIVE_INFINITY
    for (let y = 552; y < 560; y++)
      for (let x = 430; x < 465; x++) {
        const i = y * frame.width + x
        least = Math.min(least, (frame.pixels[i]! - mean[i]!) / sigma[i]!)
      }
    expect(least).toBeGreaterThan(5)
    expect(mean.every((v) => v > 75 && v < 90)).toBe(true)
  })

  it('of LIME are read as far as they are frames', async () => {
    const { frames, failed } = await readAll('lime_real')
    expect(frames.map((f) => [f.width, f.height])).toContainEqual([207, 280])
    expect(frames.map((f) => [f.width, f.height])).toContainEqual([96, 264])
    expect(failed).toEqual([
      ['lngs_run42901_ev93_display.png', 'GG_FILE_SHAPE'],
      ['online_trigger_tile_threshold_12x12.npy', 'GG_FILE_SHAPE'],
    ])
  })
})
