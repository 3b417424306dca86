import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Truth } from '../../src/frame/truth.ts'
import { appendTruth, readTruth } from '../../src/frame/truth-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-truth-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('truth files', () => {
  it('keep every number', async () => {
    const truth: Truth = {
      deposits: [
        {
          particle: 'carbon',
          keVee: 2.5,
          keVnr: 8.1,
          x: 10.25,
          y: 11.5,
          z: 33,
          adu: 12,
          pixels: Uint32Array.of(1, 4_000_000_000),
          light: Float32Array.of(4, 8.5),
        },
      ],
    }
    const file = join(folder, 'truth.jsonl')
    await appendTruth(file, 0, truth)
    await appendTruth(file, 7, { deposits: [] })
    const read = await readTruth(file)
    expect(read.get(0)).toEqual(truth)
    expect(read.get(7)).toEqual({ deposits: [] })
    expect(read.size).toBe(2)
  })

  it.each([
    ['not JSON', '{"frame":0,"deposits":[]}\n{"frame":1,"depo'],
    ['no deposits', '{"frame":0,"deposits":[]}\n{"frame":1}'],
    ['no base64', '{"frame":0,"deposits":[]}\n{"frame":1,"deposits":[{"pixels":3}]}'],
    [
      'unequal lengths',
      '{"frame":0,"deposits":[]}\n{"frame":1,"deposits":[{"pixels":"AAAAAA==","light":""}]}',
    ],
  ])('that are damaged (%s) are refused with the line', async (_name, text) => {
    const file = join(folder, 'damaged.jsonl')
    writeFileSync(file, text)
    await expect(readTruth(file)).rejects.toMatchObject({ code: 'GG_FILE_CORRUPT', file, line: 2 })
  })

  it('that are missing are refused', async () => {
    await expect(readTruth(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  })
})
