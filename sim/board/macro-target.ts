import { registerDeclarations } from '../../src/board/registers.ts'
import type { LinkTarget } from './link-device.ts'
import type { MacroModelCore } from './macro-model-core.ts'
import { writeMasked } from './target-registers.ts'

/** The emulated logic of a small board behind a link endpoint. */
export class MacroTarget implements LinkTarget {
  readonly dropped = 0
  readonly #core: MacroModelCore
  #packets: Uint8Array[] = []

  constructor(core: MacroModelCore) {
    this.#core = core
  }

  read(address: number): number {
    return this.#core.read(registerDeclarations[address]!.name)
  }

  write(address: number, value: number): void {
    writeMasked(this.#core, address, value)
    if (registerDeclarations[address]!.name === 'reset') this.#packets = []
  }

  push(bytes: Uint8Array): number {
    // The next frame waits until the packets have left.
    if (this.#packets.length > 0) return 0
    this.#packets = this.#core.push(bytes)
    return bytes.length
  }

  pull(): Uint8Array | undefined {
    return this.#packets.shift()
  }

  session(): void {
    this.#core.session()
    this.#packets = []
  }
}
