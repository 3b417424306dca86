/** Random Verilog modules whose behaviour is fully defined (no x anywhere), for comparing simulators. */

export interface RandomPort {
  readonly name: string
  readonly width: number
}

export interface RandomModule {
  readonly name: string
  readonly text: string
  readonly inputs: readonly RandomPort[]
  readonly outputs: readonly RandomPort[]
}

interface Signal {
  readonly name: string
  readonly width: number
  readonly signed: boolean
}

/** A small seeded generator (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const widths = [1, 1, 1, 2, 3, 5, 8, 8, 12, 16, 17, 24, 31, 32, 33, 40, 48, 63, 64, 65, 80, 100]

class Writer {
  readonly #random: () => number
  readonly #lines: string[] = []
  readonly #readable: Signal[] = []
  readonly #bits: Signal[] = []

  constructor(seed: number) {
    this.#random = randomSource(seed)
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!
  }

  #chance(probability: number): boolean {
    return this.#random() < probability
  }

  #declare(name: string, width = this.#pick(widths)): Signal {
    return { name, width, signed: this.#chance(0.3) }
  }

  #type(signal: Signal): string {
    return `${signal.signed ? 'signed ' : ''}[${signal.width - 1}:0] ${signal.name}`
  }

  #literal(width: number): string {
    let digits = ''
    for (let i = 0; i < width; i++) digits += this.#chance(0.5) ? '1' : '0'
    return `${width}'b${digits}`
  }

  #add(signal: Signal): void {
    this.#readable.push(signal)
    if (signal.width === 1) this.#bits.push(signal)
  }

  /** An expression of the given depth over the readable signals. */
  #expression(depth: number): string {
    if (depth <= 0) return this.#leaf()
    const sub = () => this.#expression(depth - 1 - this.#below(2))
    switch (this.#below(20)) {
      case 0:
      case 1:
        return `(${sub()} + ${sub()})`
      case 2:
        return `(${sub()} - ${sub()})`
      case 3:
        return `(${sub()} * ${sub()})`
      case 4:
        return `(${sub()} ${this.#pick(['&', '|', '^', '~^'])} ${sub()})`
      case 5:
        return `(${this.#pick(['~', '-', '&', '|', '^', '~^', '!'])}${sub()})`
      case 6:
        return `(${sub()} ${this.#pick(['<', '<=', '>', '>=', '==', '!='])} ${sub()})`
      case 7:
        return `(${sub()} ${this.#pick(['<<', '>>', '>>>', '<<<'])} ${this.#amount()})`
      case 8:
        return `($signed(${sub()}) >>> ${this.#amount()})`
      case 9:
      case 10:
        return `(${this.#condition(1)} ? ${sub()} : ${sub()})`
      case 11:
        return `{${sub()}, ${sub()}}`
      case 12:
        return `{${1 + this.#below(4)}{${this.#leaf()}}}`
      case 13:
        return `$signed(${sub()})`
      case 14:
        return `$unsigned(${sub()})`
      case 15:
        return `(${sub()} ${this.#pick(['&&', '||'])} ${sub()})`
      case 16: {
        const [a, b] = [this.#signal(64), this.#signal(64)]
        const quotient = `${a.name} ${this.#pick(['/', '%'])} ${b.name}`
        return `(${b.name} == 0 ? ${this.#literal(4)} : ${this.#pick(['$signed', '$unsigned'])}(${quotient}))`
      }
      default:
        return this.#leaf()
    }
  }

  #signal(widest = 1000): Signal {
    return this.#pick(this.#readable.filter(({ width }) => width <= widest))
  }

  #amount(): string {
    // Icarus 11 takes signed amounts as negative, hence the leading zero
    return this.#chance(0.3) ? `${this.#below(70)}` : `{1'b0, ${this.#narrow(7)}}`
  }

  /** Unsigned, at most so many bits. */
  #narrow(width: number): string {
    const signal = this.#signal()
    if (signal.width === 1) return signal.name
    const low = this.#below(signal.width)
    return `${signal.name}[${Math.min(low + this.#below(width), signal.width - 1)}:${low}]`
  }

  #leaf(): string {
    const signal = this.#signal()
    const { name, width } = signal
    switch (this.#below(8)) {
      case 0:
        return this.#literal(1 + this.#below(20))
      case 1:
        return width === 1 ? name : this.#narrow(40)
      case 2: {
        const word = this.#readable.find((s) => s.width === 64 || s.width === 8 || s.width === 32)
        if (!word) return name
        const bits = Math.log2(word.width)
        const index = this.#readable.find((s) => s.width >= bits)
        return index ? `${word.name}[${index.name}[${bits - 1}:0]]` : name
      }
      case 3: {
        const word = this.#readable.find((s) => s.width === 64 || s.width === 32)
        const index = this.#readable.find((s) => s.width >= 3)
        if (!word || !index) return name
        const field = word.width / 4
        return `${word.name}[${index.name}[1:0] * ${field} +: ${field}]`
      }
      default:
        return name
    }
  }

  #condition(depth: number): string {
    if (this.#bits.length > 0 && this.#chance(0.6)) {
      const bit = this.#pick(this.#bits).name
      if (this.#chance(0.3)) return `(${bit} & ${this.#pick(this.#bits).name})`
      return this.#chance(0.2) ? `!${bit}` : bit
    }
    return `(${this.#expression(depth)} ${this.#pick(['<', '!=', '=='])} ${this.#expression(depth)})`
  }

  #assignments(targets: readonly Signal[], depth: number, indent: string): void {
    for (const target of targets) {
      if (!this.#chance(0.7)) continue
      const part = target.width > 4 && this.#chance(0.15)
      const range = part ? `[${target.width - 2}:${1 + this.#below(target.width - 2)}]` : ''
      this.#lines.push(`${indent}${target.name}${range} <= ${this.#expression(depth)};`)
    }
  }

  #statement(targets: readonly Signal[], nesting: number, indent: string): void {
    const inner = `${indent}  `
    if (nesting === 0 || this.#chance(0.15)) {
      this.#assignments(targets, 2, indent)
      return
    }
    if (this.#chance(0.25)) {
      const selector = this.#narrow(3)
      this.#lines.push(`${indent}case (${selector})`)
      for (let i = 0; i < 3; i++) {
        this.#lines.push(`${inner}${i + this.#below(2) * 4}: begin`)
        this.#statement(targets, nesting - 1, `${inner}  `)
        this.#lines.push(`${inner}end`)
      }
      if (this.#chance(0.7)) {
        this.#lines.push(`${inner}default: begin`)
        this.#statement(targets, nesting - 1, `${inner}  `)
        this.#lines.push(`${inner}end`)
      }
      this.#lines.push(`${indent}endcase`)
      return
    }
    this.#lines.push(`${indent}if (${this.#condition(1)}) begin`)
    this.#statement(targets, nesting - 1, inner)
    this.#lines.push(`${indent}end`)
    if (this.#chance(0.4)) {
      this.#lines.push(`${indent}else begin`)
      this.#statement(targets, nesting - 1, inner)
      this.#lines.push(`${indent}end`)
    }
    if (this.#chance(0.3)) this.#assignments(targets.slice(0, 1), 1, indent)
  }

  #always(targets: readonly Signal[], reset: string): void {
    this.#lines.push('  always @(posedge clk) begin')
    if (this.#chance(0.5)) {
      this.#lines.push(`    if (${reset}) begin`)
      for (const target of targets)
        if (this.#chance(0.8)) this.#lines.push(`      ${target.name} <= ${this.#literal(target.width)};`)
      this.#lines.push('    end else begin')
      for (let i = 0; i <= this.#below(3); i++) this.#statement(targets, 3, '      ')
      this.#lines.push('    end')
    } else for (let i = 0; i <= this.#below(3); i++) this.#statement(targets, 3, '    ')
    this.#lines.push('  end')
  }

  #memory(name: string): void {
    const bits = 1 + this.#below(4)
    const width = this.#pick([1, 7, 8, 12, 16, 24, 32, 36, 64, 72])
    const size = 2 ** bits
    this.#lines.push(`  reg [${width - 1}:0] ${name} [0:${size - 1}];`)
    this.#lines.push(`  integer ${name}_i;`)
    this.#lines.push(
      `  initial for (${name}_i = 0; ${name}_i < ${size}; ${name}_i = ${name}_i + 1) ${name}[${name}_i] = ${name}_i * 3 + ${this.#below(5)};`,
    )
    const address = () => {
      const signal = this.#readable.filter((s) => s.width >= bits)
      // a part select is unsigned; a signed index would be negative
      return `${this.#pick(signal).name}[${bits - 1}:0]`
    }
    this.#lines.push('  always @(posedge clk) begin')
    for (let port = 0; port <= this.#below(2); port++) {
      this.#lines.push(`    if (${this.#condition(1)}) begin`)
      if (width % 8 === 0 && width > 8 && this.#chance(0.5)) {
        const where = address()
        for (let lane = 0; lane < width / 8; lane++)
          // the concatenation makes it unsigned: Yosys does not sign-extend the data of a partial write
          this.#lines.push(
            `      if (${this.#condition(0)}) ${name}[${where}][${lane * 8 + 7}:${lane * 8}] <= {1'b0, ${this.#expression(1)}};`,
          )
      } else this.#lines.push(`      ${name}[${address()}] <= ${this.#expression(1)};`)
      this.#lines.push('    end')
    }
    this.#lines.push('  end')
    const direct = this.#declare(`${name}_a`, width)
    const kept = this.#declare(`${name}_q`, width)
    this.#lines.push(`  wire ${this.#type(direct)} = ${name}[${address()}];`)
    this.#lines.push(`  reg ${this.#type(kept)} = 0;`)
    const enable = this.#chance(0.5) ? `if (${this.#condition(1)}) ` : ''
    this.#lines.push(`  always @(posedge clk) ${enable}${kept.name} <= ${name}[${address()}];`)
    this.#add(direct)
    this.#add(kept)
  }

  write(name: string): RandomModule {
    const inputs = Array.from({ length: 3 + this.#below(4) }, (_, i) => this.#declare(`in${i}`))
    inputs.push({ name: 'rst', width: 1, signed: false }, { name: 'en', width: 1, signed: false })
    const first = { name: 'word', width: 64, signed: false }
    inputs.push(first)
    for (const input of inputs) this.#add(input)
    const registers = Array.from({ length: 4 + this.#below(8) }, (_, i) => this.#declare(`r${i}`))
    for (const register of registers) {
      const value = this.#chance(0.5) ? '0' : this.#literal(register.width)
      this.#lines.push(`  reg ${this.#type(register)} = ${value};`)
      this.#add(register)
    }
    const wires: Signal[] = []
    const wire = () => {
      const signal = this.#declare(`w${wires.length}`)
      this.#lines.push(`  wire ${this.#type(signal)} = ${this.#expression(3)};`)
      this.#add(signal)
      wires.push(signal)
    }
    for (let i = 0; i < 4; i++) wire()
    for (let i = 0; i < this.#below(3); i++) this.#memory(`m${i}`)
    for (let i = 0; i < 4; i++) wire()
    for (let at = 0; at < registers.length; ) {
      const count = 1 + this.#below(3)
      this.#always(registers.slice(at, at + count), this.#chance(0.7) ? 'rst' : this.#condition(0))
      at += count
    }
    const outputs = [...registers, ...wires.slice(-4), ...this.#readable.filter((s) => /^m\d+_/.test(s.name))]
    const ports = [
      'input clk',
      ...inputs.map((signal) => `input ${this.#type(signal)}`),
      ...outputs.map(({ width }, i) => `output [${width - 1}:0] out${i}`),
    ]
    const drive = outputs.map((signal, i) => `  assign out${i} = ${signal.name};`)
    const text = [
      `module ${name}(`,
      `  ${ports.join(',\n  ')});`,
      ...this.#lines,
      ...drive,
      'endmodule',
      '',
    ].join('\n')
    return {
      name,
      text,
      inputs: inputs.map(({ name: input, width }) => ({ name: input, width })),
      outputs: outputs.map(({ width }, i) => ({ name: `out${i}`, width })),
    }
  }
}

export function randomModule(seed: number, name: string): RandomModule {
  return new Writer(seed).write(name)
}
