/** Adam (arXiv:1412.6980) on flat arrays, so that the learning rate can change from step to step. */
export class Adam {
  readonly #first: Float64Array[]
  readonly #second: Float64Array[]
  #step = 0

  /** @param sizes the number of parameters of each array */
  constructor(sizes: readonly number[]) {
    this.#first = sizes.map((size) => new Float64Array(size))
    this.#second = sizes.map((size) => new Float64Array(size))
  }

  /** Changes `parameters` in place against `gradients`. */
  update(parameters: readonly Float32Array[], gradients: readonly ArrayLike<number>[], rate: number): void {
    this.#step++
    const correction1 = 1 - 0.9 ** this.#step
    const correction2 = 1 - 0.999 ** this.#step
    parameters.forEach((values, p) => {
      const first = this.#first[p]!
      const second = this.#second[p]!
      for (let i = 0; i < values.length; i++) {
        const g = gradients[p]![i]!
        first[i] = 0.9 * first[i]! + 0.1 * g
        second[i] = 0.999 * second[i]! + 0.001 * g * g
        values[i]! -= (rate * (first[i]! / correction1)) / (Math.sqrt(second[i]! / correction2) + 1e-7)
      }
    })
  }
}
