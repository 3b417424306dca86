import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { ClusterMachine } from '../../../src/gateware/cluster-program/cluster-machine.ts'
import { clusterProgram } from '../../../src/gateware/cluster-program/cluster-program.ts'
import { loadRecoilClassifier } from '../../../src/network/recoil-classifier.ts'
import { decodeEventPacket } from '../../../src/trigger/event-packet.ts'
import { type ClusterImage, randomImage, shapeImages } from '../../support/images.ts'
import { expectedPacket, machineFrame, packetDifference } from './cluster-frames.ts'

const { graph, classify } = await loadRecoilClassifier()
const { words } = clusterProgram(graph)

/** Runs images through one machine and returns the clusters and the dropped runs of all. */
function compare(images: readonly ClusterImage[], macroSide: number, labelBits: number): [number, number] {
  const machine = new ClusterMachine(words, macroSide, labelBits)
  let clusters = 0
  let dropped = 0
  for (const image of images) {
    const expected = expectedPacket(image, classify, labelBits)
    expect(packetDifference(expected, machine.run(machineFrame(image))), image.name).toBe('')
    const event = decodeEventPacket(expected)
    clusters += event.clusters.length
    dropped += event.droppedRuns
  }
  return [clusters, dropped]
}

describe('the program of the cluster processor', () => {
  it('gives the packet of the specification for every hand-made shape', () => {
    for (const labelBits of [1, 2, 8]) compare([1, 2, 3, 4].flatMap(shapeImages), 64, labelBits)
  })

  it.each([
    [1, 24, 50],
    [3, 48, 50],
    [4, 100, 30],
    [5, 180, 20],
    [8, 100, 0],
  ])('gives it for random images with %i bits of label', (labelBits, side, least) => {
    const random = new Random(100 + labelBits)
    const images = Array.from({ length: 40 }, () => {
      const [columns, rows] = [1 + random.integer(side), 1 + random.integer(30)]
      return randomImage(random, columns, rows, 0.01 + 0.7 * random.uniform() ** 2)
    })
    const [clusters, dropped] = compare(images, side, labelBits)
    expect(clusters).toBeGreaterThan(40)
    expect(dropped).toBeGreaterThanOrEqual(least)
  })

  it('gives it for long and lonely clusters, whose features have the widest range', () => {
    const random = new Random(7)
    const images = Array.from({ length: 120 }, () => {
      const image = randomImage(random, 1 + random.integer(120), 1 + random.integer(120), 0)
      const { columns, rows, settings } = image
      const filtered = image.filtered.slice()
      const [slope, x, y] = [random.uniform() * 4 - 2, random.integer(columns), random.integer(rows)]
      for (let i = 0; i < random.integer(120); i++)
        for (let d = 0; d < 1 + random.integer(3); d++) {
          const [cx, cy] = [x + i, Math.round(y + slope * i) + d]
          if (cx < columns && cy >= 0 && cy < rows) filtered[cy * columns + cx] = settings.thresholdHigh
        }
      return { ...image, filtered, settings: { ...settings, link: 4, minimumPixels: 1 } }
    })
    expect(compare(images, 120, 4)[0]).toBeGreaterThan(80)
  })

  it('holds the largest moments, the most columns and the most rows of blocks', () => {
    const settings = { thresholdLow: 33554431, thresholdHigh: 33554431, link: 4, minimumPixels: 1 }
    for (const [columns, rows, content] of [
      [1024, 3, 131071],
      [1, 1024, 131071],
      [1024, 40, 16383],
      [577, 40, -131072],
    ] as const) {
      const macro = new Int32Array(columns * rows).fill(content)
      const filtered = new Int32Array(columns * rows).fill(33554431)
      compare([{ name: `${columns}x${rows}`, columns, rows, macro, filtered, settings }], 1024, 8)
    }
  })
})
