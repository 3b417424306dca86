import { createReadStream } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { GemgateError } from '../core/errors.ts'
import { fromSystem } from './file-errors.ts'
import { maxFramePixels } from './limits.ts'
import type { Deposit, Particle, Truth } from './truth.ts'

const particles: ReadonlySet<Particle> = new Set([
  'electron',
  'helium',
  'carbon',
  'fluorine',
  'alpha',
  'muon',
])

/**
 * Truth of a data set, one JSON line per frame: {source, deposits: [{particle, keVee, keVnr, x, y, z, adu,
 * pixels, light}]}; `source` is the file name of the frame, with #dataset in HDF5; `pixels` (u32) and `light` (f32) are base64 of the little-endian array, for example
 * numpy.frombuffer(base64.b64decode(text), '<u4').
 */
export async function appendTruth(path: string, source: string, truth: Truth): Promise<void> {
  const deposits = truth.deposits.map((deposit) => ({
    ...deposit,
    pixels: toBase64(deposit.pixels),
    light: toBase64(deposit.light),
  }))
  await appendFile(path, `${JSON.stringify({ source, deposits })}\n`)
}

/** Truth by source; throws GG_FILE_CORRUPT naming the line. */
export async function readTruth(path: string): Promise<Map<string, Truth>> {
  const truth = new Map<string, Truth>()
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      line++
      const { source, deposits } = JSON.parse(text)
      if (typeof source !== 'string') throw new TypeError('no source')
      truth.set(source, { deposits: deposits.map(fromLine) })
    }
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError || cause instanceof RangeError)
      throw new GemgateError(
        'GG_FILE_CORRUPT',
        'not a line of truth',
        'Make the data set again with gemgate generate, or remove this file.',
        { file: path, line, cause },
      )
    throw fromSystem(path, cause)
  }
  return truth
}

function fromLine(raw: Record<string, unknown>): Deposit {
  const pixels = new Uint32Array(fromBase64(raw['pixels']))
  const light = new Float32Array(fromBase64(raw['light']))
  if (pixels.length !== light.length) throw new TypeError('pixels and light differ in length')
  if (!particles.has(raw['particle'] as Particle)) throw new TypeError('unknown particle')
  for (const name of ['keVee', 'x', 'y', 'z', 'adu'])
    if (!Number.isFinite(raw[name])) throw new TypeError(`${name} is not a number`)
  if (raw['keVnr'] !== null && !Number.isFinite(raw['keVnr'])) throw new TypeError('keVnr is not a number')
  if (pixels.some((index) => index >= maxFramePixels)) throw new RangeError('a pixel outside any frame')
  return { ...(raw as unknown as Deposit), pixels, light }
}

function toBase64(array: Uint32Array | Float32Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')
}

function fromBase64(text: unknown): ArrayBuffer {
  if (typeof text !== 'string') throw new TypeError('no base64 text')
  const bytes = Buffer.from(text, 'base64')
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
