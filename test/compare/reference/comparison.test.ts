import { describe, expect, it } from 'vitest'
import { Detector, geometries } from '../../../sim/detector/index.ts'
import { ComparisonCollector } from '../../../src/compare/collector.ts'
import { ReferenceComparison } from '../../../src/compare/reference/comparison.ts'
import { referenceSettingsFor, simulated, underground } from '../../../src/compare/reference/settings.ts'
import { referenceTable } from '../../../src/compare/report/reference-section.ts'
import type { EventRecord } from '../../../src/trigger/event-packet.ts'
import { pedestalWord } from '../../../src/trigger/pedestal-words.ts'
import { makeRecord } from '../make.ts'

const detector = new Detector(geometries.test256, { vignetting: false, rollingShutter: false }, 31)
const { width, height } = detector.geometry
/** One macro-pixel of padding at the right, as a device that is wider than the frame has it. */
const padded = width + 4
const words = new Uint32Array(padded * height)
for (let y = 0; y < height; y++)
  for (let x = 0; x < width; x++) {
    const { mean, sigma } = detector.camera
    words[y * padded + x] = pedestalWord(mean[y * width + x]!, sigma[y * width + x]!, false)
  }

const spot = detector.frame(0, [{ particle: 'electron', keVee: 10, x: 100, y: 60, z: 25 }])
const empty = detector.pedestalFrame(0)
const recordOf = (box: [number, number, number, number][], fired: boolean): EventRecord => ({
  ...makeRecord(
    box.map((b) => ({ box: b })),
    { width: padded, height },
  ),
  tileMasks: Uint32Array.of(fired ? 2 : 0),
})

describe('reference comparison', () => {
  it('counts the chain, the device and the tile trigger on the same frames', () => {
    const comparison = new ReferenceComparison(2)
    comparison.frame(spot, recordOf([[40, 40, 41, 41]], true), words, 12)
    comparison.frame(spot, recordOf([[15, 5, 35, 25]], false), words, 14)
    comparison.frame(spot, recordOf([], true), words, 14)
    comparison.emptyFrame(empty, recordOf([[0, 0, 1, 1]], false), words)
    const { chain, device, tileTrigger } = comparison.finish()!
    expect(chain).toMatchObject({ frames: 2, deposits: 2, depositsFound: 2, emptyFrames: 1 })
    expect(chain.signalKept).toBeGreaterThan(0.9)
    expect(comparison.finish()!.signalAccepted).toBe(1)
    expect(chain.msPerFrame).toBeGreaterThan(0)
    expect(device).toMatchObject({ frames: 2, clusters: 2, deposits: 2, depositsFound: 1, msPerFrame: 12 })
    expect(device).toMatchObject({ emptyFrames: 1, falseClusters: 1 })
    expect(device.signalKept).toBeGreaterThan(0.45)
    expect(device.signalKept).toBeLessThan(0.55)
    expect(tileTrigger).toMatchObject({ frames: 2, signalKept: 0.5, areaDiscarded: 0.5, depositsFound: 1 })
    expect(tileTrigger).toMatchObject({ clusters: 1, falseClusters: 0, msPerFrame: null })
  })

  it('counts a frame whose truth is empty as one without light, and nothing without truth', () => {
    const comparison = new ReferenceComparison(2)
    const { truth: _, ...blind } = spot
    comparison.frame(empty, recordOf([[0, 0, 1, 1]], false), words)
    comparison.frame(blind, recordOf([[0, 0, 1, 1]], false), words)
    const { device } = comparison.finish()!
    expect(device).toMatchObject({
      frames: 2,
      clusters: 2,
      emptyFrames: 1,
      falseClusters: 1,
      signalKept: null,
    })
    const without = new ReferenceComparison(1)
    without.frame(blind, makeRecord([], { width: padded, height }), words)
    expect(without.finish()).toMatchObject({
      device: { deposits: null, depositsFound: null, signalKept: null },
      tileTrigger: null,
    })
    expect(new ReferenceComparison(0).finish()).toBeNull()
  })

  it('takes the rows that CYGNO accepts on its own sensor only', () => {
    expect(referenceSettingsFor(spot)).toEqual(simulated)
    expect(referenceSettingsFor({ height: 2304 })).toEqual({ ...underground, acceptedRows: [304, 2054] })
  })

  it('stands in result and report', () => {
    const collector = new ComparisonCollector([{ address: 'model:', description: '' }], {
      referenceFrames: 1,
    })
    const record = recordOf([[15, 5, 35, 25]], true)
    for (const _ of [1, 2]) collector.frame(spot, new Map([['model:', record]]), new Map(), words)
    collector.emptyReferenceFrame(empty, recordOf([], false), words)
    const { result, report } = collector.finish()
    expect(result.reference).toMatchObject({ frames: 1, deposits: 1, depositsFound: 1, emptyFrames: 1 })
    expect(result.reference!.device).toMatchObject({ clusters: 1, falseClustersPerEmptyFrame: 0 })
    expect(result.reference!.tileTrigger).toMatchObject({ areaDiscarded: 0, signalKept: 1 })
    const { text } = referenceTable(report)
    const row = /offline chain<\/td>\s*<td class="number">\d+<\/td>\s*<td class="number">1 of 1</
    expect(row.test(text)).toBe(true)
    const off = new ComparisonCollector([{ address: 'model:', description: '' }])
    off.frame(spot, new Map([['model:', record]]), new Map(), words)
    expect(off.finish().result.reference).toBeNull()
    expect(referenceTable(off.finish().report).text).toContain('offline chain did not run')
  })
})
