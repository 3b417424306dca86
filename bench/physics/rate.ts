/** A rate per frame from a count. */
export interface Rate {
  readonly regions: number
  readonly frames: number
  readonly perFrame: number
  /** The rate below which it lies with 90 % confidence (Poisson): 2.3 / frames when nothing was seen. */
  readonly upperLimit90: number
}

export function rate(regions: number, frames: number): Rate {
  return { regions, frames, perFrame: regions / frames, upperLimit90: meanAbove(regions, 0.1) / frames }
}

/** The Poisson mean that gives at most `count` with probability `chance`. */
function meanAbove(count: number, chance: number): number {
  let low = 0
  let high = 10 + 3 * count
  for (let round = 0; round < 60; round++) {
    const mean = (low + high) / 2
    let term = Math.exp(-mean)
    let sum = term
    for (let k = 1; k <= count; k++) {
      term *= mean / k
      sum += term
    }
    if (sum > chance) low = mean
    else high = mean
  }
  return (low + high) / 2
}
