import type { Choices } from './random-source.ts'

export interface Signal {
  readonly name: string
  readonly width: number
  readonly signed: boolean
}

/** A function of the module: its arguments may have any width. */
export interface RandomFunction {
  readonly name: string
  readonly inputs: readonly Signal[]
}

/** Random expressions over signals; none of them is ever x. */
export class ExpressionWriter {
  readonly #choices: Choices
  readonly #readable: Signal[] = []
  readonly #functions: RandomFunction[] = []

  constructor(choices: Choices) {
    this.#choices = choices
  }

  /** Makes a signal known. */
  add(signal: Signal): void {
    this.#readable.push(signal)
  }

  addFunction(item: RandomFunction): void {
    this.#functions.push(item)
  }

  signal(test: (signal: Signal) => boolean = () => true): Signal {
    return this.#choices.pick(this.#readable.filter(test))
  }

  literal(width: number): string {
    let digits = ''
    for (let i = 0; i < width; i++) digits += this.#choices.chance(0.5) ? '1' : '0'
    return `${width}'${this.#choices.chance(0.2) ? 's' : ''}b${digits}`
  }

  /** An expression of the given depth. */
  expression(depth: number): string {
    const choices = this.#choices
    if (depth <= 0) return this.#leaf()
    const sub = () => this.expression(depth - 1 - choices.below(2))
    const forms: (() => string)[] = [
      () => `(${sub()} ${choices.pick(['+', '-', '+', '-', '*'])} ${sub()})`,
      () => `(${sub()} ${choices.pick(['&', '|', '^', '~^', '^~'])} ${sub()})`,
      () => `(${choices.pick(['~', '-', '+', '!'])}${sub()})`,
      () => `(${choices.pick(['&', '|', '^', '~&', '~|', '~^'])}${sub()})`,
      () => `(${sub()} ${choices.pick(['<', '<=', '>', '>=', '==', '!=', '===', '!=='])} ${sub()})`,
      () => `(${sub()} ${choices.pick(['<<', '>>', '>>>', '<<<'])} ${this.#amount()})`,
      () => `($signed(${sub()}) ${choices.pick(['>>>', '<<<', '>>'])} ${this.#amount()})`,
      () => `(${this.condition(1)} ? ${sub()} : ${sub()})`,
      () => `{${sub()}, ${sub()}}`,
      () => `{${1 + choices.below(4)}{${this.#leaf()}}}`,
      () => `${choices.pick(['$signed', '$unsigned'])}(${sub()})`,
      () => `(${sub()} ${choices.pick(['&&', '||'])} ${sub()})`,
      () => this.#quotient(),
      () => `(${choices.chance(0.5) ? `8'd2 ** ${this.part(3)}` : `${this.part(6)} ** ${choices.below(4)}`})`,
      () => this.#call(sub),
      () => this.#leaf(),
    ]
    return choices.pick(forms)()
  }

  /** One bit. */
  condition(depth: number): string {
    const choices = this.#choices
    const bits = this.#readable.filter(({ width }) => width === 1)
    if (bits.length > 0 && choices.chance(0.6)) {
      const bit = choices.pick(bits).name
      if (choices.chance(0.3)) return `(${bit} & ${choices.pick(bits).name})`
      return choices.chance(0.2) ? `!${bit}` : bit
    }
    return `(${this.expression(depth)} ${choices.pick(['<', '!=', '=='])} ${this.expression(depth)})`
  }

  /** Unsigned, at most so many bits. */
  part(width: number): string {
    const choices = this.#choices
    const signal = this.signal()
    if (signal.width === 1) return signal.name
    const low = choices.below(signal.width)
    return `${signal.name}[${Math.min(low + choices.below(width), signal.width - 1)}:${low}]`
  }

  /** Exactly so many unsigned bits. */
  address(bits: number): string {
    const { name, width } = this.signal((signal) => signal.width >= bits && signal.width > 1)
    const low = this.#choices.below(width - bits + 1)
    return `${name}[${low + bits - 1}:${low}]`
  }

  #call(argument: () => string): string {
    if (this.#functions.length === 0) return this.#leaf()
    const { name, inputs } = this.#choices.pick(this.#functions)
    return `${name}(${inputs.map(argument).join(', ')})`
  }

  /** Guarded: a quotient by zero is x in simulators that know it. */
  #quotient(): string {
    // a wide division is much logic, so few are
    const narrow = this.#readable.filter(({ width }) => width <= 64)
    const from = narrow.length > 0 && this.#choices.chance(0.9) ? narrow : this.#readable
    const [a, b] = [this.#choices.pick(from), this.#choices.pick(from)]
    const quotient = `${a.name} ${this.#choices.pick(['/', '%'])} ${b.name}`
    return `(${b.name} == 0 ? ${this.literal(4)} : ${this.#choices.pick(['$signed', '$unsigned'])}(${quotient}))`
  }

  #amount(): string {
    // Icarus 11 takes signed amounts as negative, hence the leading zero
    return this.#choices.chance(0.3) ? `${this.#choices.below(140)}` : `{1'b0, ${this.part(8)}}`
  }

  #leaf(): string {
    const choices = this.#choices
    const signal = this.signal()
    switch (choices.below(9)) {
      case 0:
        return this.literal(1 + choices.below(20))
      case 1:
        return signal.width === 1 ? signal.name : this.part(40)
      case 2:
        return this.#indexed()
      case 3:
        return `32'${choices.pick(['d', 'sd'])}${choices.pick([0, 1, 2, 3, 7, 100, 65535])}`
      default:
        return signal.name
    }
  }

  /** A bit or a part at a computed place, always inside the signal. */
  #indexed(): string {
    const choices = this.#choices
    const word = this.signal()
    const bits = Math.min(6, Math.floor(Math.log2(word.width)))
    if (bits === 0) return word.name
    const index = this.address(bits)
    const room = word.width - 2 ** bits + 1
    if (choices.chance(0.3)) return `${word.name}[${index}]`
    const width = 1 + choices.below(room)
    return choices.chance(0.5)
      ? `${word.name}[${index} +: ${width}]`
      : `${word.name}[${index} + ${8}'d${width - 1} -: ${width}]`
  }
}
