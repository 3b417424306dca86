import type { Frame } from '../../frame/frame.ts'
import { encodeGreyPng } from '../../frame/png-encode.ts'
import { maskedSigma } from '../../trigger/pedestal-words.ts'
import type { Region } from '../../trigger/regions.ts'

/** A grey PNG of a part of a frame; overlays are drawn over it in frame pixels. */
export interface GreyPicture {
  readonly png: Uint8Array
  /** Size of the PNG. */
  readonly width: number
  readonly height: number
  /** Part of the frame that it shows, and frame pixels per PNG pixel. */
  readonly region: Region
  readonly scale: number
  /** ADU above pedestal shown as white. */
  readonly white: number
  /** ADU above pedestal from which on brightness grows more slowly; null: linear up to white. */
  readonly knee: number | null
}

/** What is subtracted before a picture is shown. */
export interface DarkLevel {
  /** Pedestal words (src/trigger/pedestal-words.ts) with their width; null: one level for all pixels. */
  readonly words: Uint32Array | null
  readonly width: number
  /** Used without words, ADU. */
  readonly level: number
  /** Typical noise of a pixel, ADU. */
  readonly sigma: number
}

/** The level of a frame from a pedestal, or without one from the median and the median deviation of its pixels. */
export function darkLevel(frame: Frame, pedestal?: { words: Uint32Array; width: number }): DarkLevel {
  if (pedestal !== undefined) {
    const sigmas = sample(pedestal.words, (word) => word >>> 20).filter((sigma) => sigma !== maskedSigma)
    return { ...pedestal, level: 0, sigma: Math.max(0.5, median(sigmas) / 16) }
  }
  const level = median(sample(frame.pixels, (pixel) => pixel))
  const sigma = 1.4826 * median(sample(frame.pixels, (pixel) => Math.abs(pixel - level)))
  return { words: null, width: frame.width, level, sigma: Math.max(1, sigma) }
}

/**
 * `region` averaged over `scale` x `scale` blocks. Black is one sigma below the dark level. White is
 * `whiteSigma` above it, or the 99.9 % quantile of the blocks or half of the 99.99 % quantile where that is more,
 * so that zero-suppressed pictures, whose noise is next to nothing, and small ones show more than black and
 * white; with `followPeak` at least 70 % of the brightest block. Where white is far above the noise brightness is
 * compressed (asinh), so that a faint recoil stays visible beside an alpha.
 */
export function renderRegion(
  frame: Frame,
  region: Region,
  scale: number,
  dark: DarkLevel,
  { whiteSigma = 8, followPeak = false } = {},
): GreyPicture {
  const width = Math.floor(region.width / scale)
  const height = Math.floor(region.height / scale)
  const pixels = new Float32Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = blockMean(frame, region.x + x * scale, region.y + y * scale, scale, dark)
  const sorted = pixels.slice().sort()
  const at = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0
  const peak = followPeak ? 0.7 * at(1) : 0
  const linear = whiteSigma * dark.sigma
  const white = Math.max(linear, at(0.999), 0.5 * at(0.9999), peak)
  const knee = white > 2 * linear ? Math.max(linear, white / mostCompression) : null
  if (knee !== null) for (let i = 0; i < pixels.length; i++) pixels[i] = knee * Math.asinh(pixels[i]! / knee)
  const shades = { black: -dark.sigma, white: knee === null ? white : knee * Math.asinh(white / knee) }
  const png = encodeGreyPng({ pixels, width, height }, shades)
  const shown = { x: region.x, y: region.y, width: width * scale, height: height * scale }
  return { png, width, height, region: shown, scale, white, knee }
}

/** White over knee at most: more would lift the noise of small signals to grey. */
const mostCompression = 8

/** Masked pixels do not count, as in the logic. */
function blockMean(frame: Frame, left: number, top: number, scale: number, dark: DarkLevel): number {
  let sum = 0
  let count = 0
  for (let y = top; y < top + scale; y++)
    for (let x = left; x < left + scale; x++) {
      const value = frame.pixels[y * frame.width + x]!
      const word = dark.words?.[y * dark.width + x]
      if (word === undefined) sum += value - dark.level
      else if (word >>> 20 === maskedSigma) continue
      else sum += value - (word & 0xfffff) / 16
      count++
    }
  return count === 0 ? 0 : sum / count
}

/** About 20 000 evenly spaced values. */
function sample(values: ArrayLike<number>, map: (value: number) => number): number[] {
  const step = Math.max(1, Math.floor(values.length / 20_000))
  const out: number[] = []
  for (let i = 0; i < values.length; i += step) out.push(map(values[i]!))
  return out
}

function median(values: number[]): number {
  if (values.length === 0) return 0
  return values.sort((a, b) => a - b)[values.length >> 1]!
}
