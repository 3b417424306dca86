import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { writeFailure } from '../core/write-failure.ts'
import { corrupt, overLimit, truncated, wrongShape } from './file-errors.ts'
import { encodeNpyNumbers } from './npy-array.ts'
import { parseNpyHeader } from './npy-header.ts'
import { openFile } from './open-file.ts'
import type { Pedestal } from './pedestal.ts'
import { checkGeometry } from './picture.ts'
import { decodeZip, encodeZip } from './zip.ts'

/** Largest pedestal file that is read, in bytes: 64 Mpixel of mean, sigma (8 bytes each) and mask. */
const mostBytes = 1.2e9

type Numbers = Float32Array | Float64Array | Uint8Array | Int32Array

/**
 * Writes the pedestal as .npz for `numpy.load`: `mean`, `sigma` (float32) and `hot` (uint8) of shape
 * [height, width], and `frames` (int32). Throws GG_OUTPUT; there is never half a file.
 */
export async function savePedestal(path: string, pedestal: Pedestal): Promise<void> {
  const shape = [pedestal.height, pedestal.width]
  const draft = `${path}.${process.pid}.part`
  try {
    const zip = encodeZip([
      ['mean.npy', encodeNpyNumbers(shape, pedestal.mean)],
      ['sigma.npy', encodeNpyNumbers(shape, pedestal.sigma)],
      ['hot.npy', encodeNpyNumbers(shape, pedestal.hot)],
      ['frames.npy', encodeNpyNumbers([], Int32Array.of(pedestal.frames))],
    ])
    await writeFile(draft, zip)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw writeFailure(path, error)
  }
}

/**
 * Reads a pedestal; also one made with `numpy.savez(path, mean=..., sigma=...)` or `savez_compressed`
 * (float32 or float64; `hot` as uint8 and `frames` may be absent). Throws the typed file errors.
 */
export async function loadPedestal(path: string): Promise<Pedestal> {
  {
    await using opened = await openFile(path)
    if (opened.size > mostBytes) throw overLimit(path, `has ${opened.size} bytes`)
  }
  const members = decodeZip(await readFile(path), path)
  const mean = arrayOf(members, 'mean', path)
  const sigma = arrayOf(members, 'sigma', path)
  if (mean === undefined || sigma === undefined)
    throw wrongShape(
      path,
      'has no arrays `mean` and `sigma`',
      'Save with numpy.savez(path, mean=..., sigma=...)',
    )
  const hot = arrayOf(members, 'hot', path)
  const [height, width] = mean.shape as [number, number]
  if (mean.shape.length !== 2 || !sameShape(mean, sigma) || (hot !== undefined && !sameShape(mean, hot)))
    throw wrongShape(
      path,
      'has arrays of different or other than two-dimensional shape',
      'Save maps [rows, columns]',
    )
  checkGeometry(path, width, height)
  const frames = arrayOf(members, 'frames', path)?.values[0] ?? 0
  return {
    width,
    height,
    mean: checked(mean.values, 0, 65535, 'mean', path),
    sigma: checked(sigma.values, 0, 65535, 'sigma', path),
    hot:
      hot === undefined
        ? new Uint8Array(width * height)
        : Uint8Array.from(hot.values, (v) => (v === 0 ? 0 : 1)),
    frames,
  }
}

interface NpyArray {
  readonly shape: readonly number[]
  readonly values: Numbers
}

function arrayOf(
  members: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  name: string,
  path: string,
): NpyArray | undefined {
  const bytes = members.get(`${name}.npy`)
  if (bytes === undefined) return undefined
  const file = `${path}#${name}`
  const { type, fortran, shape, dataOffset } = parseNpyHeader(bytes, file)
  const count = shape.reduce((product, n) => product * n, 1)
  if (dataOffset + count * type.bytes > bytes.length)
    throw truncated(file, 'is shorter than its shape', bytes.length)
  const makers: Readonly<Record<string, (buffer: ArrayBuffer) => Numbers>> = {
    f4: (buffer) => new Float32Array(buffer),
    f8: (buffer) => new Float64Array(buffer),
    u1: (buffer) => new Uint8Array(buffer),
    i4: (buffer) => new Int32Array(buffer),
  }
  const make = makers[`${type.kind}${type.bytes}`]
  if (make === undefined || !type.littleEndian || (fortran && shape.length > 1))
    throw wrongShape(
      file,
      'is stored in a way that is not read',
      'Save C-ordered float32, and uint8 for `hot`',
    )
  return { shape, values: make(bytes.slice(dataOffset, dataOffset + count * type.bytes).buffer) }
}

function sameShape(a: NpyArray, b: NpyArray): boolean {
  return b.shape.length === 2 && a.shape[0] === b.shape[0] && a.shape[1] === b.shape[1]
}

function checked(values: Numbers, low: number, high: number, name: string, path: string): Float32Array {
  const result = values instanceof Float32Array ? values : Float32Array.from(values)
  for (let i = 0; i < result.length; i++)
    if (!(result[i]! >= low && result[i]! <= high))
      throw corrupt(path, `has ${name}[${i}] = ${result[i]}, which is no ADU (${low} to ${high})`)
  return result
}
