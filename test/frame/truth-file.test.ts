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

const good = '{"source":"a","deposits":[]}'
const deposit = { particle: 'helium', keVee: 1, keVnr: 2, x: 0, y: 0, z: 0, adu: 0, pixels: '', light: '' }
const line = { source: 'b', deposits: [deposit] }

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
          pixels: Uint32Array.of(1, 67_000_000),
          light: Float32Array.of(4, 8.5),
        },
      ],
    }
    const file = join(folder, 'truth.jsonl')
    await appendTruth(file, 'a.h5#one', truth)
    await appendTruth(file, 'b.npy', { deposits: [] })
    const read = await readTruth(file)
    expect(read.get('a.h5#one')).toEqual(truth)
    expect(read.get('b.npy')).toEqual({ deposits: [] })
    expect(read.size).toBe(2)
  })

  it.each([
    ['not JSON', '{"source":"a","deposits":[]}\n{"source":"b","depo'],
    ['no deposits', '{"source":"a","deposits":[]}\n{"source":"b"}'],
    ['no base64', '{"source":"a","deposits":[]}\n{"source":"b","deposits":[{"pixels":3}]}'],
    [
      'unequal lengths',
      '{"source":"a","deposits":[]}\n{"source":"b","deposits":[{"pixels":"AAAAAA==","light":""}]}',
    ],
    ['no particle', `${good}\n${JSON.stringify({ ...line, deposits: [{ ...deposit, particle: 'axion' }] })}`],
    ['no energy', `${good}\n${JSON.stringify({ ...line, deposits: [{ ...deposit, keVee: null }] })}`],
    ['no source', `${good}\n${JSON.stringify({ deposits: [] })}`],
  ])('that are damaged (%s) are refused with the line', async (_name, text) => {
    const file = join(folder, 'damaged.jsonl')
    writeFileSync(file, text)
    await expect(readTruth(file)).rejects.toMatchObject({ code: 'GG_FILE_CORRUPT', file, line: 2 })
  })

  it('that are missing are refused', async () => {
    await expect(readTruth(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
  })
})
