import { GemgateError } from '../core/errors.ts'

/** Limits of the datapath; hdl/trigger is built for the same ones. */
export const limits = {
  /** Most pixels in a row or column of a frame. */
  maximumSide: 4096,
  /** Most macro-pixels in a row or column after binning. */
  maximumMacroSide: 1024,
  /** Clusters that can be open at the same time (2 ** labelBits). */
  labelBits: 8,
  /** Cells of the map of gains. */
  maximumCells: 1024,
  /** Largest distance at which macro-pixels are linked. */
  maximumLink: 4,
  /** Tiles in a row or column of the tile-deviation trigger. */
  maximumTiles: 32,
} as const

/**
 * What the trigger logic is told, in the integer units of its registers. Every field can change between
 * frames; a frame is processed with the numbers that stood when its first pixel arrived, and with the tables (weights,
 * gains, tile thresholds) as they are: those must not be written while a frame is in flight.
 */
export interface TriggerSettings {
  /** Pixels per row, 4 to 4096, a multiple of `binning`. */
  readonly width: number
  /** Rows, 4 to 4096, a multiple of `binning`. */
  readonly height: number
  /** Pixels per macro-pixel side: 1, 2 or 4. */
  readonly binning: 1 | 2 | 4
  /** Residuals below -clipLow become -clipLow; in 1/16 ADU, 0 to 131071. */
  readonly clipLow: number
  /** Residuals above clipHigh become clipHigh and are counted; in 1/16 ADU, 0 to 131071. */
  readonly clipHigh: number
  /** What a residual counts in the search for light; null: the residual itself. */
  readonly weights: PixelWeights | null
  /** Removal of what the macro-pixels of a row have in common; null switches it off. */
  readonly commonMode: CommonModeLimits | null
  /** Equalises the noise of the filter output over the sensor; null: gain 1 everywhere. */
  readonly gains: RegionGains | null
  /** A macro-pixel belongs to a cluster when the equalised filter output reaches this; 1 to 33554431. */
  readonly thresholdLow: number
  /** A cluster is kept when its highest equalised filter output reaches this; thresholdLow to 33554431. */
  readonly thresholdHigh: number
  /** Macro-pixels of a cluster are at most this far apart, in both directions; 1 (touching) to 4. */
  readonly link: number
  /** A cluster is kept when it has at least this many macro-pixels; 1 to 65535. */
  readonly minimumPixels: number
  /** The tile-deviation trigger; null switches it off. */
  readonly tiles: TileSettings | null
}

/**
 * A function of the residual by table: entry min(max((residual >> shift) + 64, 0), 255), the residual in 1/16 ADU
 * (see pixel-weights.ts for the functions that are useful).
 */
export interface PixelWeights {
  /** 0 to 7. */
  readonly shift: number
  /** 256 values in 1/16 ADU, -2048 to 2047. */
  readonly table: Int16Array
}

/**
 * Macro-pixels within +- the limit, in ADU, 1 to 131071, tell the common mode of their row: in the contents, which the
 * moments are made of, and in the weighted sums, in which light is searched.
 */
export interface CommonModeLimits {
  readonly content: number
  readonly search: number
}

/** One gain per cell of 2^columnsLog2 x 2^rowsLog2 macro-pixels (logarithms 0 to 10), at most 1024 cells. */
export interface RegionGains {
  readonly columnsLog2: number
  readonly rowsLog2: number
  /** Row-major, in 1/4096, 0 to 65535. */
  readonly gain: Uint16Array
}

/** Entries of a table of pixel weights. */
export const weightEntries = 256

/** Gain 1. */
export const unitGain = 4096

/** Cells along a side of `macroPixels`. */
export function cellCount(macroPixels: number, log2: number): number {
  return ((macroPixels - 1) >> log2) + 1
}

/** CYGNO's online trigger: pixel standard deviation in overlapping tiles (research: CYGNUS-RD/middleware). */
export interface TileSettings {
  /** Side of a tile in pixels, 16 to 256. */
  readonly size: number
  /** Pixels by which a tile grows over its neighbours, 4 to 64 and size - 2 * margin >= 8. */
  readonly margin: number
  /** Variance thresholds in 1/16 ADU^2, row-major by tile, 0 to 16777215. */
  readonly variance: Uint32Array
}

