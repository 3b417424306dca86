import { encode } from 'fast-png'
import type { Frame } from './frame.ts'

/** A drawing of 8-bit RGB, `3 * width * height` bytes, row-major. */
export interface RgbPicture {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** What is shown as black and as white, in ADU (white above black). */
export interface Contrast {
  readonly black: number
  readonly white: number
}

/** A box in pixels; `x1` and `y1` are the last column and row inside it. */
export interface Box {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

type Pixels = Pick<Frame, 'width' | 'height'> & { readonly pixels: ArrayLike<number> }

/** PNG of 16-bit grey: lossless, readable by `readFrames`. */
export function encodePng16(frame: Pick<Frame, 'pixels' | 'width' | 'height'>): Uint8Array {
  return encode({ width: frame.width, height: frame.height, data: frame.pixels, depth: 16, channels: 1 })
}

/** PNG of 8-bit grey for people: ADU mapped linearly, clipped at `black` and `white`. */
export function encodeGreyPng(frame: Pixels, contrast: Contrast): Uint8Array {
  const data = toGrey8(frame, contrast)
  return encode({ width: frame.width, height: frame.height, data, depth: 8, channels: 1 })
}

/** The frame as an RGB picture to draw boxes on, with the same mapping as `encodeGreyPng`. */
export function toRgb(frame: Pixels, contrast: Contrast): RgbPicture {
  const grey = toGrey8(frame, contrast)
  const data = new Uint8Array(grey.length * 3)
  for (let i = 0, k = 0; i < grey.length; i++, k += 3) data[k] = data[k + 1] = data[k + 2] = grey[i]!
  return { data, width: frame.width, height: frame.height }
}

/** PNG of 8-bit RGB. */
export function encodeRgbPng(picture: RgbPicture): Uint8Array {
  return encode({ width: picture.width, height: picture.height, data: picture.data, depth: 8, channels: 3 })
}

/** Draws the outline of a box, one pixel wide, clipped to the picture. */
export function drawBox(picture: RgbPicture, box: Box, colour: readonly [number, number, number]): void {
  for (let x = box.x0; x <= box.x1; x++) {
    plot(picture, x, box.y0, colour)
    plot(picture, x, box.y1, colour)
  }
  for (let y = box.y0; y <= box.y1; y++) {
    plot(picture, box.x0, y, colour)
    plot(picture, box.x1, y, colour)
  }
}

/**
 * Black and white points that show noise and tracks: the 1 % and 99.9 % quantiles of the pixels, at least
 * one ADU apart. Takes at most about 100 000 pixels, evenly spaced.
 */
export function autoContrast(frame: Pixels): Contrast {
  const step = Math.max(1, Math.floor(frame.pixels.length / 100_000))
  const sample = new Float64Array(Math.ceil(frame.pixels.length / step))
  for (let i = 0, k = 0; i < sample.length; i++, k += step) sample[i] = frame.pixels[k]!
  sample.sort()
  const black = sample[Math.floor(0.01 * (sample.length - 1))]!
  return { black, white: Math.max(black + 1, sample[Math.floor(0.999 * (sample.length - 1))]!) }
}

function toGrey8(frame: Pixels, { black, white }: Contrast): Uint8Array {
  const { pixels } = frame
  const data = new Uint8Array(frame.width * frame.height)
  const scale = 255 / (white - black)
  for (let i = 0; i < data.length; i++) {
    const value = (pixels[i]! - black) * scale
    data[i] = value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5
  }
  return data
}

function plot(picture: RgbPicture, x: number, y: number, colour: readonly [number, number, number]): void {
  if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return
  picture.data.set(colour, 3 * (y * picture.width + x))
}
