import type { ConditionOptions } from '../daq/conditions.ts'
import type { Device } from '../device/device.ts'
import type { Output } from './output.ts'

/**
 * What all devices of a run can hold, as options of the calibration: one set of settings serves them all. Says what is left
 * out for a board that has no unit for it.
 */
export function calibrationLimits(devices: readonly Device[], output: Output): ConditionOptions {
  let limits: ConditionOptions = {}
  for (const { info, capability } of devices) {
    if (capability === undefined) continue
    const { tiles, gainBits } = capability
    if (!tiles && limits.tileSigma === undefined) {
      limits = { ...limits, tileSigma: null }
      output.text(`the tile trigger is left off: ${info.address} has none`)
    }
    const regions = gainBits === 0 ? 0 : 2 ** gainBits
    if (regions < (limits.maximumRegions ?? 1024)) limits = { ...limits, maximumRegions: regions }
  }
  return limits
}
