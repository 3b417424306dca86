import { GemgateError } from '../../src/core/errors.ts'
import type { Port } from './compiler/layout.ts'
import type { CheckInfo, EngineDesign, EngineInstance } from './engine.ts'

export interface ComparisonOptions {
  /** Rounds: in each one inputs change, then clocks do. Default 1000. */
  readonly cycles?: number
  /** Seed of the stimulus, default 1. */
  readonly seed?: number
  /**
   * Input name -> values that it takes in turn, one per round and from the start again; others get random bits. Inputs
   * that sound like a reset are active in the first rounds and now and then.
   */
  readonly inputs?: Readonly<Record<string, readonly (number | bigint)[]>>
}

/** The first place where two engines do not agree. */
export interface Difference {
  /** Round, counted from 0. */
  readonly cycle: number
  /** An output port, or `$display`, `assert` or `$finish`. */
  readonly name: string
  /** What the engines say, in the order of the designs: hexadecimal values, or texts. */
  readonly values: readonly [string, string]
  /** All inputs at that moment, hexadecimal. */
  readonly inputs: Readonly<Record<string, string>>
}

export interface Comparison {
  /** Rounds in which both agreed. */
  readonly cycles: number
  /** Values of outputs that were compared. */
  readonly compared: number
  /** How many of the compared values were not 0: a design that only sleeps proves little. */
  readonly active: number
  readonly difference: Difference | undefined
}

/**
 * Runs two designs made from the same sources with the same seeded stimulus, and compares all outputs, printed texts
 * and failing assertions after every change of inputs and after every edge of a clock. A `$finish` of both ends it.
 * @throws GemgateError GG_PORT if the designs do not have the same ports
 */
export function compareEngines(
  first: EngineDesign,
  second: EngineDesign,
  options: ComparisonOptions = {},
): Comparison {
  const { cycles = 1000 } = options
  const pairs = portPairs(first, second)
  const one = new Side(first)
  const two = new Side(second)
  try {
    const stimulus = new Stimulus(pairs, first.clock, options)
    const comparer = new Comparer(pairs, one, two)
    let cycle = 0
    for (; cycle < cycles && !one.finished; cycle++) {
      stimulus.changeInputs(one.words, two.words, cycle)
      // mostly inputs settle first, but a clock may also come with them
      if (stimulus.chance(0.2)) stimulus.changeClocks(one.words, two.words)
      if (!comparer.settled()) break
      stimulus.changeClocks(one.words, two.words)
      if (!comparer.settled()) break
    }
    const { compared, active, differs } = comparer
    const difference = differs && { cycle, ...differs }
    return { cycles: cycle, compared, active, difference }
  } finally {
    one.instance.close()
    two.instance.close()
  }
}

type Pair = readonly [Port, Port]

/** The same ports of both designs. */
function portPairs(first: EngineDesign, second: EngineDesign): Pair[] {
  const others = new Map(second.ports.map((port) => [port.name, port]))
  const pairs = first.ports.map((port): Pair => {
    const other = others.get(port.name)
    if (other?.width === port.width && other.direction === port.direction) return [port, other]
    throw new GemgateError(
      'GG_PORT',
      `the port ${port.name} of ${first.top} is not the same in ${second.engine}`,
      'Compile both from the same sources with the same parameters.',
    )
  })
  if (pairs.length === others.size) return pairs
  const [missing] = second.ports.filter(({ name }) => !first.ports.some((port) => port.name === name))
  throw new GemgateError(
    'GG_PORT',
    `${first.engine} does not have the port ${missing?.name} of ${second.top}`,
    'Compile both from the same sources with the same parameters.',
  )
}

/** One engine at work, and what it said since it was last asked. */
class Side {
  readonly instance: EngineInstance
  readonly words: Int32Array
  finished = false
  #texts: string[] = []

  constructor(design: EngineDesign) {
    this.instance = design.instantiate({
      print: (text) => void this.#texts.push(text),
      violated: (check) => {
        this.#texts.push(describeCheck(check))
        return false
      },
      finish: () => {
        this.finished = true
      },
    })
    this.words = this.instance.words
    this.#texts = []
  }

  /** The texts in any order: processes of one moment have none. */
  takeTexts(): string {
    if (this.#texts.length === 0) return ''
    const texts = this.#texts.sort().join('')
    this.#texts = []
    return texts
  }
}

function describeCheck({ kind, file, line }: CheckInfo): string {
  return `${kind} at ${file}:${line}\n`
}

class Comparer {
  readonly #pairs: readonly Pair[]
  readonly #outputs: readonly Pair[]
  readonly #one: Side
  readonly #two: Side
  compared = 0
  active = 0
  differs: Omit<Difference, 'cycle'> | undefined

