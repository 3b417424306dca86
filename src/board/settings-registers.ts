import type { TriggerSettings } from '../trigger/settings.ts'
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
