/** Patterns at most this valuable have their own bucket; richer ones share the last. */
const buckets = 64

/**
 * How many digits each two-term pattern would save over all sums, and which save two or more. A pattern is
 * `(first << a) + (second << b)`, by the value numbers and a code (see `factors.ts`). Open addressing; the
 * patterns of one pair of values lie side by side.
 */
export class Patterns {
  #mask: number
  keys: Float64Array
  gains: Int32Array
  /** The bucket in which a slot was last put. */
  #level: Uint8Array
  #used = 0
  readonly #lists: Int32Array[] = Array.from({ length: buckets }, () => new Int32Array(16))
  readonly #lengths = new Int32Array(buckets)
  #top = 0
  /** While false no pattern enters a bucket: for undoing, and for filling before `collect`. */
  listing = false

  constructor(bits = 14) {
    this.#mask = 2 ** bits - 1
    this.keys = new Float64Array(2 ** bits).fill(-1)
    this.gains = new Int32Array(2 ** bits)
    this.#level = new Uint8Array(2 ** bits)
  }

  /**
   * Takes every entry of one factor pair's list away and adds every entry of another's; 0 is no list.
   * `first < second`, or equal for own patterns.
   */
  replace(first: number, second: number, old: number, list: number, pool: Int32Array): void {
    if (old === list) return
    const key = (first * 131072 + second) * 128
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0x2c1b3c6d)
    hash ^= hash >>> 13
    if (old < 0) this.#change(key + (-old >> 4), hash + (-old >> 4), -(-old & 15))
    else if (old > 0) {
      const end = old + pool[old]!
      for (let at = old + 1; at <= end; at++) {
        const entry = pool[at]!
        this.#change(key + (entry >> 4), hash + (entry >> 4), -(entry & 15))
      }
    }
    if (list < 0) this.#change(key + (-list >> 4), hash + (-list >> 4), -list & 15)
    else if (list > 0) {
      const end = list + pool[list]!
      for (let at = list + 1; at <= end; at++) {
        const entry = pool[at]!
        this.#change(key + (entry >> 4), hash + (entry >> 4), entry & 15)
      }
    }
  }

  #change(key: number, hash: number, by: number): void {
    const keys = this.keys
    const mask = this.#mask
    let slot = hash & mask
    for (;;) {
      const there = keys[slot]!
      if (there === key) break
      if (there === -1) {
        keys[slot] = key
        this.#used++
        if (this.#used * 8 > mask * 5) {
          this.#rebuild()
          slot = this.find(key)
        }
        break
      }
      slot = (slot + 1) & mask
    }
    const gain = (this.gains[slot]! += by)
    if (gain >= 2 && this.listing) this.put(slot, gain)
  }

  find(key: number): number {
    let slot = this.#hash(key) & this.#mask
    while (this.keys[slot] !== key && this.keys[slot] !== -1) slot = (slot + 1) & this.#mask
    if (this.keys[slot] === -1) {
      this.keys[slot] = key
      this.#used++
    }
    return slot
  }

  /** Puts a slot into the bucket for this gain. */
  put(slot: number, gain: number): void {
    const level = gain < buckets ? gain : buckets - 1
    if (this.#level[slot] === level) return
    this.#level[slot] = level
    const length = this.#lengths[level]!
    let list = this.#lists[level]!
    if (length === list.length) {
      const longer = new Int32Array(2 * length)
      longer.set(list)
      this.#lists[level] = list = longer
    }
    list[length] = slot
    this.#lengths[level] = length + 1
    if (level > this.#top) this.#top = level
  }

  /** The bucket with the most valuable slots; 0 when there is none. */
  top(): number {
    while (this.#top > 0 && this.#lengths[this.#top] === 0) this.#top--
    return this.#top
  }

  size(level: number): number {
    return this.#lengths[level]!
  }

  slot(level: number, at: number): number {
    return this.#lists[level]![at]!
  }

  /** Takes one entry out of a bucket. */
  take(level: number, at: number): void {
    const list = this.#lists[level]!
    const slot = list[at]!
    if (this.#level[slot] === level) this.#level[slot] = 0
    const last = (this.#lengths[level] = this.#lengths[level]! - 1)
    list[at] = list[last]!
  }

  /** Empties the buckets. */
  clear(): void {
    for (let level = 0; level < buckets; level++) {
      const list = this.#lists[level]!
      for (let at = this.#lengths[level]! - 1; at >= 0; at--) this.#level[list[at]!] = 0
      this.#lengths[level] = 0
    }
    this.#top = 0
  }

  /** Fills the buckets with all that saves two digits or more. */
  collect(): void {
    for (let slot = 0; slot <= this.#mask; slot++)
      if (this.gains[slot]! >= 2) this.put(slot, this.gains[slot]!)
  }

  #hash(key: number): number {
    const pair = Math.floor(key / 128)
    const first = Math.floor(pair / 131072)
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(pair - first * 131072, 0x85ebca77)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0x2c1b3c6d)
    hash ^= hash >>> 13
    return hash + (key - pair * 128)
  }

  /** Drops patterns that no longer occur; grows when that is not enough. */
  #rebuild(): void {
    const { keys, gains } = this
    const levels = this.#level
    let live = 0
    for (let slot = 0; slot < gains.length; slot++) if (gains[slot] !== 0) live++
    let size = this.#mask + 1
    while (live * 3 > size) size *= 2
    this.#mask = size - 1
    this.keys = new Float64Array(size).fill(-1)
    this.gains = new Int32Array(size)
    this.#level = new Uint8Array(size)
    this.#used = 0
    this.#lengths.fill(0)
    this.#top = 0
    for (let slot = 0; slot < gains.length; slot++) {
      if (gains[slot] === 0) continue
      const to = this.find(keys[slot]!)
      this.gains[to] = gains[slot]!
      if (levels[slot] !== 0) this.put(to, gains[slot]!)
    }
  }
}
