import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { type Frame, type ReadFramesOptions, readFrames } from '../../src/frame/index.ts'

/** A folder of its own for a test file, removed at its end. */
export function scratch(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-frame-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}

/** A frame of noise around 100 ADU, the same for the same seed. */
export function noiseFrame(width: number, height: number, seed = 1, sigma = 2, mean = 100): Frame {
  const random = new Random(seed)
  const pixels = new Uint16Array(width * height)
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.max(0, Math.round(mean + sigma * random.normal()))
  return frameOf(pixels, width, height, seed)
}

export function frameOf(pixels: Uint16Array, width: number, height: number, number = 0): Frame {
  return {
    pixels,
    width,
    height,
    bitDepth: 16,
    pixelOrder: 'row-major',
    time: 1_700_000_000.25,
    exposure: 0.3,
    number,
    source: 'test',
  }
}

export interface Outcome {
  readonly frames: Frame[]
  readonly error: GemgateError | undefined
}

/** All frames up to the end or to the typed error; anything else that is thrown fails the test. */
export async function outcome(path: string, options?: ReadFramesOptions): Promise<Outcome> {
  const frames: Frame[] = []
  try {
    for await (const frame of readFrames(path, options)) frames.push(frame)
  } catch (error) {
    if (!(error instanceof GemgateError)) throw error
    return { frames, error }
  }
  return { frames, error: undefined }
}

export interface TestBank {
  readonly name: string
  readonly type?: number
  readonly data: Uint8Array
}

/** A MIDAS event; `flags` chooses the form of the banks (1, 0x11, 0x31). */
export function midasEvent(
  banks: readonly TestBank[],
  flags = 0x11,
  serial = 0,
  time = 1_600_000_000,
): Buffer {
  const parts = banks.map(({ name, type = 4, data }) => {
    const head = Buffer.alloc(flags === 1 ? 8 : flags === 0x11 ? 12 : 16)
    head.write(name, 'latin1')
    if (flags === 1) {
      head.writeUInt16LE(type, 4)
      head.writeUInt16LE(data.length, 6)
    } else {
      head.writeUInt32LE(type, 4)
      head.writeUInt32LE(data.length, 8)
    }
    return Buffer.concat([head, data, Buffer.alloc((8 - (data.length % 8)) % 8)])
  })
  const body = Buffer.concat(parts)
  const lists = Buffer.alloc(8)
  lists.writeUInt32LE(body.length, 0)
  lists.writeUInt32LE(flags, 4)
  return midasRecord(1, 0, serial, time, Buffer.concat([lists, body]))
}

export function midasRecord(
  id: number,
  mask: number,
  serial: number,
  time: number,
  data: Uint8Array,
): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(mask, 2)
  head.writeUInt32LE(serial, 4)
  head.writeUInt32LE(time, 8)
  head.writeUInt32LE(data.length, 12)
  return Buffer.concat([head, data])
}

/** A run as the DAQ writes it: begin of run with ODB, a message, events with camera and digitizer, end. */
export function midasRun(frames: readonly Frame[], flags = 0x11): Buffer {
  const mask = 0x494d
  return Buffer.concat([
    midasRecord(0x8000, mask, 77, 1_600_000_000, Buffer.from('{"Runinfo":{"Run number":77}}\0')),
    midasRecord(0x8002, mask, 0, 1_600_000_000, Buffer.from('started\0')),
    ...frames.map((frame, i) =>
      midasEvent(
        [
          { name: 'DGH0', type: 6, data: new Uint8Array(20) },
          { name: 'CAM0', data: bytesOf(frame) },
          { name: 'DIG0', data: new Uint8Array(36) },
        ],
        flags,
        i,
        1_600_000_000 + i,
      ),
    ),
    midasRecord(0x8001, mask, 77, 1_600_000_100, Buffer.from('{}\0')),
  ])
}

export function bytesOf(frame: Pick<Frame, 'pixels'>): Uint8Array {
  return new Uint8Array(frame.pixels.buffer, frame.pixels.byteOffset, frame.pixels.byteLength)
}

export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes, { level: 1 })

export function samePixels(a: Frame, b: Frame): boolean {
  return a.width === b.width && a.height === b.height && Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}
