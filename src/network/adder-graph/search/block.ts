import type { Random } from '../../../core/random.ts'
import { digitCount } from '../digits.ts'

/** A vector over the few inputs of a block, times a power of two and a sign. */
export interface Multiple {
  readonly shift: number
  readonly negative: boolean
}

/**
 * A small set of vectors that contains all targets and in which every vector is one adder away from others.
 * Vectors are packed into one double: adding, shifting and negating packed numbers does so to the vectors.
 */
export class Block {
  readonly dimension: number
  readonly targets: readonly Int32Array[]
  readonly #field: number
  readonly #bound: number
  readonly #random: Random
  readonly #places: Float64Array

  /** The set: unit vectors first. */
  #vectors: Int32Array[] = []
  #packed: number[] = []
  #norms: number[] = []
  #depths: number[] = []

  /** Everything one adder away, also shifted: packed and positive. */
  #keys = new Float64Array(1 << 12)
  #ids = new Int32Array(1 << 12)
  #mask = (1 << 12) - 1
  #used = 0
  /** One adder away, odd. */
  #near: number[] = []
  #nearNorms: number[] = []
  #nearDepths: number[] = []
  /** Set members and their shifts. */
  readonly #members = new Set<number>()

  constructor(dimension: number, targets: readonly Int32Array[], random: Random, slack = 1) {
    this.dimension = dimension
    this.targets = targets
    this.#random = random
    let largest = 1
    for (const target of targets) for (const value of target) largest = Math.max(largest, Math.abs(value))
    this.#bound = 2 ** Math.ceil(Math.log2(largest + 1)) * slack
    this.#field = Math.log2(this.#bound) + 3
    this.#places = Float64Array.from({ length: dimension }, (_, k) => 2 ** (this.#field * k))
  }

  /** Whether the vectors fit a double. */
  static fits(dimension: number, largest: number, slack = 1): boolean {
    return dimension * (Math.ceil(Math.log2(largest + 1)) + Math.log2(slack) + 3) <= 52
  }

  pack(vector: Int32Array): number {
    let packed = 0
    for (let k = 0; k < this.dimension; k++) packed += vector[k]! * this.#places[k]!
    return packed
  }

  unpack(packed: number): Int32Array {
    const vector = new Int32Array(this.dimension)
    let rest = packed
    for (let k = this.dimension - 1; k >= 0; k--) {
      const place = this.#places[k]!
      const value = k === 0 ? rest : Math.round(rest / place)
      vector[k] = value
      rest -= value * place
    }
    return vector
  }

