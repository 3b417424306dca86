import { createReadStream } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { GemgateError } from '../core/errors.ts'
import { fromSystem } from './file-errors.ts'
import type { Deposit, Truth } from './truth.ts'

/**
 * Truth of a data set, one JSON line per frame: {frame, deposits: [{particle, keVee, keVnr, x, y, z, adu,
 * pixels, light}]}; `pixels` (u32) and `light` (f32) are base64 of the little-endian array, for example
 * numpy.frombuffer(base64.b64decode(text), '<u4').
 */
export async function appendTruth(path: string, frame: number, truth: Truth): Promise<void> {
  const deposits = truth.deposits.map((deposit) => ({
    ...deposit,
    pixels: toBase64(deposit.pixels),
    light: toBase64(deposit.light),
  }))
  await appendFile(path, `${JSON.stringify({ frame, deposits })}\n`)
}

/** Truth by frame number; throws GG_FILE_CORRUPT naming the line. */
export async function readTruth(path: string): Promise<Map<number, Truth>> {
  const truth = new Map<number, Truth>()
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      line++
      const { frame, deposits } = JSON.parse(text)
      truth.set(frame, { deposits: deposits.map(fromLine) })
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
