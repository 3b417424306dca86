import { readFile } from 'node:fs/promises'
import { corrupt, overLimit, wrongShape } from './file-errors.ts'
import type { Frame } from './frame.ts'
import { maxFramePixels } from './limits.ts'
import { openFile } from './open-file.ts'
import { type Picture, picture } from './picture.ts'
import { type PngContent, readPngContent } from './png-chunks.ts'

/**
 * One frame (number 0) from a PNG of 8- or 16-bit grey. RGB and RGBA are accepted when the channels are equal
 * and nothing is transparent; colour and palettes are refused (GG_FILE_SHAPE), because their ADU are unknown.
 */
export function decodePng(bytes: Uint8Array, file: string): Frame {
  return { ...decode(bytes, file), number: 0 }
}

export async function* readPng(path: string): AsyncGenerator<Picture> {
  {
    await using opened = await openFile(path)
    // 4 channels of 2 bytes, and as much again for filter bytes, chunk headers and text.
    if (opened.size > 16 * maxFramePixels) throw overLimit(path, `has ${opened.size} bytes`)
  }
  yield decode(await readFile(path), path)
}

function decode(bytes: Uint8Array, file: string): Picture {
  const content = readPngContent(bytes, file)
  const samples = unfilter(content, file)
  const pixels = toGrey(samples, content, file)
  return picture(pixels, content.width, content.height, { source: file, bitDepth: content.depth })
}

/** Undoes the scanline filters in place (W3C PNG, section 9); returns the samples without filter bytes. */
function unfilter(content: PngContent, file: string): Uint8Array<ArrayBuffer> {
  const { width, height, depth, channels, scanlines } = content
  const step = (channels * depth) / 8
  const line = width * step
  const out = new Uint8Array(line * height)
  for (let y = 0; y < height; y++) {
    const filter = scanlines[y * (line + 1)]!
    const from = y * (line + 1) + 1
    const to = y * line
    const above = y === 0 ? -1 : to - line
    if (filter > 4) throw corrupt(file, `has the unknown PNG filter ${filter} in row ${y}`)
    if (filter === 0 || (filter === 2 && above < 0)) {
      out.set(scanlines.subarray(from, from + line), to)
      continue
    }
    for (let i = 0; i < line; i++) {
      const left = i < step ? 0 : out[to + i - step]!
      const up = above < 0 ? 0 : out[above + i]!
      let guess = 0
      if (filter === 1) guess = left
      else if (filter === 2) guess = up
      else if (filter === 3) guess = (left + up) >> 1
      else guess = paeth(left, up, above < 0 || i < step ? 0 : out[above + i - step]!)
      out[to + i] = scanlines[from + i]! + guess
    }
  }
  return out
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner
  const a = Math.abs(p - left)
  const b = Math.abs(p - up)
  const c = Math.abs(p - corner)
  return a <= b && a <= c ? left : b <= c ? up : corner
}

function toGrey(bytes: Uint8Array<ArrayBuffer>, content: PngContent, file: string): Uint16Array {
  const { channels, depth, width, height } = content
  const samples = depth === 8 ? bytes : wide(bytes)
  const pixels = new Uint16Array(width * height)
  const opaque = depth === 8 ? 255 : 65535
  const alpha = channels === 2 || channels === 4
  for (let i = 0, k = 0; i < pixels.length; i++, k += channels) {
    const grey = samples[k]!
    if (channels >= 3 && (samples[k + 1] !== grey || samples[k + 2] !== grey)) throw notGrey('colour', i)
    if (alpha && samples[k + channels - 1] !== opaque) throw notGrey('transparency', i)
    pixels[i] = grey
  }
  return pixels

  function notGrey(what: string, i: number): Error {
    return wrongShape(
      file,
      `has ${what}, first in row ${Math.floor(i / width)}, column ${i % width}`,
      'A frame is grey: one number per pixel; pictures with a colour map cannot be turned back into ADU',
    )
  }
}

function wide(bytes: Uint8Array<ArrayBuffer>): Uint16Array {
  Buffer.from(bytes.buffer).swap16()
  return new Uint16Array(bytes.buffer)
}
