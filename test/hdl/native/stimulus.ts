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
  const words: number[] = []
  if (pauses !== undefined) words.push(3, pauses.input, pauses.output, pauses.seed)
  for (const shot of shots) {
    const writes = [...settingsRegisters(shot.settings), ...frameRegisters(shot.frame, shot.timeTag)]
    for (const [name, value] of writes) words.push(1, registerAddress.get(name)!, value)
    words.push(2, shot.pixels.length)
    for (let i = 0; i < shot.pixels.length; i++) words.push(shot.words[i]!, shot.pixels[i]!)
  }
  return Uint32Array.from(words)
}
