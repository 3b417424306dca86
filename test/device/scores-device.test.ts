import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ScoredRecord } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open-device.ts'
import { featureCheck, modelDigest } from '../../src/device/scores-file.ts'
import { loadRecoilClassifier } from '../../src/network/recoil-classifier.ts'
import { smallRun } from '../support/chain.ts'

const { frames, configuration } = smallRun()
const { onnx } = await loadRecoilClassifier()
const model = modelDigest(onnx).toString('hex')

let folder: string
let records: ScoredRecord[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-scores-device-'))
  records = await through('model:')
})
afterAll(() => rm(folder, { recursive: true }))

async function through(address: string): Promise<ScoredRecord[]> {
  await using device = await openDevice(address)
  await device.configure(configuration.settings, configuration.pedestal)
  const result: ScoredRecord[] = []
  for await (const record of device.process(frames)) result.push(record)
  device.finish?.()
  return result
}

/** A row as somebody else would write it. */
interface Row {
  frame: number
  cluster: number
  scores: number[]
  check: number
  model: string
}

/** The rows that belong to the records, changed, as the device that reads them. */
function changed(change: (rows: Row[]) => Row[]): Promise<ScoredRecord[]> {
  const rows = records.flatMap(({ frame, clusters }) =>
    clusters.map(({ features, scores }, cluster): Row => {
      return { frame, cluster, scores: [...scores], check: featureCheck(features), model }
    }),
  )
  const path = join(folder, 'scores.jsonl')
  writeFileSync(
    path,
    change(rows)
      .map((row) => JSON.stringify(row))
      .join('\n'),
  )
  return through(`scores:${path}`)
}

describe('scores:FILE', () => {
  it('gives the packets of the machine that the scores come from', async () => {
    const again = await changed((rows) => rows.toReversed())
    expect(again.length).toBe(frames.length)
    expect(again.some((record) => record.clusters.length > 0)).toBe(true)
    for (const [i, record] of again.entries()) {
      expect(Buffer.from(record.packet).equals(Buffer.from(records[i]!.packet))).toBe(true)
      expect(record.scoresAsGiven).toBeUndefined()
    }
  })

  it('keeps fractions beside the rounded scores', async () => {
    const again = await changed((rows) => rows.map((row) => ({ ...row, scores: [0.6, -0.2, 3] })))
    const record = again.find(({ clusters }) => clusters.length > 0)!
    expect([...record.clusters[0]!.scores]).toEqual([1, 0, 3])
    expect(record.clusters[0]!.winner).toBe(2)
    expect([...record.scoresAsGiven!.subarray(0, 3)]).toEqual([0.6, -0.2, 3])
  })

  it.each<[string, (rows: Row[]) => Row[], RegExp]>([
    ['a missing row', (rows) => rows.slice(1), /^there is no row for frame \d+, cluster 0 of \d+$/],
    [
      'no rows at all',
      () => [{ frame: 99, cluster: 0, scores: [0, 0, 0], check: 0, model }],
      /no row for frame/,
    ],
    [
      'a row too many',
      (rows) => [...rows, { ...rows[0]!, cluster: 9 }],
      /^line \d+ is for frame \d+, cluster 9: the frame has/,
    ],
    [
      'a frame too many',
      (rows) => [...rows, { ...rows[0]!, frame: 77 }],
      /^line \d+ is for frame 77, .*no such frame came$/,
    ],
    [
      'features of another seed',
      (rows) =>
        rows
          .map((row, i) => (i === 1 ? { ...row, check: row.check ^ 1 } : row))
          .map((row) => ({ ...row, check: row.check >>> 0 })),
      /^line 2 \(frame \d+, cluster \d+\) was computed from other features$/,
    ],
    ['another network', (rows) => rows.map((row) => ({ ...row, model: 'c0'.repeat(32) })), /SHA-256 c0c0/],
  ])('refuses %s', async (_, change, message) => {
    await expect(changed(change)).rejects.toMatchObject({
      code: 'GG_SCORES',
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('export'),
      file: expect.stringContaining('scores.jsonl'),
    })
  })

  it('says so when the file does not tell what it was computed from', async () => {
    const path = join(folder, 'bare.jsonl')
    writeFileSync(path, '{"frame": 0, "cluster": 0, "scores": [1, 2, 3]}\n')
    await using device = await openDevice(`scores:${path}`)
    expect(device.info.description).toContain('does not say from which features and network')
    await expect(through('scores:/nowhere')).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  })
})

describe('onnx:', () => {
  it('refuses providers that gemgate does not know', async () => {
    await expect(openDevice('onnx:abacus')).rejects.toMatchObject({
      code: 'GG_DEVICE_UNAVAILABLE',
      remedy: 'Use onnx:cpu, onnx:webgpu, onnx:cuda.',
    })
  })
})
