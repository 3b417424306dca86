import { type Expression, load } from './expression.ts'
import type { Segment } from './layout.ts'

const vectorBytes = 16

/** Vectors of constants in memory, behind the state: loading one is shorter than building it from instructions. */
export class VectorConstants {
  readonly #start: number
  readonly #values: bigint[] = []
  readonly #uniform = new Map<bigint, number>()

  /** @param start first free byte */
  constructor(start: number) {
    this.#start = Math.ceil(start / vectorBytes) * vectorBytes
  }

  /** The vector with these words. Vectors that differ from lane to lane stay in the order of the calls. */
  place(lanes: readonly bigint[]): Expression {
    const value = lanes.reduce((sum, lane, i) => sum | (BigInt.asUintN(32, lane) << BigInt(32 * i)), 0n)
    const isUniform = lanes.every((lane) => lane === lanes[0])
    let index = isUniform ? this.#uniform.get(value) : undefined
    if (index === undefined) {
      index = this.#values.push(value) - 1
      if (isUniform) this.#uniform.set(value, index)
    }
    return load(this.#start + vectorBytes * index, 128)
  }

  get count(): number {
    return this.#values.length
  }

  /** Forgets all but the first `count`. */
  keep(count: number): void {
    for (const value of this.#values.splice(count)) this.#uniform.delete(value)
  }

  /** First byte behind the constants. */
  get end(): number {
    return this.#start + vectorBytes * this.#values.length
  }

  get image(): Segment[] {
    if (this.#values.length === 0) return []
    const bytes = new Uint8Array(vectorBytes * this.#values.length)
    for (const [i, value] of this.#values.entries())
      for (let k = 0; k < vectorBytes; k++)
        bytes[vectorBytes * i + k] = Number((value >> BigInt(8 * k)) & 0xffn)
    return [{ address: this.#start, bytes }]
  }
}
