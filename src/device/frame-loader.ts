import { GemgateError } from '../core/errors.ts'
import type { Frame } from '../frame/frame.ts'
import { padPixels } from '../trigger/geometry.ts'
import { type TriggerSettings, validateSettings } from '../trigger/settings.ts'

/** What a device was told: settings and the pedestal that goes with them. */
export interface Configuration {
  readonly settings: TriggerSettings
  readonly pedestal: Uint32Array
}

/** Checks settings and pedestal against each other; throws GG_SETTINGS or GG_PEDESTAL. */
export function checkConfiguration(settings: TriggerSettings, pedestal: Uint32Array): Configuration {
  validateSettings(settings)
  if (pedestal.length !== settings.width * settings.height)
    throw new GemgateError(
      'GG_PEDESTAL',
      `${pedestal.length} pedestal words for ${settings.width}x${settings.height} pixels`,
      'Make the pedestal words for the configured geometry.',
    )
  return { settings, pedestal }
}

export function requireConfiguration(configuration: Configuration | undefined): Configuration {
  if (configuration !== undefined) return configuration
  throw new GemgateError(
    'GG_SETTINGS',
    'the device has no settings yet',
    'Call configure(settings, pedestal) before process().',
  )
}

/** The frame's pixels in the configured geometry; throws GG_FRAME_GEOMETRY when they do not fit. */
export function loadPixels(frame: Frame, { width, height }: TriggerSettings): Uint16Array {
  if (frame.width > width || frame.height > height)
    throw new GemgateError(
      'GG_FRAME_GEOMETRY',
      `a frame of ${frame.width}x${frame.height} pixels, the device is configured for ${width}x${height}`,
      'Configure the device for the largest frame.',
      { file: frame.source },
    )
  return padPixels(frame.pixels, frame.width, frame.height, width, height)
}

/** Start of exposure in whole microseconds. */
export function timeTag(frame: Frame): number {
  return Math.max(0, Math.round(frame.time * 1e6))
}
