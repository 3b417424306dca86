import nodeFs from 'node:fs'
import { crc32 } from 'node:zlib'
import { Dataset, File, Module, ready } from 'h5wasm/node'
import { GemgateError } from '../core/errors.ts'
import { corrupt, overLimit, wrongShape } from './file-errors.ts'
import type { Hdf5Dataset, Hdf5Plane } from './hdf5-messages.ts'
import { checkGeometry } from './picture.ts'
import { bitDepthOf, type SampleType, toAdu } from './samples.ts'

/** Names of CYGNO's HDF5 tier: `pic_run00001_ev0`. */
const pictureName = /^pic_run(\d+)_ev(\d+)$/

/** Datasets looked at in a file without CYGNO's names: enough for any, and an end for a looping file. */
const mostObjects = 100_000

/**
 * HDF5 through h5wasm, for use inside the HDF5 thread only: damaged files may trap or loop inside the
 * library. h5wasm ignores the status of a failed read and hands out whatever was in memory, so pixels are
 * read here with `get_dataset_data` and its status checked.
 */
export class Hdf5Library {
  #file: File | undefined
  #path = ''
  /** The innermost reason of the last failure inside the library. */
  #diagnosis = ''
  /** What the library wrote of a line that is not yet complete. */
  #unread = ''

  static async load(): Promise<Hdf5Library> {
    await ready
    return new Hdf5Library()
  }

  private constructor() {
    // The library writes its error stack to descriptor 2; keep its last line as the reason instead.
    const write = nodeFs.writeSync as (...args: unknown[]) => number
    const capture = (...args: unknown[]): number => {
      const [descriptor, data, from, length] = args
      if (descriptor !== 2 || !ArrayBuffer.isView(data)) return write(...args)
      const bytes = new Uint8Array(data.buffer, data.byteOffset + Number(from), Number(length))
      this.#note(Buffer.from(bytes).toString('latin1'))
      return bytes.length
    }
    nodeFs.writeSync = capture as typeof nodeFs.writeSync
  }

  #note(text: string): void {
    this.#unread = (this.#unread + text).slice(-4096)
    for (const [, reason] of this.#unread.matchAll(/#\d+: .*\(\): (.*)\n/g)) this.#diagnosis = reason!
    this.#unread = this.#unread.slice(this.#unread.lastIndexOf('\n') + 1)
  }

  /** The library's own reason for its last failure, empty when it gave none. */
  get diagnosis(): string {
    return this.#diagnosis
  }

