import { cellCount, type TriggerSettings, tileCount } from '../trigger/settings.ts'
import { type RegisterName, tables } from './registers.ts'

/** The register writes, in order, that bring the logic to `settings`. */
export function settingsRegisters(settings: TriggerSettings): [RegisterName, number][] {
  const { tiles, weights, commonMode, gains } = settings
  const writes: [RegisterName, number][] = [
    ['width', settings.width],
    ['height', settings.height],
    ['binning', settings.binning],
    ['clip_low', settings.clipLow],
    ['clip_high', settings.clipHigh],
    ['weight_enable', weights === null ? 0 : 1],
    ['common_enable', commonMode === null ? 0 : 1],
    ['gain_enable', gains === null ? 0 : 1],
    ['threshold_low', settings.thresholdLow],
    ['threshold_high', settings.thresholdHigh],
    ['link', settings.link],
    ['minimum_pixels', settings.minimumPixels],
    ['tile_enable', tiles === null ? 0 : 1],
  ]
  const fill = (table: number, words: Iterable<number>): void => {
    writes.push(['table', table])
    for (const word of words) writes.push(['table_word', word])
  }
  if (weights !== null) {
    writes.push(['weight_shift', weights.shift])
    fill(
      tables.pixelWeights,
      Array.from(weights.table, (weight) => weight & 0xfff),
    )
  }
  if (commonMode !== null)
    writes.push(['common_content', commonMode.content], ['common_search', commonMode.search])
  if (gains !== null) {
    writes.push(['gain_columns', gains.columnsLog2], ['gain_rows', gains.rowsLog2])
    fill(tables.regionGains, gains.gain)
  }
  if (tiles !== null) {
    writes.push(['tile_size', tiles.size], ['tile_margin', tiles.margin])
    fill(tables.tileThresholds, tiles.variance)
  }
  return writes
}

/** The register writes that name the next frame; `timeTag` in microseconds, below 2 ** 53. */
export function frameRegisters(frame: number, timeTag: number): [RegisterName, number][] {
  return [
    ['frame_number', frame >>> 0],
    ['time_low', timeTag % 4294967296],
    ['time_high', Math.floor(timeTag / 4294967296)],
  ]
}

/** The memories that `table_word` fills, as far as they were written. */
export interface RegisterTables {
  readonly tileThresholds: Uint32Array
  readonly pixelWeights: Int16Array
  readonly regionGains: Uint16Array
}

/** What the logic does with the values in its registers; the inverse of settingsRegisters. */
export function settingsFromRegisters(
  value: (register: RegisterName) => number,
  memories: RegisterTables,
): TriggerSettings {
  const width = value('width')
  const height = value('height')
  const binning = value('binning') as TriggerSettings['binning']
  const size = value('tile_size')
  const columnsLog2 = value('gain_columns')
  const rowsLog2 = value('gain_rows')
  const cells = cellCount(width / binning, columnsLog2) * cellCount(height / binning, rowsLog2)
  const tiles = tileCount(width, size) * tileCount(height, size)
  return {
    width,
    height,
    binning,
    clipLow: value('clip_low'),
    clipHigh: value('clip_high'),
    weights:
      value('weight_enable') === 0
        ? null
        : { shift: value('weight_shift'), table: memories.pixelWeights.slice() },
    commonMode:
      value('common_enable') === 0
        ? null
        : { content: value('common_content'), search: value('common_search') },
    gains:
      value('gain_enable') === 0
        ? null
        : { columnsLog2, rowsLog2, gain: memories.regionGains.slice(0, cells) },
    thresholdLow: value('threshold_low'),
    thresholdHigh: value('threshold_high'),
    link: value('link'),
    minimumPixels: value('minimum_pixels'),
    tiles:
      value('tile_enable') === 0
        ? null
        : { size, margin: value('tile_margin'), variance: memories.tileThresholds.slice(0, tiles) },
  }
}
