import { addLight, type Camera } from '../../sim/detector/index.ts'
import type { Random } from '../../src/core/random.ts'
import type { Deposit } from '../../src/frame/truth.ts'
import { settingsForRows } from '../../src/trigger/band.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'

/** Whole rows of the sensor: the datapath takes the common mode of a row from all of it. */
export interface Band {
  readonly firstRow: number
  readonly rows: number
}

/** Bands begin and end at multiples of this many rows, the grid of the trigger's gain map. */
const step = 32

/**
 * Rows around the light of a deposit: a crop of 32 macro-pixels of 4 around its centre lies inside. A cluster ends
 * where the filter falls below 3 sigma of the noise, so beyond the light it goes on by chance only, a few macro-pixels.
 */
const margin = 64

/** The rows that deposits can change; undefined when all are dark. */
export function litBand(
  deposits: readonly Deposit[],
  sensor: { readonly width: number; readonly height: number },
): Band | undefined {
  const lit = deposits.filter(({ pixels }) => pixels.length > 0)
  if (lit.length === 0) return undefined
  const row = (pixel: number): number => Math.floor(pixel / sensor.width)
  const first = Math.min(...lit.map(({ pixels }) => row(pixels[0]!))) - margin
  const last = Math.max(...lit.map(({ pixels }) => row(pixels.at(-1)!))) + margin
  const firstRow = Math.max(0, Math.floor(first / step) * step)
  return { firstRow, rows: Math.min(sensor.height, Math.ceil((last + 1) / step) * step) - firstRow }
}

/** One exposure of a band with the light of deposits in it. */
export function exposeBand(
  camera: Camera,
  deposits: readonly Deposit[],
  { firstRow, rows }: Band,
  random: Random,
): Uint16Array {
  const { width } = camera.geometry
  const pixels = camera.expose(random, { x: 0, y: firstRow, width, height: rows })
  for (const deposit of deposits)
    addLight(pixels, { ...deposit, pixels: deposit.pixels.map((pixel) => pixel - firstRow * width) })
  return pixels
}

/** The trigger's settings for a band; tiles belong to whole frames and are off. */
export function bandSettings(settings: TriggerSettings, { firstRow, rows }: Band): TriggerSettings {
  return settingsForRows(settings, firstRow / settings.binning, rows / settings.binning)
}

/** The pedestal words of a band. */
export function bandWords(words: Uint32Array, width: number, { firstRow, rows }: Band): Uint32Array {
  return words.subarray(firstRow * width, (firstRow + rows) * width)
}
