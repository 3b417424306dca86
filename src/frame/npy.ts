import { writeFile } from 'node:fs/promises'
import { writeFailure } from '../core/write-failure.ts'
import { readExactly, readUpTo } from './file-bytes.ts'
import { corrupt, truncated, wrongShape } from './file-errors.ts'
import type { Frame } from './frame.ts'
import { formatNpyHeader, type NpyHeader, npyHeaderBytes, parseNpyHeader } from './npy-header.ts'
import { openFile } from './open-file.ts'
import { checkGeometry, type Picture, picture } from './picture.ts'
import { bitDepthOf, toAdu } from './samples.ts'

/** The bytes of an .npy file (version 1.0, `<u2`, C order, shape [height, width]). */
export function encodeNpy(frame: Pick<Frame, 'pixels' | 'width' | 'height'>): Uint8Array<ArrayBuffer> {
  const header = formatNpyHeader('<u2', [frame.height, frame.width])
  const bytes = new Uint8Array(header.length + frame.pixels.byteLength)
  bytes.set(header)
  bytes.set(
    new Uint8Array(frame.pixels.buffer, frame.pixels.byteOffset, frame.pixels.byteLength),
    header.length,
  )
  return bytes
}

/** Writes one frame as .npy; GG_OUTPUT when that fails. */
export async function writeNpy(path: string, frame: Frame): Promise<void> {
  await writeFile(path, encodeNpy(frame)).catch((error: unknown) => {
    throw writeFailure(path, error)
  })
}

/** One frame (number 0) from the bytes of an .npy file that holds a 2D array; `file` is its name in errors. */
export function decodeNpy(bytes: Uint8Array, file: string): Frame {
  const header = parseNpyHeader(bytes, file)
  const plan = planes(header, file, bytes.length)
  if (plan.count !== 1 || header.shape.length !== 2)
    throw wrongShape(
      file,
      `holds an array of shape (${header.shape.join(', ')})`,
      'Decode one picture at a time',
    )
  return { ...plane(bytes.subarray(header.dataOffset), header, plan, file, 0, false), number: 0 }
}

/**
 * The pictures of an .npy file: one for a 2D array [rows, columns], n for a 3D array [n, rows, columns].
 * The sizes of file and array must agree to the byte; pixels are read one picture at a time.
 */
export async function* readNpy(path: string): AsyncGenerator<Picture> {
  await using opened = await openFile(path)
  const { handle, size } = opened
  const header = parseNpyHeader(await readUpTo(handle, 0, Math.min(size, npyHeaderBytes)), path)
  const plan = planes(header, path, size)
  for (let i = 0; i < plan.count; i++) {
    const bytes = await readExactly(handle, header.dataOffset + i * plan.bytes, plan.bytes, path)
    yield plane(bytes, header, plan, path, i, true)
  }
}

interface Planes {
  readonly count: number
  readonly width: number
  readonly height: number
  /** Bytes of one plane. */
  readonly bytes: number
}

function planes(header: NpyHeader, file: string, size: number): Planes {
  const { shape, dataOffset } = header
  if (shape.length !== 2 && !(shape.length === 3 && !header.fortran))
    throw wrongShape(
      file,
      `holds a ${shape.length}-dimensional array${header.fortran ? ' in Fortran order' : ''}`,
      'Save one picture as [rows, columns] or several as [n, rows, columns] in C order (np.ascontiguousarray)',
    )
  const [height, width] = shape.slice(-2) as [number, number]
  checkGeometry(file, width, height)
  const count = shape.length === 3 ? shape[0]! : 1
  const bytes = width * height * header.type.bytes
  const end = dataOffset + bytes * count
  if (size < end)
    throw truncated(file, `announces ${bytes * count} bytes of samples and has ${size - dataOffset}`, size)
  if (size > end) throw corrupt(file, `goes on for ${size - end} bytes after its array`, end)
  return { count, width, height, bytes }
}

function plane(
  bytes: Uint8Array,
  header: NpyHeader,
  plan: Planes,
  file: string,
  index: number,
  adopt: boolean,
): Picture {
  const { width, height, count } = plan
  const place = { file, offset: header.dataOffset + index * plan.bytes }
  const pixels = toAdu(bytes, header.type, place, adopt)
  return picture(header.fortran ? transpose(pixels, width, height) : pixels, width, height, {
    source: count === 1 ? file : `${file}#${index}`,
    bitDepth: bitDepthOf(header.type),
  })
}

/** Column-major to row-major, in blocks so that both sides stay in the cache. */
function transpose(columns: Uint16Array, width: number, height: number): Uint16Array {
  const rows = new Uint16Array(columns.length)
  const block = 32
  for (let y0 = 0; y0 < height; y0 += block) {
    const y1 = Math.min(y0 + block, height)
    for (let x0 = 0; x0 < width; x0 += block) {
      const x1 = Math.min(x0 + block, width)
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++) rows[y * width + x] = columns[x * height + y]!
    }
  }
  return rows
}
