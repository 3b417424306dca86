import { capabilityWord, fullCapability } from '../../src/board/capability.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { type FrameHeader, RegisterValues } from '../../src/board/register-values.ts'
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

  /** What stands in the registers for a frame that begins now. */
  header(): FrameHeader {
    return this.#registers.header()
  }

  /** @param header what stood there at the first byte of the frame */
  frame(pixels: Uint16Array, pedestal: Uint32Array, header = this.header()): Uint8Array {
    const { settings, number, timeTag } = header
    const packet = this.#datapath.process(pixels, pedestal, settings, number, timeTag)
    this.#frames = (this.#frames + 1) >>> 0
    return packet
  }
}
