import type { SharedSums, Term } from '../sums.ts'

/**
 * The sums read backwards compute the transposed matrix: each value becomes the sum of those that used it. The
 * number of adders changes by outputs minus inputs (transposition theorem of linear networks).
 */
export function transposedSums({ inputs, shared, outputs }: SharedSums): SharedSums {
  const users: Term[][] = Array.from({ length: inputs + shared.length }, () => [])
  outputs.forEach((terms, j) => {
    for (const { value, factor } of terms) users[value]!.push({ value: j, factor })
  })
  // Backwards: the last shared sum becomes the first.
  const renamed = (at: number): number => outputs.length + shared.length - 1 - at
  shared.forEach((terms, at) => {
    for (const { value, factor } of terms) users[value]!.push({ value: renamed(at), factor })
  })
  return { inputs: outputs.length, shared: users.slice(inputs).reverse(), outputs: users.slice(0, inputs) }
}
