import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { readScores, type ScoresFile } from '../../src/device/scores-file.ts'
import { encodeNpyNumbers } from '../../src/frame/npy-array.ts'
import { encodeZip } from '../../src/frame/zip.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-scores-'))
})
afterAll(() => rm(folder, { recursive: true }))

function saved(bytes: Uint8Array | string): string {
  const path = join(folder, 'scores')
  writeFileSync(path, bytes)
  return path
}

interface Arrays {
  readonly frame?: Uint32Array
  readonly cluster?: Uint32Array | Float64Array
  readonly scores?: Float64Array | Int16Array
  readonly scoresShape?: readonly number[]
  readonly check?: Uint32Array
  readonly model?: Uint8Array
}

function npz(changes: Arrays = {}): Uint8Array {
  const { frame, cluster, scores, check, model, scoresShape } = {
    frame: Uint32Array.of(0, 0, 7),
    cluster: Uint32Array.of(0, 1, 0),
    scores: Int16Array.of(1, 2, 3, 4, 5, 6, -7, -8, -9),
    scoresShape: [3, 3],
    ...changes,
  }
  const arrays = [
    ['frame', [frame.length], frame],
    ['cluster', [cluster.length], cluster],
    ['scores', scoresShape, scores],
    ['check', [check?.length ?? 0], check],
    ['model', [model?.length ?? 0], model],
  ] as const
  return encodeZip(
    arrays.flatMap(([name, shape, values]) =>
      values === undefined ? [] : [[`${name}.npy`, encodeNpyNumbers(shape, values)] as const],
    ),
  )
}

const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const row = { frame: 0, cluster: 0, scores: [1, 2, 3] }

async function failure(bytes: Uint8Array | string): Promise<GemgateError> {
  const result = await readScores(saved(bytes)).catch((error: unknown) => error)
  if (!(result instanceof GemgateError)) throw new Error(`no typed error but ${JSON.stringify(result)}`)
  return result
}

