import type { Random } from '../../../core/random.ts'
import { digitCount } from '../digits.ts'

/** So many targets, about, are asked where each costs much. */
const mostVoters = 8

/** Largest coefficient for which the tables stay small. */
const largestBound = 512

/**
 * Two inputs and the vectors (two coefficients each) wanted of them: finds a small set of vectors that contains
 * all targets and in which each is one adder away from earlier ones (as RAG-n and Hcub do for multiples of one
 * input). Here coefficients are numbers, not digits: every relation between vectors counts.
 *
 * A vector (x, y) is packed into `y * width + x`; adding, shifting and negating packed numbers does so to the
 * vectors. Vectors are odd (not both coefficients even) and positive as packed numbers.
 */
export class PairBlock {
  readonly #targets: readonly number[]
  readonly #random: Random
  readonly #bound: number
  readonly #width: number
  readonly #digits: Uint8Array

  /** The set in order: both units first. */
  readonly #members: number[] = []
  readonly #norms: number[] = []

  /** By packed vector, also of even multiples: number in the lists below plus one, of all one adder away. */
  readonly #table: Int32Array
  readonly #near: number[] = []
  readonly #nearNorms: number[] = []
  /** 1 for those that are in the set. */
  readonly #taken: number[] = []
  #tally = new Int32Array(1024)
  #voted = new Int32Array(1024)

  static fits(largest: number): boolean {
    return largest <= largestBound
  }

  /** @param targets odd, positive vectors without repetition, as `[x, y]` */
  constructor(targets: readonly (readonly [number, number])[], random: Random) {
    let largest = 1
    for (const [x, y] of targets) largest = Math.max(largest, Math.abs(x), Math.abs(y))
    this.#bound = 2 ** Math.ceil(Math.log2(largest + 1))
    this.#width = 8 * this.#bound
    this.#targets = targets.map(([x, y]) => this.pack(x, y))
    this.#random = random
    this.#table = new Int32Array((3 * this.#bound + 1) * this.#width)
    this.#digits = Uint8Array.from({ length: 4 * this.#bound + 1 }, (_, value) => digitCount(value))
  }

  pack(x: number, y: number): number {
    return y * this.#width + x
  }

