import type { ErrorCode } from '../core/errors.ts'

/** What the thread that runs the HDF5 library is asked; it holds one file at a time. */
export type Hdf5Request =
  | { readonly do: 'open'; readonly path: string }
  | { readonly do: 'read'; readonly name: string; readonly plane: number }
  | { readonly do: 'create'; readonly path: string }
  | ({ readonly do: 'append' } & Hdf5Dataset)
  | { readonly do: 'verify'; readonly path: string; readonly name: string; readonly crc32: number }
  | { readonly do: 'close' }

/** One picture to write as a chunked, gzip-compressed dataset [height, width] of `<u2`. */
export interface Hdf5Dataset {
  readonly name: string
  readonly pixels: Uint16Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly time: number
  readonly exposure: number
  /** Object-plane width of a pixel in mm, where known. */
  readonly pixelPitch: number | undefined
  /** ADU of one detected photon, where known. */
  readonly photoelectron: number | undefined
}

/** One picture read. */
export interface Hdf5Plane {
  readonly pixels: Uint16Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly bitDepth: number
  readonly time: number
  readonly exposure: number
  readonly pixelPitch: number | undefined
  readonly photoelectron: number | undefined
  /** Pictures in this dataset: 1 for a 2D dataset, n for 3D [n, rows, columns]. */
  readonly planes: number
}

/** A GemgateError that crosses the thread boundary; `fatal` when the library must not be used again. */
export interface Hdf5Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
  /** `path#dataset` where it concerns one dataset. */
  readonly place: string | undefined
  readonly fatal: boolean
}

/** `names` answers `open`, `plane` answers `read`, `crc32` answers `append`. */
export interface Hdf5Reply {
  readonly names?: readonly string[]
  readonly plane?: Hdf5Plane
  readonly crc32?: number
  readonly failure?: Hdf5Failure
}