  /** Builds the set; `kept` vectors are taken in again as soon as they are one adder away. */
  build(kept: readonly number[], maxDepth: number, best: number): number[] | undefined {
    this.#reset()
    const wanted = new Set(this.targets.map((target) => this.pack(target)))
    const optional = new Set(kept)
    for (const packed of this.#members) {
      wanted.delete(packed)
      optional.delete(packed)
    }
    for (;;) {
      this.#absorb(wanted, optional, maxDepth)
      if (wanted.size === 0) break
      if (this.#packed.length + wanted.size >= best + this.dimension) return undefined
      const next = this.#two(wanted, maxDepth) ?? this.#three(wanted, maxDepth) ?? this.#estimate(wanted)
      if (next === undefined) return undefined
      optional.delete(next)
      this.#add(next)
    }
    return this.#packed.slice(this.dimension)
  }

  /** Takes in all that is one adder away. */
  #absorb(wanted: Set<number>, optional: Set<number>, maxDepth: number): void {
    for (let again = true; again; ) {
      again = false
      for (const group of [wanted, optional])
        for (const packed of group) {
          const id = this.#find(packed)
          if (id < 0 || this.#nearDepths[id]! > maxDepth) continue
          group.delete(packed)
          this.#add(packed)
          again = true
        }
    }
  }

  /** A vector that brings the most targets within one adder. */
  #two(wanted: ReadonlySet<number>, maxDepth: number): number | undefined {
    const tally = new Int32Array(this.#near.length)
    const seen = new Int32Array(this.#near.length).fill(-1)
    let most = 0
    let choice = -1
    let ties = 0
    let number = 0
    const vote = (id: number): void => {
      if (seen[id] === number || this.#nearDepths[id]! >= maxDepth) return
      seen[id] = number
      const count = (tally[id] = tally[id]! + 1)
      if (count > most) {
        most = count
        choice = id
        ties = 1
      } else if (count === most && this.#random.integer(++ties) === 0) choice = id
    }
    const limit = 2 * this.#bound
    for (const target of wanted) {
      for (let at = 0; at < this.#packed.length; at++) {
        if (this.#depths[at]! >= maxDepth) continue
        const norm = this.#norms[at]!
        let term = this.#packed[at]!
        for (let size = norm; size <= limit; size *= 2, term *= 2) {
          const plus = this.#find(Math.abs(target + term))
          if (plus >= 0) vote(plus)
          const minus = this.#find(Math.abs(target - term))
          if (minus >= 0) vote(minus)
        }
      }
      for (let shift = 1; 2 ** shift <= limit; shift++)
        for (const unit of [2 ** shift - 1, 2 ** shift + 1]) {
          if (unit === 1 || target % unit !== 0) continue
          const part = this.#find(target / unit)
          if (part >= 0 && this.#divides(target, unit)) vote(part)
        }
      number++
    }
    return choice < 0 ? undefined : this.#near[choice]!
  }

  /** A vector that takes part in the most ways to reach targets by three adders. */
  #three(wanted: ReadonlySet<number>, maxDepth: number): number | undefined {
    const tally = new Int32Array(this.#near.length)
    const seen = new Int32Array(this.#near.length).fill(-1)
    let most = 0
    let choice = -1
    let ties = 0
    let number = 0
    const vote = (id: number): void => {
      if (seen[id] === number) return
      seen[id] = number
      const count = (tally[id] = tally[id]! + 1)
      if (count > most) {
        most = count
        choice = id
        ties = 1
      } else if (count === most && this.#random.integer(++ties) === 0) choice = id
    }
    const limit = 2 * this.#bound
    const few = [...wanted].filter(() => this.#random.integer(wanted.size) < 8)
    for (const target of few) {
      for (let at = 0; at < this.#near.length; at++) {
        if (this.#nearDepths[at]! >= maxDepth) continue
        let term = this.#near[at]!
        for (let size = this.#nearNorms[at]!; size <= limit; size *= 2, term *= 2) {
          const plus = this.#find(Math.abs(target + term))
          if (plus >= 0 && this.#nearDepths[plus]! < maxDepth) {
            vote(at)
            vote(plus)
          }
          const minus = this.#find(Math.abs(target - term))
          if (minus >= 0 && this.#nearDepths[minus]! < maxDepth) {
            vote(at)
            vote(minus)
          }
        }
      }
      number++
    }
    return choice < 0 ? undefined : this.#near[choice]!
  }

  /** Far from all targets: the vector that saves them the most digits. */
  #estimate(wanted: ReadonlySet<number>): number | undefined {
    let most = -1
    let choice: number | undefined
    let ties = 0
    const vectors = [...wanted].map((packed) => this.unpack(packed))
    const weights = vectors.map((vector) => vector.reduce((sum, value) => sum + digitCount(value), 0))
    for (let id = 0; id < this.#near.length; id++) {
      if (this.#members.has(this.#near[id]!)) continue
      const near = this.unpack(this.#near[id]!)
      let score = 0
      vectors.forEach((vector, at) => {
        let least = weights[at]!
        for (let factor = 1; factor * this.#nearNorms[id]! <= 2 * this.#bound; factor *= 2)
          for (const times of [factor, -factor]) {
            let sum = 1
            for (let k = 0; k < this.dimension; k++) sum += digitCount(vector[k]! + times * near[k]!)
            if (sum < least) least = sum
          }
        score += weights[at]! - least
      })
      if (score > most) {
        most = score
        choice = this.#near[id]!
        ties = 1
      } else if (score === most && this.#random.integer(++ties) === 0) choice = this.#near[id]!
    }
    return choice
  }

  #divides(packed: number, unit: number): boolean {
    return this.unpack(packed).every((value) => value % unit === 0)
  }

  #reset(): void {
    this.#vectors = []
    this.#packed = []
    this.#norms = []
    this.#depths = []
    this.#near = []
    this.#nearNorms = []
    this.#nearDepths = []
    this.#members.clear()
    this.#keys.fill(0)
    this.#used = 0
    for (let k = 0; k < this.dimension; k++) {
      const unit = new Int32Array(this.dimension)
      unit[k] = 1
      this.#addVector(unit, this.#places[k]!, 0)
    }
  }

  #add(packed: number): void {
    const id = this.#find(packed)
    this.#addVector(this.unpack(packed), packed, this.#nearDepths[id]!)
  }

  #addVector(vector: Int32Array, packed: number, depth: number): void {
    let norm = 0
    for (const value of vector) norm = Math.max(norm, Math.abs(value))
    this.#vectors.push(vector)
    this.#packed.push(packed)
    this.#norms.push(norm)
    this.#depths.push(depth)
    this.#members.add(packed)
    const limit = 2 * this.#bound
    for (let at = 0; at < this.#packed.length; at++) {
      const other = this.#packed[at]!
      const otherNorm = this.#norms[at]!
      const near = Math.max(depth, this.#depths[at]!) + 1
      for (let factor = 1; factor * norm <= limit; factor *= 2) {
        this.#consider(vector, factor, this.#vectors[at]!, 1, packed * factor + other, near)
        this.#consider(vector, factor, this.#vectors[at]!, -1, packed * factor - other, near)
      }
      for (let factor = 2; factor * otherNorm <= limit; factor *= 2) {
        this.#consider(vector, 1, this.#vectors[at]!, factor, packed + factor * other, near)
        this.#consider(vector, 1, this.#vectors[at]!, -factor, packed - factor * other, near)
      }
    }
  }

  /** Notes a vector that is one adder away. */
  #consider(
    a: Int32Array,
    factorA: number,
    b: Int32Array,
    factorB: number,
    packed: number,
    depth: number,
  ): void {
    const bound = this.#bound
    let norm = 0
    let bits = 0
    for (let k = 0; k < a.length; k++) {
      const value = factorA * a[k]! + factorB * b[k]!
      const size = value < 0 ? -value : value
      if (size > norm) norm = size
      bits |= size
    }
    if (norm > bound || norm === 0) return
    let odd = Math.abs(packed)
    while ((bits & 1) === 0) {
      bits >>= 1
      odd /= 2
      norm /= 2
    }
    const there = this.#find(odd)
    if (there >= 0) {
      if (depth < this.#nearDepths[there]!) this.#nearDepths[there] = depth
      return
    }
    const id = this.#near.length
    this.#near.push(odd)
    this.#nearNorms.push(norm)
    this.#nearDepths.push(depth)
    for (let size = norm; size <= 2 * bound; size *= 2, odd *= 2) this.#insert(odd, id)
  }

  #find(packed: number): number {
    const keys = this.#keys
    const mask = this.#mask
    let slot = hash(packed) & mask
    for (;;) {
      const key = keys[slot]!
      if (key === packed) return this.#ids[slot]!
      if (key === 0) return -1
      slot = (slot + 1) & mask
    }
  }

  #insert(packed: number, id: number): void {
    if (this.#used * 2 > this.#mask) this.#grow()
    let slot = hash(packed) & this.#mask
    while (this.#keys[slot] !== 0) slot = (slot + 1) & this.#mask
    this.#keys[slot] = packed
    this.#ids[slot] = id
    this.#used++
  }

  #grow(): void {
    const keys = this.#keys
    const ids = this.#ids
    const size = 2 * keys.length
    this.#keys = new Float64Array(size)
    this.#ids = new Int32Array(size)
    this.#mask = size - 1
    this.#used = 0
    for (let slot = 0; slot < keys.length; slot++) if (keys[slot] !== 0) this.#insert(keys[slot]!, ids[slot]!)
  }
}

function hash(packed: number): number {
  let h = Math.imul(packed | 0, 0x9e3779b1) ^ Math.imul((packed / 4294967296) | 0, 0x85ebca77)
  h ^= h >>> 15
  return h ^ (h >>> 7)
}
