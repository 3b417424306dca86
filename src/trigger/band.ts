import { GemgateError } from '../core/errors.ts'
import { cellCount, type TriggerSettings } from './settings.ts'

/**
 * The settings with which rows `first` ... `first + rows - 1` of macro-pixels give, alone, the clusters that they give
 * in a whole frame (up to the reach of filter and links at the cut). Tiles are off: they would be other tiles.
 * Throws GG_SETTINGS when `first` cuts through a region of the gain map.
 */
export function settingsForRows(settings: TriggerSettings, first: number, rows: number): TriggerSettings {
  const height = rows * settings.binning
  if (settings.gains === null) return { ...settings, height, tiles: null }
  const { columnsLog2, rowsLog2, gain } = settings.gains
  if (first & ((1 << rowsLog2) - 1))
    throw new GemgateError(
      'GG_SETTINGS',
      `a band that begins at row ${first} of macro-pixels cuts through a region of ${1 << rowsLog2} rows`,
      `Begin at a multiple of ${1 << rowsLog2}.`,
    )
  const cells = cellCount(settings.width / settings.binning, columnsLog2)
  const from = (first >> rowsLog2) * cells
  const gains = { columnsLog2, rowsLog2, gain: gain.slice(from, from + cells * cellCount(rows, rowsLog2)) }
  return { ...settings, height, gains, tiles: null }
}
