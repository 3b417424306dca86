import { type TriggerSettings, tileCount } from '../trigger/settings.ts'
import type { RegisterName } from './registers.ts'

/** The register writes, in order, that bring the logic to `settings`. */
export function settingsRegisters(settings: TriggerSettings): [RegisterName, number][] {
  const { tiles } = settings
  const writes: [RegisterName, number][] = [
    ['width', settings.width],
    ['height', settings.height],
    ['binning', settings.binning],
    ['zero_suppress', settings.zeroSuppression === null ? 0 : 1],
    ['nsigma', settings.zeroSuppression ?? 0],
    ['clip_low', settings.clipLow],
    ['clip_high', settings.clipHigh],
    ['threshold_low', settings.thresholdLow],
    ['threshold_high', settings.thresholdHigh],
    ['minimum_pixels', settings.minimumPixels],
    ['tile_enable', tiles === null ? 0 : 1],
  ]
  if (tiles !== null) {
    writes.push(['tile_size', tiles.size], ['tile_margin', tiles.margin], ['tile_rewind', 1])
    for (const variance of tiles.variance) writes.push(['tile_threshold', variance])
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

/** What the logic does with the values in its registers; the inverse of settingsRegisters. */
export function settingsFromRegisters(
  value: (register: RegisterName) => number,
  tileThresholds: Uint32Array,
): TriggerSettings {
  const width = value('width')
  const height = value('height')
  const size = value('tile_size')
  return {
    width,
    height,
    binning: value('binning') as TriggerSettings['binning'],
    zeroSuppression: value('zero_suppress') === 0 ? null : value('nsigma'),
    clipLow: value('clip_low'),
    clipHigh: value('clip_high'),
    thresholdLow: value('threshold_low'),
    thresholdHigh: value('threshold_high'),
    minimumPixels: value('minimum_pixels'),
    tiles:
      value('tile_enable') === 0
        ? null
        : {
            size,
            margin: value('tile_margin'),
            variance: tileThresholds.slice(0, tileCount(width, size) * tileCount(height, size)),
          },
  }
}
