import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { crc32 } from 'node:zlib'
import { GemgateError } from '../core/errors.ts'
import { corrupt, fromSystem, overLimit, wrongShape } from '../frame/file-errors.ts'
import { decodeNpyArray, type NpyArray } from '../frame/npy-array.ts'
import { openFile } from '../frame/open-file.ts'
import { decodeZip } from '../frame/zip.ts'

/** SHA-256 of a network file. */
export function modelDigest(onnx: Uint8Array): Buffer {
  return createHash('sha256').update(onnx).digest()
}

/** What ties a row of scores to the features that it was computed from. */
export function featureCheck(features: Int8Array): number {
  return crc32(features)
}

/** Largest file that is read, in bytes. */
const mostBytes = 2 ** 28

/** Scores of one cluster, as somebody computed them elsewhere. */
export interface ScoreRow {
  /** Where it stands: row from 0 in an .npz, line from 1 in a .jsonl. */
  readonly place: string
  readonly frame: number
  readonly cluster: number
  /** Nuclear, electron, other in steps of the network's output: finite, -32768 to 32767. */
  readonly scores: readonly [number, number, number]
  /** CRC-32 of the nine features that the scores were computed from; null where the file does not say. */
  readonly check: number | null
}

export interface ScoresFile {
  readonly rows: readonly ScoreRow[]
  /** SHA-256 of the network file as hexadecimal digits; null where the file does not say. */
  readonly model: string | null
}

/**
 * Reads scores: an .npz with the arrays `frame` [n], `cluster` [n], `scores` [n, 3] and, copied from the
 * export, `check` [n] and `model` [32]; or JSON lines {frame, cluster, scores, check?, model?}. What the file
 * is shows in its first bytes.
 * @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_LIMIT, GG_FILE_CORRUPT, GG_FILE_TRUNCATED, GG_FILE_SHAPE,
 *   naming the row or line
 */
export async function readScores(path: string): Promise<ScoresFile> {
  {
    await using opened = await openFile(path)
    if (opened.size > mostBytes) throw overLimit(path, `has ${opened.size} bytes`)
  }
  const file = (await isZip(path)) ? await fromNpz(path) : await fromLines(path)
  const seen = new Set<string>()
  for (const { place, frame, cluster } of file.rows) {
    const key = `${frame} ${cluster}`
    if (seen.has(key)) throw corrupt(path, `${place} gives frame ${frame}, cluster ${cluster} a second time`)
    seen.add(key)
  }
  return file
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.toString('latin1') === 'PK'
  } finally {
    await handle.close()
  }
}

async function fromNpz(path: string): Promise<ScoresFile> {
  const members = decodeZip(await readFile(path), path)
  const array = (name: string): NpyArray | undefined => {
    const bytes = members.get(`${name}.npy`)
    return bytes === undefined ? undefined : decodeNpyArray(bytes, `${path}#${name}`)
  }
  const needed = (name: string, shape: readonly (number | string)[], found = array(name)): NpyArray => {
    const fits =
      found?.shape.length === shape.length &&
      shape.every((size, axis) => typeof size === 'string' || size === found.shape[axis])
    if (found !== undefined && fits) return found
    throw wrongShape(
      path,
      found === undefined
        ? `has no array \`${name}\``
        : `has \`${name}\` of shape (${found.shape.join(', ')}) instead of (${shape.join(', ')})`,
      'Save numpy.savez(path, frame=..., cluster=..., scores=...) with one row per cluster',
    )
  }
  const frame = needed('frame', ['n'])
  const count = frame.shape[0]!
  const cluster = needed('cluster', [count])
  const scores = needed('scores', [count, 3])
  const checks = array('check')
  if (checks !== undefined) needed('check', [count], checks)
  const model = array('model')
  if (model !== undefined) needed('model', [32], model)
  const rows = Array.from({ length: count }, (_, i) =>
    checkRow(path, `row ${i}`, {
      frame: frame.data[i],
      cluster: cluster.data[i],
      scores: [...scores.data.subarray(3 * i, 3 * i + 3)],
      check: checks?.data[i],
    }),
  )
  return { rows, model: model === undefined ? null : hexadecimal(model.data) }
}

async function fromLines(path: string): Promise<ScoresFile> {
  const rows: ScoreRow[] = []
  let model: string | null = null
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      line++
      if (text.trim() === '') continue
      const raw: unknown = JSON.parse(text)
      if (typeof raw !== 'object' || raw === null) throw new SyntaxError('no object')
      const { model: own } = raw as Record<string, unknown>
      if (own !== undefined && (typeof own !== 'string' || (model !== null && own !== model)))
        throw corrupt(path, `line ${line} names another model than the lines before, or none by its SHA-256`)
      model = own ?? model
      rows.push(checkRow(path, `line ${line}`, raw as Record<string, unknown>))
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw fromSystem(path, cause)
    throw new GemgateError(
      'GG_FILE_CORRUPT',
      'is neither an .npz file nor a line of JSON with scores',
      'Write one object per line: {"frame": 0, "cluster": 0, "scores": [nuclear, electron, other]}.',
      { file: path, line, cause },
    )
  }
  return { rows, model }
}

function checkRow(
  file: string,
  place: string,
  { frame, cluster, scores, check }: Readonly<Record<string, unknown>>,
): ScoreRow {
  if (!isIndex(frame) || !isIndex(cluster))
    throw corrupt(file, `${place} has frame ${shown(frame)} and cluster ${shown(cluster)}, no two indices`)
  const where = `${place} (frame ${frame}, cluster ${cluster})`
  if (!Array.isArray(scores) || scores.length !== 3)
    throw wrongShape(file, `${where} has no three scores`, 'Give nuclear, electron, other')
  for (const score of scores)
    if (!(typeof score === 'number' && score >= -32768 && score <= 32767))
      throw corrupt(file, `${where} has the score ${shown(score)}, no number from -32768 to 32767`)
  if (check !== undefined && !isIndex(check))
    throw corrupt(file, `${where} has the check ${shown(check)}, no CRC-32`)
  return { place, frame, cluster, scores: scores as [number, number, number], check: check ?? null }
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value)?.slice(0, 40) ?? 'undefined')
}

function hexadecimal(bytes: ArrayLike<number>): string {
  return Buffer.from(Uint8Array.from(bytes)).toString('hex')
}
