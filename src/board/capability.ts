import { GemgateError } from '../core/errors.ts'
import type { TriggerSettings } from '../trigger/settings.ts'

/** What the logic on a board can do; the register `capability` holds it as a word. */
export interface LogicCapability {
  /**
   * What goes into the logic: raw pixels with their pedestal words, or, on small boards, macro-pixels after binning and
   * common mode, which the host makes with the code that specifies the logic.
   */
  readonly input: 'pixels' | 'macro-pixels'
  /** A row has at most 2 ** columnBits macro-pixels; 4 to 10. */
  readonly columnBits: number
  /** At most 2 ** labelBits clusters are open at a time; more are dropped and counted. 1 to 8. */
  readonly labelBits: number
  /** At most 2 ** gainBits regions with a gain; 0 to 10, 0: gains must be off. */
  readonly gainBits: number
  /** The tile-deviation trigger is there. */
  readonly tiles: boolean
}

/** The logic of hdl/trigger as it stands. */
export const fullCapability: LogicCapability = {
  input: 'pixels',
  columnBits: 10,
  labelBits: 8,
  gainBits: 10,
  tiles: true,
}

/** Bits 3:0 columnBits, 7:4 labelBits, 11:8 gainBits, 12 tiles, 13 macro-pixels, the others 0. */
export function capabilityWord(capability: LogicCapability): number {
  const { input, columnBits, labelBits, gainBits, tiles } = capability
  return (
    columnBits |
    (labelBits << 4) |
    (gainBits << 8) |
    (tiles ? 1 << 12 : 0) |
    (input === 'macro-pixels' ? 1 << 13 : 0)
  )
}

/** The inverse of capabilityWord. Throws GG_LINK_PROTOCOL for a word that no logic of this version gives. */
export function readCapability(word: number): LogicCapability {
  const capability: LogicCapability = {
    input: (word & (1 << 13)) !== 0 ? 'macro-pixels' : 'pixels',
    columnBits: word & 15,
    labelBits: (word >>> 4) & 15,
    gainBits: (word >>> 8) & 15,
    tiles: (word & (1 << 12)) !== 0,
  }
  const { columnBits, labelBits, gainBits } = capability
  if (
    capabilityWord(capability) !== word ||
    columnBits < 4 ||
    columnBits > 10 ||
    labelBits < 1 ||
    labelBits > 8 ||
    gainBits > 10
  )
    throw new GemgateError(
      'GG_LINK_PROTOCOL',
      `the board says 0x${word.toString(16)} of its logic, which this version does not know`,
      'Flash the firmware of this version.',
    )
  return capability
}

/** Throws GG_SETTINGS naming the first setting that the logic has no unit or room for. */
export function checkCapability(settings: TriggerSettings, capability: LogicCapability): void {
  const columns = settings.width / settings.binning
  if (columns > 2 ** capability.columnBits)
    throw refusal(
      `rows of ${columns} macro-pixels, and the logic holds ${2 ** capability.columnBits}`,
      'Use a larger binning, smaller frames, or a larger board.',
    )
  if (settings.tiles !== null && !capability.tiles)
    throw refusal('the logic has no tile trigger', 'Switch the tile trigger off, or use a larger board.')
  const regions = settings.gains?.gain.length ?? 0
  if (regions > (capability.gainBits === 0 ? 0 : 2 ** capability.gainBits))
    throw refusal(
      `${regions} regions with a gain, and the logic has ${capability.gainBits === 0 ? 'none' : `room for ${2 ** capability.gainBits}`}`,
      'Use larger regions or no gains.',
    )
}

function refusal(message: string, remedy: string): GemgateError {
  return new GemgateError('GG_SETTINGS', message, remedy)
}