  constructor(pairs: readonly Pair[], one: Side, two: Side) {
    this.#pairs = pairs
    this.#outputs = pairs.filter(([port]) => port.direction === 'output')
    this.#one = one
    this.#two = two
    for (const side of [one, two]) side.instance.settle()
  }

  /** Settles both; false if they differ. */
  settled(): boolean {
    const [one, two] = [this.#one, this.#two]
    one.instance.settle()
    two.instance.settle()
    for (const [a, b] of this.#outputs) {
      this.compared++
      let any = 0
      for (let i = 0; 32 * i < a.width; i++) {
        const value = one.words[a.word + i]!
        if (value !== two.words[b.word + i])
          return this.#found(a.name, [hex(one.words, a), hex(two.words, b)])
        any |= value
      }
      if (any !== 0) this.active++
    }
    const texts = [one.takeTexts(), two.takeTexts()] as const
    if (texts[0] !== texts[1]) return this.#found('$display', texts)
    if (one.finished !== two.finished) return this.#found('$finish', [`${one.finished}`, `${two.finished}`])
    return true
  }

  #found(name: string, values: readonly [string, string]): false {
    const inputs = this.#pairs.filter(([port]) => port.direction === 'input')
    this.differs = {
      name,
      values,
      inputs: Object.fromEntries(inputs.map(([port]) => [port.name, hex(this.#one.words, port)])),
    }
    return false
  }
}

function hex(words: Int32Array, { word, width }: Port): string {
  let digits = ''
  for (let i = Math.ceil(width / 32) - 1; i >= 0; i--)
    digits += (words[word + i]! >>> 0).toString(16).padStart(8, '0')
  return digits.replace(/^0+(?=.)/, '')
}

const resetName = /(^|_)a?s?(rst|reset)|(rst|reset)(_?n)?$/i
const lowName = /n(_?i)?$|_b$/i
const resetRounds = 6

/** The same random inputs for both sides. */
class Stimulus {
  readonly #clocks: readonly Pair[]
  readonly #inputs: readonly Pair[]
  readonly #given: NonNullable<ComparisonOptions['inputs']>
  readonly #mainClock: string
  #state: number
  #resetUntil = resetRounds

  constructor(pairs: readonly Pair[], mainClock: string, { seed = 1, inputs = {} }: ComparisonOptions) {
    const all = pairs.filter(([port]) => port.direction === 'input')
    // an engine may see a clock where the other sees none: the second is as good a witness
    this.#clocks = all.filter(([a, b]) => a.clock || b.clock)
    this.#inputs = all.filter((pair) => !this.#clocks.includes(pair))
    this.#given = inputs
    this.#mainClock = mainClock
    this.#state = (seed * 2654435761) >>> 0 || 1
  }

  chance(probability: number): boolean {
    return this.#bits() / 2 ** 32 < probability
  }

  changeInputs(one: Int32Array, two: Int32Array, cycle: number): void {
    if (cycle >= this.#resetUntil && this.chance(1 / 200)) this.#resetUntil = cycle + 1 + (this.#bits() % 3)
    for (const [a, b] of this.#inputs) {
      const given = this.#given[a.name]
      if (given) {
        const value = BigInt(given[cycle % given.length]!)
        this.#write(a, b, one, two, (i) => Number((value >> BigInt(32 * i)) & 0xffffffffn))
      } else if (a.width === 1 && resetName.test(a.name)) {
        const active = cycle < this.#resetUntil
        const level = active === lowName.test(a.name) ? 0 : 1
        this.#write(a, b, one, two, () => level)
      } else this.#random(a, b, one, two)
    }
  }

  /** All clocks move, or only some: the main clock always does. */
  changeClocks(one: Int32Array, two: Int32Array): void {
    for (const [a, b] of this.#clocks) {
      if (a.name !== this.#mainClock && this.chance(0.4)) continue
      const level = (one[a.word]! & 1) ^ 1
      one[a.word] = level
      two[b.word] = level
    }
  }

  #random(a: Port, b: Port, one: Int32Array, two: Int32Array): void {
    const kind = this.#bits() % 8
    if (kind < 2) return
    const low = this.#bits() % 16
    const values = [() => 0, () => -1, (i: number) => (i === 0 ? low : 0)]
    this.#write(a, b, one, two, values[kind - 2] ?? (() => this.#bits()))
  }

  #write(a: Port, b: Port, one: Int32Array, two: Int32Array, value: (i: number) => number): void {
    for (let i = 0; 32 * i < a.width; i++) {
      const room = a.width - 32 * i
      const word = room >= 32 ? value(i) : value(i) & (2 ** room - 1)
      one[a.word + i] = word
      two[b.word + i] = word
    }
  }

  /** 32 random bits (xorshift). */
  #bits(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state
  }
}
