import { extname } from 'node:path'
import { gunzipSource } from './byte-source.ts'
import { readUpTo } from './file-bytes.ts'
import { findHdf5, superblockBytes } from './hdf5-superblock.ts'
import { isMidas } from './midas-event.ts'
import { isNpy } from './npy-header.ts'
import { openFile } from './open-file.ts'
import { isPng } from './png-chunks.ts'

export type FrameFormat = 'npy' | 'png' | 'hdf5' | 'midas' | 'midas-gzip'

/** What a file is: a format that is read, or what else it is, for people. */
export interface Detected {
  readonly format?: FrameFormat
  /** Only where `format` is absent: `a zip archive (npz)`, `unknown data`, … */
  readonly other?: string
}

/** Signatures of files that people have in such folders and that hold no frame, or need conversion first. */
const others: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive (an .npz pedestal?)'],
  [[0x49, 0x49, 0x2a, 0x00], 'a TIFF picture, which is not read: save it as npy or 16-bit PNG'],
  [[0x4d, 0x4d, 0x00, 0x2a], 'a TIFF picture, which is not read: save it as npy or 16-bit PNG'],
  [[0x72, 0x6f, 0x6f, 0x74], 'a ROOT file, which is not read: save its pictures as npy or HDF5'],
  [[0x04, 0x22, 0x4d, 0x18], 'compressed with lz4: decompress it with `unlz4`'],
  [[0x42, 0x5a, 0x68], 'compressed with bzip2: decompress it with `bunzip2`'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture, whose pixels are no ADU'],
]

const byExtension: Readonly<Record<string, FrameFormat>> = {
  '.npy': 'npy',
  '.png': 'png',
  '.h5': 'hdf5',
  '.hdf5': 'hdf5',
  '.mid': 'midas',
}

/**
 * Looks at the first bytes, then at the name. A file whose name promises a format is given to that reader
 * even when its first bytes are damaged, so that the error tells what is wrong with them.
 */
export async function detectFormat(path: string): Promise<Detected> {
  let head: Uint8Array
  {
    await using opened = await openFile(path)
    head = await readUpTo(opened.handle, 0, Math.min(superblockBytes, opened.size))
  }
  if (isNpy(head)) return { format: 'npy' }
  if (isPng(head)) return { format: 'png' }
  if (findHdf5(head) !== undefined) return { format: 'hdf5' }
  if (head[0] === 0x1f && head[1] === 0x8b) {
    if (/\.mid\.gz$/i.test(path) || (await gunzipsToMidas(path))) return { format: 'midas-gzip' }
    return { other: 'gzip, and no MIDAS run inside' }
  }
  for (const [magic, what] of others) if (magic.every((value, i) => head[i] === value)) return { other: what }
  const named = byExtension[extname(path).toLowerCase()]
  if (named !== undefined) return { format: named }
  if (/\.mid\.gz$/i.test(path)) return { format: 'midas-gzip' }
  return isMidas(head) ? { format: 'midas' } : { other: 'no format that is read (npy, PNG, HDF5, MIDAS)' }
}

async function gunzipsToMidas(path: string): Promise<boolean> {
  const source = gunzipSource(path)
  try {
    const head = new Uint8Array(24)
    return isMidas(head.subarray(0, await source.read(head)))
  } catch {
    return false
  } finally {
    await source.close()
  }
}