describe('readScores', () => {
  it('reads .npz and JSON lines alike', async () => {
    const check = Uint32Array.of(10, 11, 4294967295)
    const model = new Uint8Array(32).fill(171)
    const fromNpz = await readScores(saved(npz({ check, model })))
    expect(fromNpz.model).toBe('ab'.repeat(32))
    expect(fromNpz.rows[2]).toEqual({
      place: 'row 2',
      frame: 7,
      cluster: 0,
      scores: [-7, -8, -9],
      check: 4294967295,
    })
    const text = lines(...fromNpz.rows.map(({ place: _, ...rest }) => ({ ...rest, model: fromNpz.model })))
    const fromLines = await readScores(saved(text))
    const bare = ({ rows, model: own }: ScoresFile) => [own, rows.map(({ place: _, ...rest }) => rest)]
    expect(bare(fromLines)).toEqual(bare(fromNpz))
    const floats = await readScores(saved(npz({ scores: new Float64Array(9).fill(0.25) })))
    expect(floats).toMatchObject({ model: null, rows: [{ scores: [0.25, 0.25, 0.25], check: null }, {}, {}] })
  })

  it('reads a file without clusters', async () => {
    const none = new Uint32Array(0)
    const empty = npz({ frame: none, cluster: none, scores: new Int16Array(0), scoresShape: [0, 3] })
    expect(await readScores(saved(empty))).toEqual({ rows: [], model: null })
  })

  it.each([
    [
      'NaN',
      npz({ scores: Float64Array.of(1, 2, 3, 4, Number.NaN, 6, 7, 8, 9) }),
      'GG_FILE_CORRUPT',
      /^row 1 \(frame 0, cluster 1\) has the score NaN/,
    ],
    [
      'an overflow',
      npz({ scores: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 32768) }),
      'GG_FILE_CORRUPT',
      /^row 2 .*32768/,
    ],
    ['half a cluster', npz({ cluster: Float64Array.of(0, 0.5, 0) }), 'GG_FILE_CORRUPT', /^row 1 .*0\.5/],
    [
      'a row twice',
      npz({ cluster: Uint32Array.of(0, 0, 0) }),
      'GG_FILE_CORRUPT',
      /^row 1 gives frame 0, cluster 0 a second/,
    ],
    [
      'two scores',
      npz({ scoresShape: [3, 2], scores: new Int16Array(6) }),
      'GG_FILE_SHAPE',
      /`scores` of shape \(3, 2\) instead of \(3, 3\)/,
    ],
    ['fewer rows', npz({ scoresShape: [2, 3], scores: new Int16Array(6) }), 'GG_FILE_SHAPE', /\(2, 3\)/],
    ['short checks', npz({ check: Uint32Array.of(1) }), 'GG_FILE_SHAPE', /`check`/],
    ['a short digest', npz({ model: Uint8Array.of(1) }), 'GG_FILE_SHAPE', /`model`/],
    [
      'another archive',
      encodeZip([['a.npy', encodeNpyNumbers([1], Uint8Array.of(1))]]),
      'GG_FILE_SHAPE',
      /no array `frame`/,
    ],
    ['a line that is no object', `${lines(row)}5\n`, 'GG_FILE_CORRUPT', /JSON/],
    ['a line that is no JSON', `${lines(row)}{"frame": 0,\n`, 'GG_FILE_CORRUPT', /JSON/],
    [
      'a line without scores',
      lines(row, { frame: 0, cluster: 1 }),
      'GG_FILE_SHAPE',
      /^line 2 \(frame 0, cluster 1\)/,
    ],
    ['text for a score', lines({ ...row, scores: [1, '2', 3] }), 'GG_FILE_CORRUPT', /^line 1 .*"2"/],
    ['a negative frame', lines({ ...row, frame: -1 }), 'GG_FILE_CORRUPT', /^line 1 .*-1/],
    [
      'two models',
      lines({ ...row, model: 'a' }, { ...row, cluster: 1, model: 'b' }),
      'GG_FILE_CORRUPT',
      /^line 2/,
    ],
    ['a bad check', lines({ ...row, check: 'x' }), 'GG_FILE_CORRUPT', /^line 1 .*CRC/],
    ['an empty file', '', 'GG_FILE_TRUNCATED', /empty/],
  ])('refuses %s', async (_, bytes, code, message) => {
    const error = await failure(bytes)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.file).toContain(folder)
  })

  it('refuses what is not there', async () => {
    await expect(readScores(join(folder, 'missing'))).rejects.toMatchObject({ code: 'GG_FILE_NOT_FOUND' })
    await expect(readScores(folder)).rejects.toMatchObject({ code: 'GG_FILE_FORMAT' })
  })

  it('never fails in another way, whatever the bytes', async () => {
    const good = npz({ check: Uint32Array.of(1, 2, 3), model: new Uint8Array(32) })
    const text = Buffer.from(lines(row, { ...row, cluster: 1 }))
    const damaged = fc
      .tuple(
        fc.constantFrom(good, text),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      )
      .map(([bytes, edits, keep]) => {
        const copy = Uint8Array.from(bytes)
        for (const [at, value] of edits) copy[at % copy.length] = value
        return keep < 0.3 ? copy.slice(0, Math.floor(copy.length * keep * 3)) : copy
      })
    const json = fc.json().map((value) => Buffer.from(`${value}\n`))
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, json, fc.uint8Array({ maxLength: 60 })), async (bytes) => {
        const result = await readScores(saved(bytes)).catch((error: unknown) => error)
        if (result instanceof GemgateError) return
        for (const { scores } of (result as ScoresFile).rows)
          for (const score of scores) expect(Math.abs(score)).toBeLessThanOrEqual(32768)
      }),
      { seed: 6, numRuns: 400 },
    )
  })
})
