/** xoshiro128** as in `Random`, from a given state, so that WebAssembly can go on from the same one. */
export class Xoshiro {
  readonly #state: Int32Array

  constructor(state: Uint32Array) {
    this.#state = Int32Array.from(state)
  }

  next(): number {
    const s = this.#state
    const [a, b, c, d] = [s[0]!, s[1]!, s[2]!, s[3]!]
    const r = Math.imul(b, 5)
    const result = Math.imul((r << 7) | (r >>> 25), 9)
    const c1 = c ^ a
    const d1 = d ^ b
    s[1] = b ^ c1
    s[0] = a ^ d1
    s[2] = c1 ^ (b << 9)
    s[3] = (d1 << 11) | (d1 >>> 21)
    return result
  }
}
