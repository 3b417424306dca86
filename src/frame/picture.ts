import { overLimit, wrongShape } from './file-errors.ts'
import type { Frame } from './frame.ts'
import { maxFramePixels } from './limits.ts'

/** A frame before it is numbered: readers make pictures, `readFrames` numbers them. */
export type Picture = Omit<Frame, 'number'>

/** What a reader knows about a picture besides its pixels. */
export interface PictureOrigin {
  readonly source: string
  readonly bitDepth: number
  readonly time?: number
  readonly exposure?: number
  readonly pixelPitch?: number | undefined
  readonly photoelectron?: number | undefined
}

export function picture(pixels: Uint16Array, width: number, height: number, origin: PictureOrigin): Picture {
  return {
    pixels,
    width,
    height,
    bitDepth: origin.bitDepth,
    pixelOrder: 'row-major',
    time: origin.time ?? 0,
    exposure: origin.exposure ?? 0,
    source: origin.source,
    ...(origin.pixelPitch === undefined ? {} : { pixelPitch: origin.pixelPitch }),
    ...(origin.photoelectron === undefined ? {} : { photoelectron: origin.photoelectron }),
  }
}

/** Refuses empty and oversized geometries before anything is allocated for them. */
export function checkGeometry(file: string, width: number, height: number, offset?: number): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0))
    throw wrongShape(
      file,
      `announces a picture of ${width} x ${height} pixels`,
      'A frame needs at least one row and one column',
      offset,
    )
  if (width * height > maxFramePixels)
    throw overLimit(
      file,
      `announces ${width} x ${height} pixels; the limit is ${maxFramePixels} pixels a frame`,
      offset,
    )
}
