import { capabilityWord, fullCapability } from '../../src/board/capability.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { RegisterValues } from '../../src/board/register-values.ts'
import type { RegisterName } from '../../src/board/registers.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import type { Core } from './emulated-board.ts'

/** The emulated FPGA: registers around the integer datapath. */
export class ModelCore implements Core {
  readonly info = { address: 'model:', kind: 'model', build: 0n, clock: 0 } as const
  readonly #datapath: Datapath
  readonly #registers = new RegisterValues()
  readonly #build: number
  #frames = 0

  /** @param build the register `build`, 32 bits */
  constructor(classify: Classifier, build = 0) {
    this.#build = build
    this.#datapath = new Datapath(classify)
  }

  write(register: RegisterName, value: number): void {
    this.#registers.set(register, value)
    if (register === 'reset') this.#frames = 0
  }

  read(register: RegisterName): number {
    if (register === 'schema') return registerSchema
    if (register === 'build') return this.#build
    if (register === 'capability') return capabilityWord(fullCapability)
    return register === 'frames' ? this.#frames : this.#registers.get(register)
  }

  frame(pixels: Uint16Array, pedestal: Uint32Array): Uint8Array {
    const registers = this.#registers
    const packet = this.#datapath.process(
      pixels,
      pedestal,
      registers.settings(),
      registers.get('frame_number'),
      registers.get('time_low') + registers.get('time_high') * 4294967296,
    )
    this.#frames = (this.#frames + 1) >>> 0
    return packet
  }
}
