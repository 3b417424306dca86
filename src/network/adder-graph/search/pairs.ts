import type { Random } from '../../../core/random.ts'
import type { ConstantMatrix } from '../matrix.ts'
import type { SharedSums, Term } from '../sums.ts'
import { PairBlock } from './pair-block.ts'

/** Attempts between two questions whether to stop. */
const stride = 8

export interface PairOptions {
  readonly random: Random
  /** Attempts to improve each block. */
  readonly attempts: number
  /** Called now and then with the share that is done; true ends the improvement. */
  readonly stop: (done: number) => boolean
}

/**
 * Another beginning for the search: inputs in pairs, for each pair a small set of vectors with all that the
 * outputs want of it; an output adds one vector per pair. Undefined where coefficients are too large.
 */
export function sumsByPairs(matrix: ConstantMatrix, options: PairOptions): SharedSums | undefined {
  const { rows, columns, values } = matrix
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  if (!PairBlock.fits(largest)) return undefined
  const shared: Term[][] = []
  const outputs: Term[][] = Array.from({ length: columns }, () => [])
  const order = shuffled(rows, options.random)
  for (let at = 0; at < rows; at += 2) {
    const pair = order.slice(at, at + 2)
    const wanted = Array.from({ length: columns }, (_, j) => {
      const [x = 0, y = 0] = pair.map((i) => values[i * columns + j]!)
      return x === 0 && y === 0 ? undefined : normalised(x, y)
    })
    const unique = new Map(wanted.flatMap((w) => (w === undefined ? [] : [[`${w.x},${w.y}`, w]])))
    const targets = [...unique.values()].map(({ x, y }): [number, number] => [x, y])
    const block = new PairBlock(targets, options.random)
    const set = improved(block, options, at / rows, 2 / rows)
    if (set === undefined) return undefined
    const members = [block.pack(1, 0), block.pack(0, 1)]
    const numbers = [...pair, -1].slice(0, 2)
    for (const packed of set) {
      shared.push(
        block.derive(packed, members).map(([index, factor]) => ({ value: numbers[index]!, factor })),
      )
      members.push(packed)
      numbers.push(rows + shared.length - 1)
    }
    const numberOf = new Map(members.map((packed, index) => [packed, numbers[index]!]))
    wanted.forEach((want, j) => {
      if (want !== undefined)
        outputs[j]!.push({ value: numberOf.get(block.pack(want.x, want.y))!, factor: want.factor })
    })
  }
  return { inputs: rows, shared, outputs }
}

/** Ruin and recreate on one block, which is the given share of the work. */
function improved(
  block: PairBlock,
  { random, attempts, stop }: PairOptions,
  done: number,
  share: number,
): number[] | undefined {
  let best = block.build([], Number.POSITIVE_INFINITY)
  if (best === undefined) return undefined
  const targets = new Set(block.targets)
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (best.length === targets.size) break
    if (attempt % stride === 0 && stop(done + (share * attempt) / attempts)) break
    const dropped = 0.3 + 0.7 * random.uniform()
    const kept = best.filter((vector) => !targets.has(vector) && random.uniform() > dropped)
    const next = block.build(kept, best.length + 1)
    if (next !== undefined) best = next
  }
  return best
}

/** A vector as a factor times an odd one that is positive as a packed number. */
function normalised(x: number, y: number): { x: number; y: number; factor: number } {
  let factor = y < 0 || (y === 0 && x < 0) ? -1 : 1
  x *= factor
  y *= factor
  while (x % 2 === 0 && y % 2 === 0) {
    x /= 2
    y /= 2
    factor *= 2
  }
  return { x, y, factor }
}

function shuffled(length: number, random: Random): number[] {
  const order = Array.from({ length }, (_, i) => i)
  for (let i = length - 1; i > 0; i--) {
    const k = random.integer(i + 1)
    ;[order[i], order[k]] = [order[k]!, order[i]!]
  }
  return order
}
