import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { File, ready } from 'h5wasm/node'
import { describe, expect, it } from 'vitest'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import {
  encodeNpy,
  encodePng16,
  type Frame,
  loadPedestal,
  savePedestal,
  spatialPedestal,
  writeHdf5,
} from '../../src/frame/index.ts'
import { gzip, midasRun, noiseFrame, outcome, samePixels, scratch } from './make.ts'

const path = scratch()
const cases = 200

/** Slowest case of a kind may take this long on a busy machine; a hang would take for ever. */
const patience = 5000

interface Kind {
  readonly name: string
  readonly extension: string
  readonly originals: readonly Frame[]
  readonly bytes: () => Promise<Uint8Array>
  /** Whether every changed byte of pixels is noticed by a checksum inside the file. */
  readonly checksummed: boolean
}

const pictures = [noiseFrame(16, 16, 1), noiseFrame(16, 16, 2), noiseFrame(16, 16, 3)]

const kinds: readonly Kind[] = [
  {
    name: 'npy',
    extension: 'npy',
    originals: [pictures[0]!],
    bytes: async () => encodeNpy(pictures[0]!),
    checksummed: false,
  },
  {
    name: 'PNG',
    extension: 'png',
    originals: [pictures[0]!],
    bytes: async () => encodePng16(pictures[0]!),
    checksummed: true,
  },
  {
    name: 'MIDAS',
    extension: 'mid',
    originals: pictures,
    bytes: async () => midasRun(pictures),
    checksummed: false,
  },
  {
    name: 'MIDAS gzip',
    extension: 'mid.gz',
    originals: pictures,
    bytes: async () => gzip(midasRun(pictures)),
    checksummed: true,
  },
  {
    name: 'HDF5 of our writer',
    extension: 'h5',
    originals: pictures.slice(0, 2),
    bytes: async () => {
      await writeHdf5(path('source.h5'), pictures.slice(0, 2), { run: 1 })
      return readFileSync(path('source.h5'))
    },
    checksummed: true,
  },
  {
    name: 'HDF5 of old style',
    extension: 'h5',
    originals: pictures.slice(0, 2),
    bytes: async () => {
      await ready
      const file = new File(path('old.h5'), 'w')
      const [a, b] = pictures
      file.create_dataset({ name: 'pic_run1_ev0', data: a!.pixels, shape: [16, 16] })
      file.create_dataset({
        name: 'pic_run1_ev1',
        data: b!.pixels,
        shape: [16, 16],
        chunks: [4, 16],
        compression: 'gzip',
      })
      file.close()
      return readFileSync(path('old.h5'))
    },
    checksummed: false,
  },
]

describe.each(kinds)('damaged $name', (kind) => {
  const folder = path(kind.name)
  mkdirSync(folder)
  const file = `${folder}/x.${kind.extension}`

  async function read(bytes: Uint8Array) {
    writeFileSync(file, bytes)
    const start = performance.now()
    const result = await outcome(file)
    expect(performance.now() - start).toBeLessThan(patience)
    for (const frame of result.frames) expect(frame.pixels.length).toBe(frame.width * frame.height)
    return result
  }

  /** Frames must be the first of the originals, unchanged. */
  function expectPrefix(frames: readonly Frame[]) {
    expect(frames.length).toBeLessThanOrEqual(kind.originals.length)
    frames.forEach((frame, i) => {
      expect(samePixels(frame, kind.originals[i]!)).toBe(true)
    })
  }

  it('reads whole when undamaged', async () => {
    const { frames, error } = await read(await kind.bytes())
    expect(error).toBeUndefined()
    expect(frames).toHaveLength(kind.originals.length)
    expectPrefix(frames)
  })

  it('never makes up a frame from a cut file', async () => {
    const bytes = await kind.bytes()
    const random = new Random(10)
    for (let i = 0; i < cases; i++) {
      const { frames, error } = await read(bytes.subarray(0, random.integer(bytes.length)))
      expectPrefix(frames)
      // A MIDAS run has no length of its own: one cut between two events is a shorter run.
      if (error === undefined) expect(kind.name).toBe('MIDAS')
      else expect(error.file).toContain(file)
    }
  })

  it('gives typed errors or frames for changed bytes', async () => {
    const bytes = await kind.bytes()
    const random = new Random(20)
    for (let i = 0; i < cases; i++) {
      const changed = new Uint8Array(bytes)
      const changes = i % 2 === 0 ? 1 : 1 + random.integer(8)
      for (let k = 0; k < changes; k++) changed[random.integer(changed.length)] = random.integer(256)
      const { frames, error } = await read(changed)
      // gzip has its checksum at the end: frames may come first, but then the error must follow.
      if (kind.checksummed && (error === undefined || kind.name !== 'MIDAS gzip')) expectPrefix(frames)
    }
  })

  it('gives typed errors or the same frames for appended bytes', async () => {
    const bytes = await kind.bytes()
    const random = new Random(30)
    for (let i = 0; i < cases / 3; i++) {
      const more = Uint8Array.from({ length: 1 + random.integer(200) }, () => random.integer(256))
      const { frames } = await read(Buffer.concat([bytes, more]))
      expectPrefix(frames)
    }
  })

  it('gives typed errors for random bytes behind its signature', async () => {
    const bytes = await kind.bytes()
    const random = new Random(40)
    for (let i = 0; i < cases / 3; i++) {
      const noise = Uint8Array.from({ length: random.integer(4000) }, () => random.integer(256))
      noise.set(bytes.subarray(0, Math.min(noise.length, 8 + random.integer(60))))
      await read(noise)
    }
  })
})

describe('damaged pedestal files', () => {
  it('give typed errors or the same pedestal', async () => {
    const file = path('pedestal.npz')
    const pedestal = spatialPedestal(pictures[0]!)
    await savePedestal(file, pedestal)
    const bytes = readFileSync(file)
    const random = new Random(50)
    for (let i = 0; i < 2 * cases; i++) {
      const changed = i % 2 === 0 ? bytes.subarray(0, random.integer(bytes.length)) : Buffer.from(bytes)
      if (i % 2 === 1) changed[random.integer(bytes.length)] = random.integer(256)
      writeFileSync(file, changed)
      try {
        expect((await loadPedestal(file)).mean).toEqual(pedestal.mean)
      } catch (error) {
        if (!(error instanceof GemgateError)) throw error
      }
    }
  })
})
