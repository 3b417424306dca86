import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Detector, geometries } from '../../sim/detector/index.ts'
import { acquire } from '../../src/daq/acquire.ts'
import { pedestalConditions } from '../../src/daq/conditions.ts'
import { fileSource } from '../../src/daq/source.ts'
import { openDevice } from '../../src/device/open-device.ts'
import type { Frame } from '../../src/frame/frame.ts'
import { PedestalBuilder } from '../../src/frame/pedestal-builder.ts'
import type { EventRecord } from '../../src/trigger/event-packet.ts'
import { type Region, regionsOfInterest } from '../../src/trigger/regions.ts'
import { hasSharedData, sharedData } from '../support/shared-data.ts'

function contains(region: Region, x: number, y: number): boolean {
  return (region.parts ?? [region]).some(
    (part) => x >= part.x && x < part.x + part.width && y >= part.y && y < part.y + part.height,
  )
}

async function regionsByFile(folder: string): Promise<Map<string, { frame: Frame; regions: Region[] }>> {
  await using device = await openDevice('model:')
  const source = await fileSource(join(sharedData, folder))
  const found = new Map<string, { frame: Frame; regions: Region[] }>()
  for await (const { frame, records } of acquire(source, [device], { onFailure: () => {} })) {
    const record: EventRecord = records.get('model:')!
    found.set(frame.source.split('/').at(-1)!, {
      frame,
      regions: regionsOfInterest(record, frame.width, frame.height),
    })
  }
  return found
}

describe.skipIf(!hasSharedData)('real LEMON frames', () => {
  // Places where a person sees a track in the picture, in pixels.
  const seen: [file: string, points: [x: number, y: number][]][] = [
    [
      'ambe_run02317_ev342_924px.png',
      [
        [335, 392],
        [445, 556],
        [552, 627],
        [485, 210],
        [466, 355],
        [510, 380],
        [583, 495],
        [618, 530],
        [600, 448],
        [826, 535],
        [807, 573],
      ],
    ],
    ['nr_candidate_5p2keV_100x100.png', [[56, 46]]],
    ['nr_candidate_6p0keV_100x100.png', [[60, 49]]],
  ]
  it('have their tracks inside regions of interest', async () => {
    const found = await regionsByFile('lemon_images')
    for (const [file, points] of seen)
      for (const [x, y] of points)
        expect([file, x, y, found.get(file)!.regions.some((region) => contains(region, x, y))]).toEqual([
          file,
          x,
          y,
          true,
        ])
    for (const { frame, regions } of found.values()) {
      if (frame.width < 900) continue
      const area = regions.reduce((sum, region) => sum + region.width * region.height, 0)
      expect(area / (frame.width * frame.height)).toBeLessThan(0.12)
    }
  })
})

describe.skipIf(!hasSharedData)('frames of the SOSC school', () => {
  it('give one region each, around the brightest macro-pixels', async () => {
    const found = [...(await regionsByFile('sosc'))].filter(([file]) => file.startsWith('cygno_sim_daq'))
    expect(found).toHaveLength(7)
    for (const [file, { frame, regions }] of found) {
      const { x, y } = brightest(frame)
      expect([file, regions.length]).toEqual([file, 1])
      expect([file, contains(regions[0]!, x, y)]).toEqual([file, true])
    }
  })
})

/** Centre of the brightest 7 x 7 square: where a person looks first. */
function brightest(frame: Frame): { x: number; y: number } {
  let best = { x: 0, y: 0, sum: -1 }
  for (let y = 3; y < frame.height - 3; y++)
    for (let x = 3; x < frame.width - 3; x++) {
      let sum = 0
      for (let v = -3; v <= 3; v++)
        for (let u = -3; u <= 3; u++) sum += frame.pixels[(y + v) * frame.width + x + u]!
      if (sum > best.sum) best = { x, y, sum }
    }
  return best
}

describe.skipIf(!hasSharedData)('zero-suppressed crops of real LIME alphas', () => {
  it('are regions as a whole', async () => {
    const found = await regionsByFile('lime_real')
    for (const file of ['run41525_ev399_cluster0.npy', 'run41525_ev399_cluster1.npy']) {
      const { frame, regions } = found.get(file)!
      let inside = 0
      let total = 0
      frame.pixels.forEach((adu, i) => {
        total += adu
        const x = i % frame.width
        const y = Math.floor(i / frame.width)
        if (regions.some((region) => contains(region, x, y))) inside += adu
      })
      expect([file, inside / total > 0.99]).toEqual([file, true])
    }
  })
})

describe.skipIf(!hasSharedData)('real LIME clusters in simulated noise', () => {
  it('are all found, with nearly all of their light', async () => {
    const detector = new Detector(geometries.lime, {}, 21)
    const builder = new PedestalBuilder(2304, 2304)
    const dark = Array.from({ length: 12 }, (_, i) => detector.pedestalFrame(i))
    for (const frame of dark) builder.add(frame)
    const conditions = pedestalConditions(builder.finish(), dark.slice(0, 4), 'test')
    await using device = await openDevice('model:')
    const clusters = [
      'run41525_ev399_cluster0',
      'run41525_ev399_cluster1',
      'sclu_0',
      'sclu_1',
      'sclu_2',
      'sclu_3',
    ]
    const noise = detector.pedestalFrame(100)
    const { settings, pedestal } = conditions.forFrame(noise)
    await device.configure(settings, pedestal)
    for (const name of clusters) {
      const points = clusterPoints(name)
      const pixels = noise.pixels.slice()
      for (const { x, y, adu } of points) pixels[y * 2304 + x]! += Math.round(adu)
      for await (const record of device.process([{ ...noise, pixels }])) {
        const regions = regionsOfInterest(record, 2304, 2304)
        let inside = 0
        let total = 0
        for (const { x, y, adu } of points) {
          total += adu
          if (regions.some((region) => contains(region, x, y))) inside += adu
        }
        expect([name, inside / total > 0.95]).toEqual([name, true])
        expect(record.clusters.length).toBeLessThan(6)
      }
    }
  })
})

/** Points of a cluster file, moved to the middle of the sensor: pictures of ADU, or rows (x, y, ADU). */
function clusterPoints(name: string): { x: number; y: number; adu: number }[] {
  const { shape, values } = readFloats(join(sharedData, 'lime_real', `${name}.npy`))
  const [rows, columns] = shape as [number, number]
  if (columns !== 3)
    return Array.from(values, (adu, i) => ({
      x: 1000 + (i % columns),
      y: 1000 + Math.floor(i / columns),
      adu,
    })).filter((point) => point.adu > 0)
  const points = Array.from({ length: rows }, (_, i) => ({
    x: Math.round(values[3 * i]!),
    y: Math.round(values[3 * i + 1]!),
    adu: values[3 * i + 2]!,
  }))
  const left = Math.min(...points.map((point) => point.x))
  const top = Math.min(...points.map((point) => point.y))
  return points.map(({ x, y, adu }) => ({ x: 1000 + x - left, y: 1000 + y - top, adu }))
}

/** An .npy file of f4 or f8, C order. */
function readFloats(path: string): { shape: number[]; values: Float32Array | Float64Array } {
  const bytes = readFileSync(path)
  const length = bytes.readUInt16LE(8)
  const header = bytes.subarray(10, 10 + length).toString('latin1')
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter((s) => s.trim() !== '')
    .map(Number)
  const data = bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length)
  return { shape, values: header.includes("'<f4'") ? new Float32Array(data) : new Float64Array(data) }
}
