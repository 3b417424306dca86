import { registerAddress } from '../../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../../src/board/settings-registers.ts'
import type { TriggerSettings } from '../../../src/trigger/settings.ts'

/** One frame for the logic, with everything that it depends on. */
export interface Shot {
  readonly settings: TriggerSettings
  readonly pixels: Uint16Array
  readonly words: Uint32Array
  readonly frame: number
  readonly timeTag: number
}

/** Pauses on the streams, in 1/256 of the clocks, and the seed that places them. */
export interface Pauses {
  readonly input: number
  readonly output: number
  readonly seed: number
}

/** The stimulus file that core.cpp reads: register writes, pauses and frames as 32-bit words. */
export function stimulus(shots: readonly Shot[], pauses?: Pauses): Uint32Array {
  const parts: Uint32Array[] = []
  if (pauses !== undefined) parts.push(Uint32Array.of(3, pauses.input, pauses.output, pauses.seed))
  for (const { settings, pixels, words, frame, timeTag } of shots) {
    for (const [name, value] of [...settingsRegisters(settings), ...frameRegisters(frame, timeTag)])
      parts.push(Uint32Array.of(1, registerAddress.get(name)!, value))
    const shot = new Uint32Array(2 + 2 * pixels.length)
    shot.set([2, pixels.length])
    for (let i = 0; i < pixels.length; i++) {
      shot[2 + 2 * i] = words[i]!
      shot[3 + 2 * i] = pixels[i]!
    }
    parts.push(shot)
  }
  const stimulus = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    stimulus.set(part, at)
    at += part.length
  }
  return stimulus
}
