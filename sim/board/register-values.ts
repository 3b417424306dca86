import { type RegisterName, registerDeclarations } from '../../src/board/registers.ts'
import { settingsFromRegisters } from '../../src/board/settings-registers.ts'
import { limits, type TriggerSettings } from '../../src/trigger/settings.ts'

/** What has been written to the logic: every register and, behind two of them, the tile thresholds. */
export class RegisterValues {
  readonly #values = new Map<RegisterName, number>(
    registerDeclarations.map((register) => [register.name, register.reset]),
  )
  readonly #tileThresholds = new Uint32Array(limits.maximumTiles ** 2)
  #tile = 0

  get(register: RegisterName): number {
    return this.#values.get(register)!
  }

  set(register: RegisterName, value: number): void {
    this.#values.set(register, value)
    if (register === 'reset' || register === 'tile_rewind') this.#tile = 0
    if (register === 'tile_threshold')
      this.#tileThresholds[this.#tile++ % this.#tileThresholds.length] = value
  }

  /** What the logic does with these values; they may be values that it cannot run with. */
  settings(): TriggerSettings {
    return settingsFromRegisters((register) => this.get(register), this.#tileThresholds)
  }
}