  /** Opens for reading; returns the names of the datasets that hold pictures, in order. */
  open(path: string): string[] {
    this.#diagnosis = ''
    this.#path = path
    this.#file = new File(path, 'r')
    if (!(this.#file.file_id > 0n)) {
      this.#file = undefined
      throw this.#damaged('cannot be opened')
    }
    const names = this.#file.keys()
    const pictures = names.filter((name) => pictureName.test(name))
    if (pictures.length > 0) return pictures.sort(byRunAndEvent)
    const others = this.#file
      .paths()
      .slice(0, mostObjects)
      .filter((name) => this.#holdsIntegers(name))
    if (others.length > 0) return others.sort()
    if (this.#diagnosis !== '') throw this.#damaged('cannot be listed')
    throw wrongShape(
      path,
      'has no picture: no dataset pic_runN_evM and no 2D or 3D dataset of integers',
      'Store each picture as a 2D dataset of integers, or let gemgate write the file',
    )
  }

  read(name: string, plane: number): Hdf5Plane {
    this.#diagnosis = ''
    const place = `${this.#path}#${name}`
    const dataset = this.#dataset(name)
    const { shape, type, planes } = this.#describe(dataset, place)
    const [height, width] = shape
    const count = planes === undefined ? [height, width] : [1, height, width]
    const offset = planes === undefined ? [0, 0] : [plane, 0, 0]
    const bytes = this.#samples(dataset, name, type.bytes, count, offset, planes)
    const pixels = toAdu(bytes, type, { file: place }, true) as Uint16Array<ArrayBuffer>
    const expected = this.#attribute(dataset, 'crc32')
    if (expected !== undefined && planes === undefined && crc32(new Uint8Array(pixels.buffer)) !== expected)
      throw corrupt(place, 'has pixels that contradict their checksum')
    return {
      pixels,
      width,
      height,
      bitDepth: bitDepthOf(type),
      time: this.#attribute(dataset, 'time') ?? 0,
      exposure: this.#attribute(dataset, 'exposure') ?? 0,
      pixelPitch: this.#attribute(dataset, 'pixel_pitch'),
      photoelectron: this.#attribute(dataset, 'photoelectron'),
      planes: planes ?? 1,
    }
  }

  create(path: string): void {
    this.#diagnosis = ''
    this.#path = path
    // Since format 1.10 all structure carries checksums; older forms do not notice a changed byte.
    this.#file = new File(path, 'w', { libver: ['v110', 'v110'] })
    if (!(this.#file.file_id > 0n)) {
      this.#file = undefined
      throw this.#unwritable()
    }
  }

  /** Writes one dataset and returns the CRC-32 of its pixels (little-endian bytes). */
  append({ name, pixels, width, height, time, exposure, pixelPitch, photoelectron }: Hdf5Dataset): number {
    const sum = crc32(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    const dataset = this.#file!.create_dataset({
      name,
      data: pixels,
      shape: [height, width],
      dtype: '<H',
      chunks: [Math.ceil(height / 8), width],
      compression: 'gzip',
      compression_opts: 1,
    })
    dataset.create_attribute('time', time, [], '<d')
    dataset.create_attribute('exposure', exposure, [], '<d')
    if (pixelPitch !== undefined) dataset.create_attribute('pixel_pitch', pixelPitch, [], '<d')
    if (photoelectron !== undefined) dataset.create_attribute('photoelectron', photoelectron, [], '<d')
    dataset.create_attribute('crc32', sum, [], '<I')
    if (this.#diagnosis !== '') throw this.#unwritable()
    return sum
  }

  /** Reads a written dataset back; GG_OUTPUT if it is not what was written. */
  verify(path: string, name: string, sum: number): void {
    if (this.#file === undefined || this.#path !== path) {
      this.close()
      this.open(path)
    }
    const { pixels } = this.read(name, 0)
    if (crc32(new Uint8Array(pixels.buffer)) !== sum) throw this.#unwritable()
  }

  close(): void {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined && file.close() < 0) throw this.#damaged('cannot be closed')
  }

  #dataset(name: string): Dataset {
    const entity = this.#file!.get(name)
    // Also refuses links into other files: a frame comes from the file that was named.
    if (!(entity instanceof Dataset)) throw this.#damaged(`has no dataset ${name}`)
    return entity
  }

  #describe(dataset: Dataset, place: string) {
    const { metadata } = dataset
    const { H5T_INTEGER, H5T_FLOAT } = Module.H5T_class_t
    const { shape, size } = metadata
    if (shape === null || (shape.length !== 2 && shape.length !== 3))
      throw wrongShape(place, `has ${shape?.length ?? 0} dimensions`, 'A picture has two: [rows, columns]')
    const integer = metadata.type === H5T_INTEGER.value
    const float = metadata.type === H5T_FLOAT.value
    if (!(integer && [1, 2, 4, 8].includes(size)) && !(float && (size === 4 || size === 8)))
      throw wrongShape(
        place,
        'does not hold numbers of a size that is read',
        'Store integers or 32/64-bit floats',
      )
    if ((metadata.virtual_sources?.length ?? 0) > 0)
      throw wrongShape(place, 'is a virtual dataset', 'Read the files that it refers to')
    const [height, width] = shape.slice(-2) as [number, number]
    checkGeometry(place, width, height)
    const chunk = metadata.chunks?.reduce((product, n) => product * n, size) ?? 0
    if (chunk > 8 * 64 * 1024 * 1024) throw overLimit(place, `has chunks of ${chunk} bytes`)
    const type: SampleType = {
      kind: float ? 'f' : metadata.signed ? 'i' : 'u',
      bytes: size as SampleType['bytes'],
      littleEndian: metadata.littleEndian,
    }
    return { shape: [height, width] as const, type, planes: shape.length === 3 ? shape[0]! : undefined }
  }

  #samples(
    dataset: Dataset,
    name: string,
    size: number,
    count: readonly number[],
    offset: readonly number[],
    planes: number | undefined,
  ): Uint8Array<ArrayBuffer> {
    if (planes === 0) throw wrongShape(`${this.#path}#${name}`, 'holds no picture', 'Write at least one')
    const length = count.reduce((product, n) => product * n, size)
    const pointer = Module._malloc(length)
    if (pointer === 0) throw overLimit(`${this.#path}#${name}`, `needs ${length} bytes`)
    try {
      const status = Module.get_dataset_data(
        dataset.file_id,
        dataset.path,
        count.map(BigInt),
        offset.map(BigInt),
        count.map(() => 1n),
        BigInt(pointer),
      )
      if (status < 0 || this.#diagnosis !== '') throw this.#damaged(`has an unreadable dataset ${name}`)
      return Module.HEAPU8.slice(pointer, pointer + length) as Uint8Array<ArrayBuffer>
    } finally {
      Module._free(pointer)
    }
  }

  #holdsIntegers(name: string): boolean {
    const entity = this.#file!.get(name)
    if (!(entity instanceof Dataset)) return false
    const { type, shape } = entity.metadata
    return type === Module.H5T_class_t.H5T_INTEGER.value && (shape?.length === 2 || shape?.length === 3)
  }

  #attribute(dataset: Dataset, name: string): number | undefined {
    // By name: h5wasm's `attrs` fails as a whole when any other attribute has a type that it does not know.
    if (!Module.get_attribute_names(dataset.file_id, dataset.path).includes(name)) return undefined
    const value = dataset.get_attribute(name, false)
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }

  #damaged(what: string): GemgateError {
    return corrupt(this.#path, `${what}${this.#diagnosis === '' ? '' : ` (HDF5: ${this.#diagnosis})`}`)
  }

  #unwritable(): GemgateError {
    const reason = this.#diagnosis === '' ? 'the library refused' : this.#diagnosis
    return new GemgateError(
      'GG_OUTPUT',
      `cannot be written (HDF5: ${reason})`,
      'Check that the folder exists, is writable and has space left',
      { file: this.#path },
    )
  }
}

function byRunAndEvent(a: string, b: string): number {
  const [, runA, eventA] = pictureName.exec(a)!
  const [, runB, eventB] = pictureName.exec(b)!
  return Number(runA) - Number(runB) || Number(eventA) - Number(eventB) || (a < b ? -1 : 1)
}
