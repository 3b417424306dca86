/** Ten times the decimal logarithm of signal power over noise power; infinite without noise. */
export function decibels(signal: number, noise: number): number {
  if (noise === 0) return Number.POSITIVE_INFINITY
  return signal === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(signal / noise)
}

/** Adds up signal and noise over several tensors. */
export class SignalToNoise {
  #signal = 0
  #noise = 0

  /** @param approximate the same elements with noise */
  add(exact: ArrayLike<number>, approximate: ArrayLike<number>): void {
    for (let i = 0; i < exact.length; i++) {
      this.#signal += exact[i]! ** 2
      this.#noise += (exact[i]! - approximate[i]!) ** 2
    }
  }

  /** In decibels. */
  get ratio(): number {
    return decibels(this.#signal, this.#noise)
  }
}
