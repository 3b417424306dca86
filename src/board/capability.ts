import { GemgateError } from '../core/errors.ts'
import type { TriggerSettings } from '../trigger/settings.ts'

/** What the logic on a board can do; the register `capability` holds it as a word. */
export interface LogicCapability {
  /**
   * What goes into the logic: raw pixels with their pedestal words, or, on small boards, macro-pixels after binning and
   * common mode, which the host makes with the code that specifies the logic.
   */
  readonly input: 'pixels' | 'macro-pixels'
  /** Most macro-pixels in a row or column; 16 to 1024. */
  readonly macroSide: number
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
  macroSide: 1024,
  labelBits: 8,
  gainBits: 10,
  tiles: true,
}

/** Bits 10:0 macroSide, 14:11 labelBits, 18:15 gainBits, 19 tiles, 20 macro-pixels, the others 0. */
export function capabilityWord(capability: LogicCapability): number {
  const { input, macroSide, labelBits, gainBits, tiles } = capability
  return (
    macroSide |
    (labelBits << 11) |
    (gainBits << 15) |
    (tiles ? 1 << 19 : 0) |
    (input === 'macro-pixels' ? 1 << 20 : 0)
  )
}

/** The inverse of capabilityWord. Throws GG_LINK_PROTOCOL for a word that no logic of this version gives. */
export function readCapability(word: number): LogicCapability {
  const capability: LogicCapability = {
    input: (word & (1 << 20)) !== 0 ? 'macro-pixels' : 'pixels',
    macroSide: word & 2047,
    labelBits: (word >>> 11) & 15,
    gainBits: (word >>> 15) & 15,
    tiles: (word & (1 << 19)) !== 0,
  }
  const { macroSide, labelBits, gainBits } = capability
  if (
    capabilityWord(capability) !== word ||
    macroSide < 16 ||
    macroSide > 1024 ||
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
  const rows = settings.height / settings.binning
  if (Math.max(columns, rows) > capability.macroSide)
    throw refusal(
      `a frame of ${columns}x${rows} macro-pixels, and the logic holds ${capability.macroSide} along a side`,
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