  unpack(packed: number): [number, number] {
    const y = Math.round(packed / this.#width)
    return [packed - y * this.#width, y]
  }

  get targets(): readonly number[] {
    return this.#targets
  }

  /**
   * The set without the units; undefined when it would have `limit` vectors or more.
   * @param kept vectors to take in again once they are one adder away
   */
  build(kept: readonly number[], limit: number): number[] | undefined {
    this.#reset()
    const wanted = new Set(this.#targets)
    const optional = new Set(kept)
    for (const unit of this.#members) {
      wanted.delete(unit)
      optional.delete(unit)
    }
    for (;;) {
      this.#absorb(wanted, optional)
      if (wanted.size === 0) return this.#members.slice(2)
      if (this.#members.length - 2 + wanted.size + 1 >= limit) return undefined
      const next = this.#closest(wanted) ?? this.#halfway(wanted) ?? this.#promising(wanted)
      if (next === undefined) return undefined
      optional.delete(next)
      this.#add(next)
    }
  }

  /** How a vector comes from earlier ones of `members`: two (index, factor) pairs. */
  derive(packed: number, members: readonly number[]): readonly (readonly [number, number])[] {
    const index = new Map<number, readonly [number, number]>()
    members.forEach((member, at) => {
      const norm = Math.max(...this.unpack(member).map(Math.abs))
      for (let factor = 1; factor * norm <= 2 * this.#bound; factor *= 2)
        index.set(member * factor, [at, factor])
    })
    for (const [term, [at, factor]] of index)
      for (const sign of [1, -1]) {
        const rest = packed - sign * term
        const other = index.get(Math.abs(rest))
        if (other === undefined) continue
        const second = Math.sign(rest) * other[1]
        if (other[0] === at) return [[at, sign * factor + second]]
        return [
          [at, sign * factor],
          [other[0], second],
        ]
      }
    throw new Error('a vector is not one adder away')
  }

  /** Takes in all that is one adder away. */
  #absorb(wanted: Set<number>, optional: Set<number>): void {
    for (let again = true; again; ) {
      again = false
      for (const group of [wanted, optional])
        for (const packed of group) {
          if (this.#table[packed] === 0) continue
          group.delete(packed)
          this.#add(packed)
          again = true
        }
    }
  }

  /** A vector that brings the most targets within one adder. */
  #closest(wanted: ReadonlySet<number>): number | undefined {
    const table = this.#table
    const limit = 2 * this.#bound
    const taken = this.#taken
    const { tally, voted } = this.#ballot()
    let most = 0
    let choice = -1
    let ties = 0
    let voter = 0
    for (const target of wanted) {
      voter++
      for (let at = 0; at < this.#members.length; at++) {
        let term = this.#members[at]!
        for (let size = this.#norms[at]!; size <= limit; size *= 2, term *= 2)
          for (let turn = 0; turn < 2; turn++) {
            const rest = turn === 0 ? target - term : target + term
            const id = table[rest < 0 ? -rest : rest]! - 1
            if (id < 0 || voted[id] === voter || taken[id] === 1) continue
            voted[id] = voter
            const votes = (tally[id] = tally[id]! + 1)
            if (votes > most) {
              most = votes
              choice = id
              ties = 1
            } else if (votes === most && this.#random.integer(++ties) === 0) choice = id
          }
      }
    }
    return choice < 0 ? undefined : this.#near[choice]!
  }

  /** A vector that takes part in the most ways to reach targets as the sum of two that are one adder away. */
  #halfway(wanted: ReadonlySet<number>): number | undefined {
    const table = this.#table
    const limit = 2 * this.#bound
    const { tally, voted } = this.#ballot()
    let most = 0
    let choice = -1
    let ties = 0
    let voter = 0
    const vote = (id: number): void => {
      if (voted[id] === voter || this.#taken[id] === 1) return
      voted[id] = voter
      const votes = (tally[id] = tally[id]! + 1)
      if (votes > most) {
        most = votes
        choice = id
        ties = 1
      } else if (votes === most && this.#random.integer(++ties) === 0) choice = id
    }
    for (const target of wanted) {
      if (this.#random.integer(wanted.size) >= mostVoters) continue
      voter++
      for (let at = 0; at < this.#near.length; at++) {
        let term = this.#near[at]!
        for (let size = this.#nearNorms[at]!; size <= limit; size *= 2, term *= 2)
          for (let turn = 0; turn < 2; turn++) {
            const rest = turn === 0 ? target - term : target + term
            const id = table[rest < 0 ? -rest : rest]! - 1
            if (id < 0) continue
            vote(at)
            vote(id)
          }
      }
    }
    return choice < 0 ? undefined : this.#near[choice]!
  }

  /** Cleared lists as long as there are vectors one adder away. */
  #ballot(): { tally: Int32Array; voted: Int32Array } {
    const length = this.#near.length
    if (this.#tally.length < length) {
      this.#tally = new Int32Array(2 * length)
      this.#voted = new Int32Array(2 * length)
    }
    return { tally: this.#tally.fill(0, 0, length), voted: this.#voted.fill(0, 0, length) }
  }

  /** Far from all targets: the vector that saves them the most digits. */
  #promising(wanted: ReadonlySet<number>): number | undefined {
    const digits = this.#digits
    const limit = 2 * this.#bound
    let most = 0
    let choice: number | undefined
    let ties = 0
    const vectors = Array.from(wanted, (packed) => this.unpack(packed))
    for (let id = 0; id < this.#near.length; id++) {
      if (this.#taken[id] === 1) continue
      const [nearX, nearY] = this.unpack(this.#near[id]!)
      let score = 0
      for (const [x, y] of vectors) {
        const before = digits[Math.abs(x)]! + digits[Math.abs(y)]!
        let least = before
        for (let factor = 1; factor * this.#nearNorms[id]! <= limit; factor *= 2) {
          const up = 1 + digits[Math.abs(x + factor * nearX)]! + digits[Math.abs(y + factor * nearY)]!
          const down = 1 + digits[Math.abs(x - factor * nearX)]! + digits[Math.abs(y - factor * nearY)]!
          if (up < least) least = up
          if (down < least) least = down
        }
        score += before - least
      }
      if (score > most) {
        most = score
        choice = this.#near[id]!
        ties = 1
      } else if (score === most && score > 0 && this.#random.integer(++ties) === 0) choice = this.#near[id]!
    }
    return choice
  }

  #reset(): void {
    for (let id = 0; id < this.#near.length; id++) {
      let packed = this.#near[id]!
      for (let size = this.#nearNorms[id]!; size <= 2 * this.#bound; size *= 2, packed *= 2)
        this.#table[packed] = 0
    }
    for (const list of [this.#members, this.#norms, this.#near, this.#nearNorms, this.#taken]) list.length = 0
    this.#extend(1, 0)
    this.#extend(0, 1)
  }

  #add(packed: number): void {
    const [x, y] = this.unpack(packed)
    this.#taken[this.#table[packed]! - 1] = 1
    this.#extend(x, y)
  }

  /** Takes a vector into the set and notes what is one adder away now. */
  #extend(x: number, y: number): void {
    const norm = Math.max(Math.abs(x), Math.abs(y))
    this.#members.push(this.pack(x, y))
    this.#norms.push(norm)
    const limit = 2 * this.#bound
    for (let at = 0; at < this.#members.length; at++) {
      const [otherX, otherY] = this.unpack(this.#members[at]!)
      // Equal shifts too: they give an odd vector when the parities differ.
      this.#consider(x + otherX, y + otherY)
      this.#consider(x - otherX, y - otherY)
      for (let factor = 2; factor * norm <= limit; factor *= 2) {
        this.#consider(factor * x + otherX, factor * y + otherY)
        this.#consider(factor * x - otherX, factor * y - otherY)
      }
      for (let factor = 2; factor * this.#norms[at]! <= limit; factor *= 2) {
        this.#consider(x + factor * otherX, y + factor * otherY)
        this.#consider(x - factor * otherX, y - factor * otherY)
      }
    }
  }

  #consider(x: number, y: number): void {
    if (((x | y) & 1) === 0) return
    const sizeX = x < 0 ? -x : x
    const sizeY = y < 0 ? -y : y
    let norm = sizeX > sizeY ? sizeX : sizeY
    if (norm > this.#bound) return
    const table = this.#table
    let packed = y * this.#width + x
    if (packed < 0) packed = -packed
    if (table[packed] !== 0) return
    this.#near.push(packed)
    this.#nearNorms.push(norm)
    this.#taken.push(0)
    const id = this.#near.length
    for (const limit = 2 * this.#bound; norm <= limit; norm *= 2, packed *= 2) table[packed] = id
  }
}
