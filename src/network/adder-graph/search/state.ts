import type { SharedSums, Term } from '../sums.ts'
import { type Factors, firstUnit, secondUnit } from './factors.ts'
import { Patterns } from './patterns.ts'

/** What a search works on: all sums with integer factors, the patterns they share, and a journal to go back. */
export class SearchState {
  readonly inputs: number
  readonly outputs: number
  readonly factors: Factors
  readonly patterns = new Patterns()
  /** Sums: outputs first, then the sum of value `inputs + k` at `outputs + k`. */
  readonly terms: Int32Array[] = []
  /** Factor numbers beside `terms`. */
  readonly weights: Int32Array[] = []
  readonly lengths: number[] = []
  /** Digits of each sum. */
  readonly digits: number[] = []
  /** Room that a sum takes in a binary tree: a digit of depth d takes 2^d. */
  readonly room: number[] = []
  /** Room that it may take. */
  readonly limits: number[] = []
  /** Per value: the sums that use it. */
  readonly users: Int32Array[] = []
  readonly userCounts: number[] = []
  /** Per value: digits with which it is used. */
  readonly uses: number[] = []
  /** Per value: 2^depth. */
  readonly heights: number[] = []
  /** Adders: each sum takes one fewer than it has digits. */
  cost = 0
  readonly #free: number[] = []
  /** Values of which the uses fell to one or none. */
  readonly #idle: number[] = []
  /** (sum, value, factor before), for going back. */
  #journal = new Int32Array(3 * 4096)
  #journalLength = 0
  #touched: number[] = []

  constructor(factors: Factors, inputs: number, rooms: readonly number[], arrival: readonly number[]) {
    this.factors = factors
    this.inputs = inputs
    this.outputs = rooms.length
    for (let i = 0; i < inputs; i++) this.#addValue(2 ** (arrival[i] ?? 0))
    for (const room of rooms) this.#addSum(room)
  }

  /** Fills the empty state. */
  load({ shared, outputs }: SharedSums): void {
    for (const terms of shared) {
      let height = 1
      for (const { value } of terms) height = Math.max(height, 2 * this.heights[value]!)
      const value = this.#newValue(height)
      for (const { value: term, factor } of terms)
        this.set(this.sumOf(value), term, this.factors.number(factor))
    }
    outputs.forEach((terms, j) => {
      for (const { value, factor } of terms)
        this.set(j, value, this.factors.number(factor + this.factors.values[this.factorNumber(j, value)]!))
    })
    this.commit()
  }

  get values(): number {
    return this.users.length
  }

  sumOf(value: number): number {
    return value - this.inputs + this.outputs
  }

  factorNumber(sum: number, value: number): number {
    const terms = this.terms[sum]!
    const length = this.lengths[sum]!
    for (let at = 0; at < length; at++) if (terms[at] === value) return this.weights[sum]![at]!
    return 0
  }

  /** Changes one factor and with it the patterns of this sum. Everything else goes through here. */
  set(sum: number, value: number, factor: number): void {
    const { factors, patterns } = this
    let terms = this.terms[sum]!
    let weights = this.weights[sum]!
    let length = this.lengths[sum]!
    let old = 0
    let place = length
    for (let at = 0; at < length; at++)
      if (terms[at] === value) {
        old = weights[at]!
        place = at
        break
      }
    if (old === factor) return
    this.#record(sum, value, old)
    for (let at = 0; at < length; at++) {
      if (at === place) continue
      const other = terms[at]!
      const weight = weights[at]!
      if (other < value) {
        const before = old === 0 ? 0 : factors.pair(weight, old)
        const after = factor === 0 ? 0 : factors.pair(weight, factor)
        patterns.replace(other, value, before, after, factors.pool)
      } else {
        const before = old === 0 ? 0 : factors.pair(old, weight)
        const after = factor === 0 ? 0 : factors.pair(factor, weight)
        patterns.replace(value, other, before, after, factors.pool)
      }
    }
    const before = factors.digits[old]!
    const after = factors.digits[factor]!
    if (before > 1 || after > 1) {
      const oldList = before > 1 ? factors.own(old) : 0
      const newList = after > 1 ? factors.own(factor) : 0
      patterns.replace(value, value, oldList, newList, factors.pool)
    }
    if (factor === 0) {
      length--
      terms[place] = terms[length]!
      weights[place] = weights[length]!
      this.lengths[sum] = length
      this.#removeUser(value, sum)
    } else if (old === 0) {
      if (length === terms.length) {
        terms = this.terms[sum] = longer(terms)
        weights = this.weights[sum] = longer(weights)
      }
      terms[length] = value
      weights[length] = factor
      this.lengths[sum] = length + 1
      this.#addUser(value, sum)
    } else weights[place] = factor
    const digits = this.digits[sum]!
    const now = digits + after - before
    this.digits[sum] = now
    this.room[sum] = this.room[sum]! + (after - before) * this.heights[value]!
    this.cost += (now > 1 ? now - 1 : 0) - (digits > 1 ? digits - 1 : 0)
    this.uses[value] = this.uses[value]! + after - before
    if (this.uses[value]! <= 1 && value >= this.inputs) this.#idle.push(value)
    if (now <= 1 && sum >= this.outputs) this.#idle.push(sum - this.outputs + this.inputs)
  }

