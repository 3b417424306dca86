import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  bytesOf,
  gzip,
  midasEvent,
  midasRecord,
  midasRun,
  noiseFrame,
  outcome,
  samePixels,
  scratch,
} from './make.ts'

const path = scratch()
const pictures = [noiseFrame(16, 16, 1), noiseFrame(16, 16, 2), noiseFrame(16, 16, 3)]

async function read(name: string, bytes: Uint8Array) {
  writeFileSync(path(name), bytes)
  return outcome(path(name))
}

describe('midas', () => {
  it.each([1, 0x11, 0x31])(
    'reads banks of form 0x%i, plain and gzip, with time and number',
    async (flags) => {
      const run = midasRun(pictures, flags)
      for (const [name, bytes] of [
        ['run.mid', run],
        ['run.mid.gz', gzip(run)],
        ['no-extension', run],
        ['gzip-without-extension', gzip(run)],
      ] as const) {
        const { frames, error } = await read(name, bytes)
        expect(error).toBeUndefined()
        expect(frames.map((f) => [f.number, f.time, f.width, f.height])).toEqual([
          [0, 1_600_000_000, 16, 16],
          [1, 1_600_000_001, 16, 16],
          [2, 1_600_000_002, 16, 16],
        ])
        expect(frames.every((f, i) => samePixels(f, pictures[i]!))).toBe(true)
        expect(frames[1]!.source).toBe(`${path(name)}#event1/CAM0`)
      }
    },
  )

  it('reads several cameras of one event, and gzip in several members', async () => {
    const event = midasEvent([
      { name: 'CAM0', data: bytesOf(pictures[0]!) },
      { name: 'CAM1', data: bytesOf(pictures[1]!) },
    ])
    const { frames } = await read('two.mid.gz', Buffer.concat([gzip(event), gzip(event)]))
    expect(frames.map((f) => f.source.slice(-4))).toEqual(['CAM0', 'CAM1', 'CAM0', 'CAM1'])
    expect(samePixels(frames[1]!, pictures[1]!)).toBe(true)
  })

  it('gives Quest pictures their shape of 2304 rows and 4096 columns', async () => {
    const data = new Uint8Array(4096 * 2304 * 2)
    data[2 * 4096] = 7
    const { frames, error } = await read('quest.mid', midasEvent([{ name: 'CAM0', data }]))
    expect(error).toBeUndefined()
    expect([frames[0]!.width, frames[0]!.height]).toEqual([4096, 2304])
    expect(frames[0]!.pixels[4096]).toBe(7)
  })

  it('yields the whole frames before a cut, then says where it is cut', async () => {
    const run = midasRun(pictures)
    const size = 16 + 8 + 12 + 24 + 12 + 512 + 12 + 40
    const head = run.length - 3 * size - 19
    for (const [name, bytes] of [
      ['cut.mid', run.subarray(0, head + size + 100)],
      ['cut-inside.mid.gz', gzip(run.subarray(0, head + size + 100))],
    ] as const) {
      const { frames, error } = await read(name, bytes)
      expect(frames).toHaveLength(1)
      expect(samePixels(frames[0]!, pictures[0]!)).toBe(true)
      expect(error).toMatchObject({ code: 'GG_FILE_TRUNCATED', offset: head + size + 100 })
    }
    const gz = gzip(run)
    const { error } = await read('cut.mid.gz', gz.subarray(0, gz.length - 20))
    expect(error).toMatchObject({ code: 'GG_FILE_TRUNCATED', file: path('cut.mid.gz') })
  })

  const cam = (data: Uint8Array, type = 4) => midasEvent([{ name: 'CAM0', type, data }])
  const withFlags = (flags: number) => {
    const event = Buffer.from(cam(new Uint8Array(8)))
    event.writeUInt32LE(flags, 20)
    return event
  }
  const withBankSize = (size: number) => {
    const event = Buffer.from(cam(new Uint8Array(8)))
    event.writeUInt32LE(size, 32)
    return event
  }
  it.each([
    ['a picture that is not square', cam(new Uint8Array(6 * 2)), 'GG_FILE_SHAPE'],
    ['an odd number of bytes', cam(new Uint8Array(9)), 'GG_FILE_SHAPE'],
    ['an empty picture', cam(new Uint8Array(0)), 'GG_FILE_SHAPE'],
    ['32-bit pixels', cam(new Uint8Array(16), 6), 'GG_FILE_SHAPE'],
    ['negative pixels', cam(new Uint8Array(8).fill(255), 5), 'GG_FILE_SHAPE'],
    ['a run without camera', midasEvent([{ name: 'DIG0', data: new Uint8Array(8) }]), 'GG_FILE_SHAPE'],
    ['unknown bank flags', withFlags(0x77), 'GG_FILE_CORRUPT'],
    ['a bank beyond its event', withBankSize(100), 'GG_FILE_CORRUPT'],
    ['an event of zeros', Buffer.alloc(64), 'GG_FILE_CORRUPT'],
    ['an event of gigabytes', Buffer.from('01000000000000000000000000000080', 'hex'), 'GG_FILE_LIMIT'],
    [
      'an event longer than the file',
      Buffer.from('01000000000000000000000000000001', 'hex'),
      'GG_FILE_TRUNCATED',
    ],
    [
      'damaged gzip',
      Buffer.concat([gzip(midasRun(pictures)).subarray(0, 200), Buffer.alloc(300, 7)]),
      'GG_FILE_CORRUPT',
    ],
  ])('refuses %s', async (name, bytes, code) => {
    const file = `${name}.mid${name === 'damaged gzip' ? '.gz' : ''}`
    const { error } = await read(file, bytes)
    expect(error).toMatchObject({ code, file: path(file) })
  })

  it('keeps memory small while streaming a long compressed run', async () => {
    const filler = midasRecord(0x8002, 0x494d, 0, 0, Buffer.alloc(8 << 20))
    const packed = gzipSync(filler, { level: 1 })
    const bytes = Buffer.concat([...Array.from({ length: 24 }, () => packed), gzip(midasRun(pictures))])
    const before = process.memoryUsage().arrayBuffers
    const { frames } = await read('long.mid.gz', bytes)
    expect(frames).toHaveLength(3)
    // 200 MB were unpacked; garbage of a few events may still be around.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150e6)
  })
})
