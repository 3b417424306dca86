import { rename, rm } from 'node:fs/promises'
import { GemgateError } from '../core/errors.ts'
import { writeFailure } from '../core/write-failure.ts'
import { readUpTo } from './file-bytes.ts'
import type { Frame } from './frame.ts'
import type { Hdf5Reply, Hdf5Request } from './hdf5-messages.ts'
import { checkSuperblock, superblockBytes } from './hdf5-superblock.ts'
import { Hdf5Thread } from './hdf5-thread.ts'
import { openFile } from './open-file.ts'
import { type Picture, picture } from './picture.ts'

export interface WriteHdf5Options {
  /** Run number, part of each dataset's name. */
  readonly run: number
}

/**
 * The pictures of an HDF5 file: all datasets `pic_runN_evM` by run and event, or, in a file that has none,
 * every 2D or 3D [n, rows, columns] dataset of integers by path. Attributes `time`, `exposure` (seconds)
 * and `pixel_pitch` (mm) are read where present; the attribute `crc32` (CRC-32 of the little-endian 16-bit pixels) is checked.
 */
export async function* readHdf5(path: string): AsyncGenerator<Picture> {
  {
    await using opened = await openFile(path)
    checkSuperblock(await readUpTo(opened.handle, 0, superblockBytes), opened.size, path)
  }
  const thread = await Hdf5Thread.take()
  try {
    const { names } = await thread.call(path, { do: 'open', path })
    for (const name of names!) {
      for (let i = 0, planes = 1; i < planes; i++) {
        const plane = (await thread.call(path, { do: 'read', name, plane: i })).plane!
        planes = plane.planes
        const source = `${path}#${name}${planes === 1 ? '' : `/${i}`}`
        yield picture(plane.pixels, plane.width, plane.height, { ...plane, source })
      }
    }
  } finally {
    await thread.giveBack()
  }
}

/**
 * Writes frames as datasets `pic_run<run>_ev<number>` (`<u2`, chunked, gzip level 1) with the attributes
 * `time`, `exposure`, `pixel_pitch` and `crc32`. Every dataset is read back before the file takes its name; on any failure
 * (GG_OUTPUT, or what `frames` throws) there is no file. Needs HDF5 1.10 or newer to read.
 */
export async function writeHdf5(
  path: string,
  frames: AsyncIterable<Frame> | Iterable<Frame>,
  options: WriteHdf5Options,
): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  const thread = await Hdf5Thread.take()
  const ask = (request: Hdf5Request): Promise<Hdf5Reply> =>
    thread.call(path, request).catch((error: unknown) => {
      throw writeFailure(path, error instanceof Error ? new Error(error.message) : error)
    })
  try {
    await ask({ do: 'create', path: draft })
    const written = new Map<string, number>()
    for await (const frame of frames) {
      const name = `pic_run${options.run}_ev${frame.number}`
      if (written.has(name)) throw twice(path, name)
      const { width, height, time, exposure, pixelPitch, photoelectron } = frame
      const pixels = frame.pixels.slice()
      const { crc32 } = await ask({
        do: 'append',
        name,
        pixels,
        width,
        height,
        time,
        exposure,
        pixelPitch,
        photoelectron,
      })
      written.set(name, crc32!)
    }
    await ask({ do: 'close' })
    for (const [name, crc32] of written) await ask({ do: 'verify', path: draft, name, crc32 })
    await ask({ do: 'close' })
    await rename(draft, path).catch((error: unknown) => {
      throw writeFailure(path, error)
    })
  } finally {
    await thread.giveBack()
    await rm(draft, { force: true })
  }
}

function twice(path: string, name: string): GemgateError {
  return new GemgateError('GG_OUTPUT', `would hold ${name} twice`, 'Give each frame its own number', {
    file: path,
  })
}
