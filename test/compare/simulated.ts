import { Detector, geometries, matchedPopulation } from '../../sim/detector/index.ts'
import { ComparisonCollector } from '../../src/compare/collector.ts'
import type { Frame } from '../../src/frame/frame.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket, type EventRecord } from '../../src/trigger/event-packet.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'

/** Frames of the 256 x 256 test detector with their records, from a stand-in for the network. */
export function simulate(count: number): { frame: Frame; record: EventRecord; pedestal: Uint32Array }[] {
  const geometry = geometries.test256
  const detector = new Detector(geometry, { rollingShutter: false }, 11)
  const { mean, sigma } = detector.camera
  const hot = new Set(detector.camera.hotPixels)
  const pedestal = Uint32Array.from(mean, (m, i) => pedestalWord(m, sigma[i]!, hot.has(i)))
  const settings: TriggerSettings = {
    ...{ width: geometry.width, height: geometry.height, binning: 4, weights: null },
    ...{ clipLow: 1600, clipHigh: 80000, thresholdLow: 2800, thresholdHigh: 5500, minimumPixels: 2 },
    ...{ commonMode: null, gains: null, link: 1 },
    tiles: null,
  }
  const datapath = new Datapath((features, scores) => {
    scores.set([20 * features[2]!, 300, features[0]! % 2 === 0 ? 250 : -500])
  })
  const population = matchedPopulation({ meanDeposits: 3, from: 3, to: 12, margin: 30 })
  return Array.from({ length: count }, (_, i) => {
    const frame = detector.frame(i, undefined, population)
    const packet = datapath.process(frame.pixels, pedestal, settings, i, 1000 * i)
    return { frame, record: decodeEventPacket(packet), pedestal }
  })
}

/** A classifier as it might have been measured. */
export const timing = {
  ...{ batch1LatencyUs: { p50: 3, p99: 5 }, bestBatch: 64, clustersPerSecond: 1e6 },
  joulesPerCluster: null,
}

/** A comparison in which one byte and three scores differ. */
export function comparison(title?: string) {
  const devices = ['model:', 'sim:', 'onnx:cpu'].map((address) => ({
    address,
    description: `a <${address}>`,
  }))
  const collector = new ComparisonCollector(devices)
  const frames = simulate(24)
  for (const { frame, record, pedestal } of frames) {
    const [first] = record.clusters
    let [sim, onnx] = [record, record]
    if (frame.number === 2) {
      const packet = record.packet.slice()
      packet[32 + 16]! ^= 1
      sim = decodeEventPacket(packet)
      const scores = first!.scores.map((s) => s + 1)
      onnx = { ...record, clusters: [{ ...first!, scores }, ...record.clusters.slice(1)] }
    }
    collector.frame(
      frame,
      new Map([
        ['model:', record],
        ['sim:', sim],
        ['onnx:cpu', onnx],
      ]),
      new Map([
        ['model:', 10],
        ['sim:', 400 + frame.number],
      ]),
      pedestal,
    )
    collector.clocksAfterLastPixel('sim:', frame.number === 5 ? 600 : 300)
  }
  collector.emptyFrame({ clusters: [] })
  const classifiers = new Map([
    ['model:', { timing, reason: 'no counters' }],
    ['sim:', { timing: null, reason: 'inside the logic' }],
  ])
  const facts = { created: new Date(0), classifiers, provenance: [['seed', '11 & "more"']] as const }
  return { frames, ...collector.finish(title === undefined ? facts : { ...facts, title }) }
}
