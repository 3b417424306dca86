import type { Noise } from './calibration-options.ts'
import { maskedSigma } from './pedestal-words.ts'
import { binFrame } from './pixel-stage.ts'
import type { Preprocessor } from './preprocessor.ts'
import { cellCount, limits, type RegionGains, type TriggerSettings, unitGain } from './settings.ts'

/** Macro-pixels beyond this many standard deviations are light, not noise. */
const lightSigma = 5

/** 1 for macro-pixels with a pixel that the pedestal does not mask: the others are silent, not quiet. */
export function liveMacroPixels(
  { width, height, binning }: Pick<TriggerSettings, 'width' | 'height' | 'binning'>,
  pedestal: Uint32Array,
): Uint8Array {
  const columns = width / binning
  const live = new Uint8Array(columns * (height / binning))
  pedestal.forEach((word, i) => {
    if (word >>> 20 === maskedSigma) return
    live[Math.floor(i / width / binning) * columns + Math.floor((i % width) / binning)] = 1
  })
  return live
}

/** Standard deviation about 0 of live macro-pixels most of which are noise: light, far out, does not count. */
export function clippedSigma(values: Int32Array, live: Uint8Array): number {
  const magnitudes = values
    .filter((_, i) => live[i] === 1)
    .map(Math.abs)
    .sort()
  // The median magnitude of Gaussian noise is 0.6745 sigma.
  const rough = Math.max(1, magnitudes[magnitudes.length >> 1]! / 0.6745)
  let sum = 0
  let count = 0
  for (const magnitude of magnitudes) {
    if (magnitude > lightSigma * rough) break
    sum += magnitude * magnitude
    count++
  }
  return Math.sqrt(sum / Math.max(1, count))
}

/** Contents and weighted sums of the macro-pixels of one frame. */
export function macroNoise(
  settings: TriggerSettings,
  pedestal: Uint32Array,
  frame: Noise,
): { content: Int32Array; search: Int32Array } {
  const macroPixels = (settings.width * settings.height) / settings.binning ** 2
  const content = new Int32Array(macroPixels)
  const search = new Int32Array(macroPixels)
  binFrame(frame, pedestal, settings, content, search)
  return { content, search }
}

/**
 * Offset and standard deviation of the noise in the filter output, robust against tracks. After a pedestal run the noise
 * has no offset. `skewed` is for pictures that cut the noise off at black: median, and the larger of both sides, because
 * only fluctuations upwards make clusters.
 */
export function filterNoise(
  settings: TriggerSettings,
  pedestal: Uint32Array,
  frames: readonly Noise[],
  preprocessor: Preprocessor,
  live: Uint8Array,
  skewed = false,
): { offset: number; sigma: number } {
  const measured = frames.map((pixels) => {
    const { filtered } = preprocessor.process(pixels, pedestal, settings)
    return skewed ? upperNoise(filtered) : { offset: 0, sigma: clippedSigma(filtered, live) }
  })
  return { offset: median(measured.map((m) => m.offset)), sigma: median(measured.map((m) => m.sigma)) }
}

function upperNoise(filtered: Int32Array): { offset: number; sigma: number } {
  const values = Int32Array.from(filtered).sort()
  const offset = values[values.length >> 1]!
  const deviations = values.map((value) => Math.abs(value - offset)).sort()
  const symmetric = 1.4826 * deviations[deviations.length >> 1]!
  const upper = values[Math.floor(0.8413 * values.length)]! - offset
  // An upper side much longer than that is light: a track that fills a sixth of the picture.
  return { offset, sigma: upper > 3 * symmetric ? symmetric : Math.max(upper, symmetric) }
}

/** Region of the gain map in macro-pixels: wide, because sensors glow in bands along their rows. */
const region = { columnsLog2: 6, rowsLog2: 3 } as const

/**
 * The gains that give every region the noise of the typical one, and that noise. Frames must be without light. A
 * region's noise is smoothed with that of its neighbours, weights 1 2 1 each way: 8 frames then tell it to 1.5 %.
 * @param maximumRegions for logic with room for fewer: regions grow until there are no more than these; 1 to 1024
 */
export function regionGains(
  settings: TriggerSettings,
  pedestal: Uint32Array,
  frames: readonly Noise[],
  preprocessor: Preprocessor,
  live: Uint8Array,
  maximumRegions: number = limits.maximumCells,
): { sigma: number; gains: RegionGains } {
  const columns = settings.width / settings.binning
  const rows = settings.height / settings.binning
  let { columnsLog2, rowsLog2 }: { columnsLog2: number; rowsLog2: number } = region
  while (cellCount(columns, columnsLog2) * cellCount(rows, rowsLog2) > maximumRegions) {
    rowsLog2++
    if (cellCount(columns, columnsLog2) * cellCount(rows, rowsLog2) > maximumRegions) columnsLog2++
  }
  const across = cellCount(columns, columnsLog2)
  const down = cellCount(rows, rowsLog2)
  const squares = new Float64Array(across * down)
  const counts = new Float64Array(across * down)
  for (const pixels of frames) {
    const { filtered } = preprocessor.process(pixels, pedestal, settings)
    // A region can be several times as noisy as the median.
    const limit = 4 * lightSigma * clippedSigma(filtered, live)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const value = filtered[y * columns + x]!
        if (live[y * columns + x] === 0 || Math.abs(value) > limit) continue
        const cell = (y >> rowsLog2) * across + (x >> columnsLog2)
        squares[cell]! += value * value
        counts[cell]!++
      }
  }
  const variance = smooth(squares, counts, across, down)
  const sigma = Math.max(1, Math.sqrt(median([...variance].filter((v) => v > 0))))
  const gain = Uint16Array.from(variance, (v) =>
    v === 0 ? unitGain : Math.min(Math.round((unitGain * sigma) / Math.max(1, Math.sqrt(v))), 65535),
  )
  return { sigma, gains: { columnsLog2, rowsLog2, gain } }
}

/** Mean squares per region, with the neighbours' weighted 1 2 1 each way; 0 where nothing is live. */
function smooth(squares: Float64Array, counts: Float64Array, across: number, down: number): Float64Array {
  return squares.map((_, cell) => {
    const cx = cell % across
    const cy = Math.floor(cell / across)
    let sum = 0
    let count = 0
    for (let y = Math.max(0, cy - 1); y <= Math.min(down - 1, cy + 1); y++)
      for (let x = Math.max(0, cx - 1); x <= Math.min(across - 1, cx + 1); x++) {
        const weight = (x === cx ? 2 : 1) * (y === cy ? 2 : 1)
        sum += weight * squares[y * across + x]!
        count += weight * counts[y * across + x]!
      }
    return sum / Math.max(1, count)
  })
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0
}
