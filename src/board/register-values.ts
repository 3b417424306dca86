import { limits, type TriggerSettings, weightEntries } from '../trigger/settings.ts'
import { type RegisterName, registerDeclarations, tables } from './registers.ts'
import { settingsFromRegisters } from './settings-registers.ts'

/** What belongs to a frame from its first byte on. */
export interface FrameHeader {
  readonly settings: TriggerSettings
  readonly number: number
  /** Microseconds. */
  readonly timeTag: number
}

/** What has been written to the logic: every register and, behind one of them, the tables. */
export class RegisterValues {
  readonly #values = new Map<RegisterName, number>(
    registerDeclarations.map((register) => [register.name, register.reset]),
  )
  readonly #memories = {
    tileThresholds: new Uint32Array(limits.maximumTiles ** 2),
    pixelWeights: new Int16Array(weightEntries),
    regionGains: new Uint16Array(limits.maximumCells),
  }
  #entry = 0

  get(register: RegisterName): number {
    return this.#values.get(register)!
  }

  set(register: RegisterName, value: number): void {
    this.#values.set(register, value)
    if (register === 'table' || register === 'reset') this.#entry = 0
    if (register === 'table_word') this.#fill(value)
  }

  /** What the logic does with these values; they may be values that it cannot run with. */
  settings(): TriggerSettings {
    return settingsFromRegisters((register) => this.get(register), this.#memories)
  }

  /** For a frame that begins now. */
  header(): FrameHeader {
    return {
      settings: this.settings(),
      number: this.get('frame_number'),
      timeTag: this.get('time_low') + this.get('time_high') * 4294967296,
    }
  }

  #fill(word: number): void {
    const { tileThresholds, pixelWeights, regionGains } = this.#memories
    const entry = this.#entry++
    const table = this.get('table')
    if (table === tables.tileThresholds) tileThresholds[entry % tileThresholds.length] = word
    // 12 bits signed.
    if (table === tables.pixelWeights) pixelWeights[entry % weightEntries] = (word << 20) >> 20
    if (table === tables.regionGains) regionGains[entry % regionGains.length] = word
  }
}
