import { registerSchema } from '../../src/board/register-schema.ts'
import { type RegisterName, registerDeclarations } from '../../src/board/registers.ts'
import { settingsFromRegisters } from '../../src/board/settings-registers.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import { limits } from '../../src/trigger/settings.ts'
import type { Core } from './emulated-board.ts'

/** The emulated FPGA: registers around the integer datapath. */
export class ModelCore implements Core {
  readonly info = { address: 'model:', kind: 'model', build: 0, clock: 0 } as const
  readonly #datapath: Datapath
  readonly #registers = new Map<RegisterName, number>(
    registerDeclarations.map((register) => [register.name, register.reset]),
  )
  readonly #tileThresholds = new Uint32Array(limits.maximumTiles ** 2)
  #tile = 0
  #frames = 0

  constructor(classify: Classifier) {
    this.#datapath = new Datapath(classify)
  }

  write(register: RegisterName, value: number): void {
    this.#registers.set(register, value)
    if (register === 'reset') this.#frames = 0
    if (register === 'tile_rewind') this.#tile = 0
    if (register === 'tile_threshold')
      this.#tileThresholds[this.#tile++ % this.#tileThresholds.length] = value
  }

  read(register: RegisterName): number {
    if (register === 'schema') return registerSchema
    return register === 'frames' ? this.#frames : this.#registers.get(register)!
  }

  frame(pixels: Uint16Array, pedestal: Uint32Array): Uint8Array {
    const value = (name: RegisterName): number => this.#registers.get(name)!
    const packet = this.#datapath.process(
      pixels,
      pedestal,
      settingsFromRegisters(value, this.#tileThresholds),
      value('frame_number'),
      value('time_low') + value('time_high') * 4294967296,
    )
    this.#frames = (this.#frames + 1) >>> 0
    return packet
  }
}
