import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { Clustering } from '../../src/trigger/clustering.ts'
import { removeCommonMode } from '../../src/trigger/common-mode.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { matchedFilter } from '../../src/trigger/matched-filter.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import { binFrame } from '../../src/trigger/pixel-stage.ts'
import type { PreprocessedFrame } from '../../src/trigger/preprocessor.ts'
import { regionBlocks } from '../../src/trigger/region-blocks.ts'
import { applyGains } from '../../src/trigger/region-gain.ts'
import { tileMasks, tileStatistics } from '../../src/trigger/tile-trigger.ts'
import { expectedPackets } from '../support/packets.ts'
import { randomShot, type Shot } from '../support/shots.ts'

const classify: Classifier = (features, scores) => {
  for (let i = 0; i < 3; i++) scores[i] = 100 * features[i]!
}

const shots = fc.nat().map((seed) => {
  const random = new Random(seed)
  return Array.from({ length: 3 }, (_, i) => randomShot(random, i, { columns: 24, rows: 18 }))
})

/** The window operations one after the other. */
function stages({ pixels, words, settings }: Shot): PreprocessedFrame {
  const columns = settings.width / settings.binning
  const rows = settings.height / settings.binning
  const [content, search, filtered, scratch] = Array.from({ length: 4 }, () => new Int32Array(columns * rows))
  const clippedPixels = binFrame(pixels, words, settings, content!, search!)
  if (settings.commonMode !== null) {
    removeCommonMode(content!, columns, rows, settings.commonMode.content)
    removeCommonMode(search!, columns, rows, settings.commonMode.search)
  }
  matchedFilter(search!, columns, rows, filtered!, scratch!)
  if (settings.gains !== null) applyGains(filtered!, columns, rows, settings.gains)
  return { content: content!, filtered: filtered!, columns, rows, clippedPixels }
}

const refuse = (shot: Shot): unknown => {
  try {
    return new Datapath(classify).process(shot.pixels, shot.words, shot.settings, 0, 0)
  } catch (error) {
    expect(error).toBeInstanceOf(GemgateError)
    return (error as GemgateError).code
  }
}

describe('Datapath', () => {
  it('is its stages one after the other', () => {
    fc.assert(
      fc.property(shots, (list) => {
        list.forEach((shot, i) => {
          const { pixels, words, settings } = shot
          const event = decodeEventPacket(expectedPackets(list, classify)[i]!)
          const { content, filtered, columns, rows, clippedPixels } = stages(shot)
          const boxes: number[][] = []
          const { kept, ...counts } = new Clustering().process(
            content,
            filtered,
            columns,
            rows,
            settings,
            (c) => boxes.push([c.x0, c.y0, c.x1, c.y1]),
          )
          expect(event).toMatchObject({ ...counts, clippedPixels, frame: i, timeTag: shot.timeTag })
          expect(event).toMatchObject({ width: settings.width, height: settings.height })
          expect(event.clusters).toHaveLength(kept)
          expect(event.clusters.map((c) => [c.x0, c.y0, c.x1, c.y1])).toEqual(boxes)
          for (const { features, scores } of event.clusters)
            expect([...scores]).toEqual([...features.subarray(0, 3)].map((f) => 100 * f))
          expect(event.blocks).toEqual(regionBlocks(filtered, columns, rows, settings))
          const { tiles, width, height } = settings
          const masks =
            tiles && tileMasks(tileStatistics(pixels, words, width, height, tiles), tiles.variance)
          expect([...event.tileMasks]).toEqual([...(masks ?? [])])
        })
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  it('keeps nothing from one frame to the next', () => {
    fc.assert(
      fc.property(shots, (list) => {
        const together = expectedPackets([...list, ...list], classify)
        const alone = [...list, ...list].map((shot) => expectedPackets([shot], classify)[0])
        expect(together).toEqual(alone)
      }),
      { seed: 2, numRuns: 40 },
    )
  })

  it('gives a record for a frame in which nothing is found', () => {
    const { settings } = randomShot(new Random(1), 0, { columns: 4, rows: 4, exact: true, binning: 1 })
    const quiet = { ...settings, thresholdLow: 33554431, thresholdHigh: 33554431, tiles: null }
    const words = new Uint32Array(16).fill(pedestalWord(100, 3, false))
    const packet = new Datapath(classify).process(new Uint16Array(16), words, quiet, 7, 8)
    expect(packet).toHaveLength(4 * 16)
    expect(decodeEventPacket(packet)).toMatchObject({
      frame: 7,
      timeTag: 8,
      clusters: [],
      rejected: 0,
      active: 0,
    })
  })

  it('refuses settings out of range and arrays of another size', () => {
    const shot = randomShot(new Random(2), 0, { columns: 8, rows: 8 })
    expect(refuse(shot)).toBeInstanceOf(Uint8Array)
    expect(refuse({ ...shot, settings: { ...shot.settings, minimumPixels: 0 } })).toBe('GG_SETTINGS')
    expect(refuse({ ...shot, pixels: shot.pixels.subarray(1) })).toBe('GG_FRAME_GEOMETRY')
    expect(refuse({ ...shot, words: shot.words.subarray(1) })).toBe('GG_FRAME_GEOMETRY')
  })

  it('sees nothing of the classifier but its scores: the highest wins, the first one on a tie', () => {
    const random = new Random(3)
    const shot = { ...randomShot(random, 0, { columns: 30, rows: 30, exact: true, binning: 1 }) }
    const settings = {
      ...shot.settings,
      thresholdLow: 1,
      thresholdHigh: 1,
      minimumPixels: 1,
      clipHigh: 131071,
      weights: null,
      gains: null,
    }
    const cases: [number[], number][] = [
      [[5, 5, 5], 0],
      [[4, 5, 5], 1],
      [[4, 5, 6], 2],
      [[5, 4, 5], 0],
      [[-32768, 32767, 32767], 1],
      [[-3, -2, -1], 2],
    ]
    for (const [values, winner] of cases) {
      const datapath = new Datapath((_, scores) => scores.set(values))
      const event = decodeEventPacket(datapath.process(shot.pixels, shot.words, settings, 0, 0))
      expect(event.clusters.length).toBeGreaterThan(0)
      for (const cluster of event.clusters) {
        expect([...cluster.scores]).toEqual(values)
        expect(cluster.winner).toBe(winner)
      }
    }
  })
})
