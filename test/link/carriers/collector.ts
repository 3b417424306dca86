import type { Carrier } from '../../../src/link/carrier.ts'

/** Listens to a carrier and keeps what comes. */
export class Collector {
  readonly chunks: Uint8Array[] = []
  readonly losses: string[] = []
  readonly lost: Promise<void>
  #length = 0
  #wake = (): void => {}

  constructor(carrier: Carrier) {
    this.lost = new Promise((resolve) =>
      carrier.listen({
        data: (chunk) => {
          this.chunks.push(chunk)
          this.#length += chunk.length
          this.#wake()
        },
        lost: (error) => {
          this.losses.push(error.code)
          resolve()
        },
      }),
    )
  }

  get all(): Uint8Array {
    return Buffer.concat(this.chunks)
  }

  /** Resolves when so many bytes have come in all. */
  async bytes(count: number): Promise<void> {
    while (this.#length < count)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }
}