  /** Digits saved by a pattern in the sums that have room for it. */
  saving(first: number, second: number, code: number): number {
    const { factors } = this
    let saved = 0
    if (first === second) {
      const users = this.users[first]!
      for (let at = this.userCounts[first]! - 1; at >= 0; at--) {
        const sum = users[at]!
        const weight = this.factorNumber(sum, first)
        if (factors.digits[weight]! < 2) continue
        const gain = this.#entryGain(factors.own(weight), code)
        if (gain > 0 && this.#fits(sum, first, first, weight, 0, code)) saved += gain
      }
      return saved
    }
    const few = this.userCounts[first]! < this.userCounts[second]! ? first : second
    const many = few === first ? second : first
    const users = this.users[few]!
    for (let at = this.userCounts[few]! - 1; at >= 0; at--) {
      const sum = users[at]!
      const b = this.factorNumber(sum, many)
      if (b === 0) continue
      const a = this.factorNumber(sum, few)
      const atFirst = few === first ? a : b
      const atSecond = few === first ? b : a
      const gain = this.#entryGain(factors.pair(atFirst, atSecond), code)
      if (gain > 0 && this.#fits(sum, first, second, atFirst, atSecond, code)) saved += gain
    }
    return saved
  }

  /** Makes a value of a pattern and uses it wherever that saves digits and there is room. */
  extract(first: number, second: number, code: number): number {
    const { factors } = this
    const unitA = firstUnit(code)
    const unitB = secondUnit(code)
    const value = this.#newValue(2 * Math.max(this.heights[first]!, this.heights[second]!))
    const few = this.userCounts[first]! < this.userCounts[second]! ? first : second
    const users = this.users[few]!.slice(0, this.userCounts[few]!)
    for (const sum of users) {
      const a = this.factorNumber(sum, first)
      if (first === second) {
        if (factors.digits[a]! < 2 || this.#entryGain(factors.own(a), code) === 0) continue
        if (!this.#fits(sum, first, first, a, 0, code)) continue
        const number = factors.ownTimes(a, code)
        this.set(sum, first, factors.ownRest(a, number, code))
        this.set(sum, value, number)
        continue
      }
      const b = this.factorNumber(sum, second)
      if (a === 0 || b === 0) continue
      if (this.#entryGain(factors.pair(a, b), code) === 0) continue
      if (!this.#fits(sum, first, second, a, b, code)) continue
      const number = factors.times(a, b, code)
      this.set(sum, first, factors.firstRest(a, number, code))
      this.set(sum, second, factors.secondRest(b, number, code))
      this.set(sum, value, number)
    }
    const sum = this.sumOf(value)
    if (first === second) this.set(sum, first, factors.number(1 + unitB))
    else {
      this.set(sum, first, factors.number(unitA))
      this.set(sum, second, factors.number(unitB))
    }
    return value
  }

  /** Puts a value's sum in place of it everywhere and drops it. */
  dissolve(value: number): void {
    const { factors } = this
    const own = this.sumOf(value)
    const terms = this.terms[own]!.slice(0, this.lengths[own]!)
    const weights = this.weights[own]!.slice(0, this.lengths[own]!)
    for (let at = 0; at < terms.length; at++) this.set(own, terms[at]!, 0)
    const users = this.users[value]!.slice(0, this.userCounts[value]!)
    for (const sum of users) {
      const times = factors.values[this.factorNumber(sum, value)]!
      this.set(sum, value, 0)
      for (let at = 0; at < terms.length; at++) {
        const term = terms[at]!
        const before = factors.values[this.factorNumber(sum, term)]!
        this.set(sum, term, factors.number(before + times * factors.values[weights[at]!]!))
      }
    }
  }

  /** Dissolves values that are used by a single digit, or are only another name, or are not used: free of cost. */
  tidy(): void {
    while (this.#idle.length > 0) {
      const value = this.#idle.pop()!
      if (this.lengths[this.sumOf(value)] === 0) continue
      if (this.uses[value]! <= 1 || this.digits[this.sumOf(value)]! <= 1) this.dissolve(value)
    }
  }

  live(value: number): boolean {
    return value < this.inputs || this.lengths[this.sumOf(value)]! > 0
  }

  /** Makes what was done final. */
  commit(): void {
    this.#journalLength = 0
    this.#release()
  }

  /** Goes back to the last `commit`. */
  rollback(): void {
    const { patterns } = this
    const listing = patterns.listing
    patterns.listing = false
    const journal = this.#journal
    for (let at = this.#journalLength - 3; at >= 0; at -= 3)
      this.set(journal[at]!, journal[at + 1]!, journal[at + 2]!)
    this.#journalLength = 0
    this.#idle.length = 0
    this.#release()
    patterns.listing = listing
  }

  /** The sums with live values only, in an order in which each value comes before its users. */
  sums(): SharedSums {
    const order: number[] = []
    const renamed = new Map<number, number>()
    for (let i = 0; i < this.inputs; i++) renamed.set(i, i)
    const visit = (value: number): void => {
      if (renamed.has(value)) return
      const sum = this.sumOf(value)
      for (let at = 0; at < this.lengths[sum]!; at++) visit(this.terms[sum]![at]!)
      renamed.set(value, this.inputs + order.length)
      order.push(value)
    }
    for (let sum = 0; sum < this.outputs; sum++)
      for (let at = 0; at < this.lengths[sum]!; at++) visit(this.terms[sum]![at]!)
    const termsOf = (sum: number): Term[] =>
      Array.from({ length: this.lengths[sum]! }, (_, at) => ({
        value: renamed.get(this.terms[sum]![at]!)!,
        factor: this.factors.values[this.weights[sum]![at]!]!,
      }))
    return {
      inputs: this.inputs,
      shared: order.map((value) => termsOf(this.sumOf(value))),
      outputs: Array.from({ length: this.outputs }, (_, sum) => termsOf(sum)),
    }
  }

  /** Whether a sum has room for taking a pattern out of these factors. */
  #fits(sum: number, first: number, second: number, a: number, b: number, code: number): boolean {
    const limit = this.limits[sum]!
    if (limit === Number.POSITIVE_INFINITY) return true
    const { digits } = this.factors
    const heightA = this.heights[first]!
    const heightB = this.heights[second]!
    const height = 2 * Math.max(heightA, heightB)
    if (first === second) {
      const number = this.factors.ownTimes(a, code)
      const rest = this.factors.ownRest(a, number, code)
      return this.room[sum]! + (digits[rest]! - digits[a]!) * heightA + digits[number]! * height <= limit
    }
    // Most often one digit of each.
    if (digits[a] === 1 && digits[b] === 1) return this.room[sum]! + height - heightA - heightB <= limit
    const number = this.factors.times(a, b, code)
    const taken =
      (digits[a]! - digits[this.factors.firstRest(a, number, code)]!) * heightA +
      (digits[b]! - digits[this.factors.secondRest(b, number, code)]!) * heightB
    return this.room[sum]! - taken + digits[number]! * height <= limit
  }

  #entryGain(list: number, code: number): number {
    if (list < 0) return -list >> 4 === code ? -list & 15 : 0
    const { pool } = this.factors
    const end = list + pool[list]!
    for (let at = list + 1; at <= end; at++) if (pool[at]! >> 4 === code) return pool[at]! & 15
    return 0
  }

  #newValue(height: number): number {
    let value = this.#free.pop()
    if (value === undefined) {
      value = this.#addValue(height)
      this.#addSum(height)
    }
    this.heights[value] = height
    this.limits[this.sumOf(value)] = height
    this.#touched.push(value)
    return value
  }

  /** Values that died are free for use again, but not before: the journal knows them by their old heights. */
  #release(): void {
    for (const value of new Set(this.#touched)) if (!this.live(value)) this.#free.push(value)
    this.#touched = []
  }

  #addValue(height: number): number {
    this.users.push(new Int32Array(4))
    this.userCounts.push(0)
    this.uses.push(0)
    this.heights.push(height)
    return this.users.length - 1
  }

  #addSum(limit: number): void {
    this.terms.push(new Int32Array(4))
    this.weights.push(new Int32Array(4))
    this.lengths.push(0)
    this.digits.push(0)
    this.room.push(0)
    this.limits.push(limit)
  }

  #addUser(value: number, sum: number): void {
    const count = this.userCounts[value]!
    if (count === this.users[value]!.length) this.users[value] = longer(this.users[value]!)
    this.users[value]![count] = sum
    this.userCounts[value] = count + 1
  }

  #removeUser(value: number, sum: number): void {
    const users = this.users[value]!
    const last = this.userCounts[value]! - 1
    for (let at = last; at >= 0; at--)
      if (users[at] === sum) {
        users[at] = users[last]!
        break
      }
    this.userCounts[value] = last
  }

  #record(sum: number, value: number, factor: number): void {
    if (this.#journalLength === this.#journal.length) this.#journal = longer(this.#journal)
    this.#journal[this.#journalLength++] = sum
    this.#journal[this.#journalLength++] = value
    this.#journal[this.#journalLength++] = factor
    if (factor !== 0 && sum >= this.outputs) this.#touched.push(sum - this.outputs + this.inputs)
  }
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
  const result = new Int32Array(2 * array.length)
  result.set(array)
  return result
}