/** Tiles along a side of `pixels`. */
export function tileCount(pixels: number, size: number): number {
  return Math.ceil(pixels / size)
}

function check(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new GemgateError(
      'GG_SETTINGS',
      `${name} is ${value}, outside ${low} to ${high}`,
      `Give ${name} an integer from ${low} to ${high}.`,
    )
}

/** Throws GG_SETTINGS naming the first field that the logic could not hold. */
export function validateSettings(settings: TriggerSettings): void {
  const { width, height, binning, tiles } = settings
  if (binning !== 1 && binning !== 2 && binning !== 4)
    throw new GemgateError('GG_SETTINGS', `binning is ${binning}`, 'Use a binning of 1, 2 or 4.')
  const side = Math.min(limits.maximumSide, limits.maximumMacroSide * binning)
  check('width', width, 4, side)
  check('height', height, 4, side)
  if (width % binning !== 0 || height % binning !== 0)
    throw new GemgateError(
      'GG_SETTINGS',
      `${width}x${height} is not a multiple of the binning ${binning}`,
      'Pad the frame with masked pixels or choose another binning.',
    )
  check('clipLow', settings.clipLow, 0, 131071)
  check('clipHigh', settings.clipHigh, 0, 131071)
  check('thresholdLow', settings.thresholdLow, 1, 33554431)
  check('thresholdHigh', settings.thresholdHigh, settings.thresholdLow, 33554431)
  check('link', settings.link, 1, limits.maximumLink)
  check('minimumPixels', settings.minimumPixels, 1, 65535)
  if (settings.weights !== null) validateWeights(settings.weights)
  if (settings.commonMode !== null) {
    check('commonMode.content', settings.commonMode.content, 1, 131071)
    check('commonMode.search', settings.commonMode.search, 1, 131071)
  }
  if (settings.gains !== null) validateGains(settings.gains, width / binning, height / binning)
  if (tiles !== null) validateTiles(tiles, width, height)
}

function validateWeights({ shift, table }: PixelWeights): void {
  check('weights.shift', shift, 0, 7)
  checkLength('weights.table', table.length, weightEntries)
  for (let i = 0; i < table.length; i++) check(`weights.table[${i}]`, table[i]!, -2048, 2047)
}

function validateGains({ columnsLog2, rowsLog2, gain }: RegionGains, columns: number, rows: number): void {
  check('gains.columnsLog2', columnsLog2, 0, 10)
  check('gains.rowsLog2', rowsLog2, 0, 10)
  const cells = cellCount(columns, columnsLog2) * cellCount(rows, rowsLog2)
  if (cells > limits.maximumCells)
    throw new GemgateError(
      'GG_SETTINGS',
      `${cells} regions with a gain, at most ${limits.maximumCells} fit`,
      'Use larger regions.',
    )
  checkLength('gains.gain', gain.length, cells)
}

function checkLength(name: string, length: number, wanted: number): void {
  if (length !== wanted)
    throw new GemgateError(
      'GG_SETTINGS',
      `${name} has ${length} entries instead of ${wanted}`,
      `Give ${name} ${wanted} entries.`,
    )
}

function validateTiles(tiles: TileSettings, width: number, height: number): void {
  check('tiles.size', tiles.size, 16, 256)
  check('tiles.margin', tiles.margin, 4, 64)
  if (tiles.size - 2 * tiles.margin < 8)
    throw new GemgateError(
      'GG_SETTINGS',
      `tiles of ${tiles.size} pixels leave less than 8 between margins of ${tiles.margin}`,
      'Use a smaller tile margin.',
    )
  const columns = tileCount(width, tiles.size)
  const rows = tileCount(height, tiles.size)
  if (columns > limits.maximumTiles || rows > limits.maximumTiles)
    throw new GemgateError(
      'GG_SETTINGS',
      `${columns}x${rows} tiles, at most ${limits.maximumTiles} fit in a row or column`,
      'Use larger tiles.',
    )
  if (tiles.variance.length !== columns * rows)
    throw new GemgateError(
      'GG_SETTINGS',
      `${tiles.variance.length} tile thresholds for ${columns}x${rows} tiles`,
      'Give one variance threshold per tile.',
    )
  for (let i = 0; i < tiles.variance.length; i++)
    check(`tiles.variance[${i}]`, tiles.variance[i]!, 0, 16777215)
}
