import { ExpressionWriter, type Signal } from './random-expression.ts'
import { Choices } from './random-source.ts'

/** Random Verilog modules whose behaviour is fully defined (no x anywhere), for comparing simulators. */
export interface RandomModule {
  readonly name: string
  readonly text: string
  /** Inputs that clock registers. */
  readonly clocks: readonly string[]
  /** All other inputs. */
  readonly inputs: readonly RandomPort[]
  readonly outputs: readonly RandomPort[]
}

export interface RandomPort {
  readonly name: string
  readonly width: number
}

/** What a module may have beyond one clock. */
export interface RandomFeatures {
  /** Further clocks, both edges of a clock, and a clock made by a register. */
  readonly clocks?: boolean
  readonly asynchronousResets?: boolean
  readonly latches?: boolean
  /** Few registers and wires: a third of the work. */
  readonly small?: boolean
}

const usualWidths = [
  1, 1, 1, 1, 2, 3, 5, 8, 8, 12, 16, 17, 24, 31, 32, 33, 40, 48, 63, 64, 65, 80, 100, 128, 130,
]

class ModuleWriter {
  readonly #choices: Choices
  readonly #features: RandomFeatures
  readonly #write: ExpressionWriter
  readonly #lines: string[] = []
  readonly #events: string[] = ['posedge clk']
  readonly #outputs: Signal[] = []
  #names = 0

  constructor(seed: number, features: RandomFeatures) {
    this.#choices = new Choices(seed)
    this.#features = features
    this.#write = new ExpressionWriter(this.#choices)
  }

  #signal(prefix: string, width?: number): Signal {
    const choices = this.#choices
    const any = choices.chance(0.7) ? choices.pick(usualWidths) : 1 + choices.below(130)
    return { name: `${prefix}${this.#names++}`, width: width ?? any, signed: choices.chance(0.3) }
  }

  #line(text: string): void {
    this.#lines.push(text)
  }

  #wire(): void {
    const signal = this.#signal('w')
    this.#line(`  wire ${type(signal)} = ${this.#write.expression(2)};`)
    this.#known(signal)
  }

  #known(signal: Signal): void {
    this.#write.add(signal)
    this.#outputs.push(signal)
  }

  #function(): void {
    const inputs = Array.from({ length: 1 + this.#choices.below(3) }, () => this.#signal('a'))
    const local = new ExpressionWriter(this.#choices)
    for (const input of inputs) local.add(input)
    const result = this.#signal('f')
    const i = `i${result.name}`
    const loops = this.#choices.chance(0.4)
    this.#line(`  function automatic ${type(result)};`)
    for (const input of inputs) this.#line(`    input ${type(input)};`)
    this.#line(`    ${loops ? `integer ${i};` : ''}`)
    this.#line('    begin')
    this.#line(`      ${result.name} = ${local.expression(2)};`)
    this.#line(`      if (${local.condition(1)}) ${result.name} = ${local.expression(2)};`)
    if (loops)
      this.#line(
        `      for (${i} = 0; ${i} < ${1 + this.#choices.below(8)}; ${i} = ${i} + 1) ${result.name} = (${result.name} ${this.#choices.pick(['^', '+', '-'])} (${local.expression(1)})) + ${i};`,
      )
    this.#line('    end')
    this.#line('  endfunction')
    this.#write.addFunction({ name: result.name, inputs })
  }

  /** A chain of generated blocks, each reading a slice of a signal and what the one before made. */
  #generated(): void {
    const source = this.#write.signal(({ width }) => width >= 4)
    const count = 2 + this.#choices.below(3)
    const slice = Math.floor(source.width / count)
    const result = this.#signal('g')
    const block = `b${result.name}`
    const operator = this.#choices.pick(['+', '^', '-', '|'])
    this.#line(`  wire ${range(result)} ${result.name}_c [0:${count}];`)
    this.#line(`  assign ${result.name}_c[0] = ${this.#write.expression(1)};`)
    this.#line('  generate')
    this.#line(`    genvar n${result.name};`)
    this.#line(
      `    for (n${result.name} = 0; n${result.name} < ${count}; n${result.name} = n${result.name} + 1) begin : ${block}`,
    )
    const part = `${source.name}[n${result.name} * ${slice} +: ${slice}]`
    this.#line(
      `      if (n${result.name} % 2 == 0) assign ${result.name}_c[n${result.name} + 1] = ${result.name}_c[n${result.name}] ${operator} ${part};`,
    )
    this.#line(
      `      else assign ${result.name}_c[n${result.name} + 1] = {${result.name}_c[n${result.name}], ${part}};`,
    )
    this.#line('    end')
    this.#line('  endgenerate')
    this.#line(`  wire ${type(result)} = ${result.name}_c[${count}];`)
    this.#known(result)
  }

  /** Combinational: defaults, conditions, cases, and a loop over bits. */
  #combinational(): void {
    const targets = Array.from({ length: 1 + this.#choices.below(3) }, () => this.#signal('c'))
    for (const target of targets) this.#line(`  reg ${type(target)};`)
    const loop = this.#choices.chance(0.4) ? this.#write.signal(({ width }) => width <= 40) : undefined
    if (loop) this.#line(`  integer i${targets[0]!.name};`)
    this.#line('  always @* begin')
    for (const target of targets) this.#line(`    ${target.name} = ${this.#write.expression(1)};`)
    this.#choices.times(1 + this.#choices.below(2), () => this.#statement(targets, 2, '    ', '='))
    if (loop) {
      const i = `i${targets[0]!.name}`
      const { name } = targets[0]!
      this.#line(`    for (${i} = 0; ${i} < ${loop.width}; ${i} = ${i} + 1)`)
      this.#line(
        `      if (${loop.name}[${i}]) ${name} = ${name} ${this.#choices.pick(['+ 1', `^ ${i}`, '<< 1'])};`,
      )
    }
    this.#line('  end')
    for (const target of targets) this.#known(target)
  }

  /** Enabled by an input, and closed at first: an enable made of logic may have glitches, which simulators need not agree on. */
  #latch(): void {
    const target = this.#signal('l')
    this.#line(`  reg ${type(target)} = 0;`)
    this.#line(`  always @* if (en) ${target.name} = ${this.#write.expression(1)};`)
    this.#known(target)
  }

  #assignments(targets: readonly Signal[], depth: number, indent: string, sign: '=' | '<='): void {
    for (const target of targets) {
      if (!this.#choices.chance(0.7)) continue
      this.#line(`${indent}${this.#place(target)} ${sign} ${this.#write.expression(depth)};`)
    }
  }

  /** A whole target, or a part of it at a fixed or computed place. */
  #place({ name, width }: Signal): string {
    const choices = this.#choices
    if (width <= 4 || choices.chance(0.75)) return name
    if (choices.chance(0.6)) {
      const low = choices.below(width)
      return `${name}[${low + choices.below(width - low)}:${low}]`
    }
    const bits = Math.floor(Math.log2(width))
    const room = width - 2 ** bits + 1
    return `${name}[${this.#write.address(Math.min(bits, 6))} +: ${1 + choices.below(room)}]`
  }

  #statement(targets: readonly Signal[], nesting: number, indent: string, sign: '=' | '<='): void {
    const choices = this.#choices
    const inner = `${indent}  `
    if (nesting === 0 || choices.chance(0.15)) this.#assignments(targets, 2, indent, sign)
    else if (choices.chance(0.3)) this.#case(targets, nesting, indent, sign)
    else {
      this.#line(`${indent}if (${this.#write.condition(1)}) begin`)
      this.#statement(targets, nesting - 1, inner, sign)
      this.#line(`${indent}end`)
      if (choices.chance(0.4)) {
        this.#line(`${indent}else begin`)
        this.#statement(targets, nesting - 1, inner, sign)
        this.#line(`${indent}end`)
      }
      if (choices.chance(0.3)) this.#assignments(targets.slice(0, 1), 1, indent, sign)
    }
  }

  #case(targets: readonly Signal[], nesting: number, indent: string, sign: '=' | '<='): void {
    const choices = this.#choices
    const inner = `${indent}  `
    const wild = choices.chance(0.4)
    this.#line(`${indent}${wild ? 'casez' : 'case'} (${this.#write.address(3)})`)
    const label = (i: number) =>
      wild
        ? `3'b${Array.from({ length: 3 }, () => choices.pick(['0', '1', '?'])).join('')}`
        : choices.chance(0.2)
          ? `3'd${i}, 3'd${i + 4}`
          : `3'd${i + choices.below(2) * 4}`
    for (let i = 0; i < 3; i++) {
      this.#line(`${inner}${label(i)}: begin`)
      this.#statement(targets, nesting - 1, `${inner}  `, sign)
      this.#line(`${inner}end`)
    }
    if (choices.chance(0.7)) {
      this.#line(`${inner}default: begin`)
      this.#statement(targets, nesting - 1, `${inner}  `, sign)
      this.#line(`${inner}end`)
    }
    this.#line(`${indent}endcase`)
  }

  #registers(targets: readonly Signal[]): void {
    const choices = this.#choices
    const event = choices.pick(this.#events)
    const kind = choices.below(4)
    const low = choices.chance(0.5)
    const asynchronous = this.#features.asynchronousResets && kind < 2
    const reset = asynchronous
      ? low
        ? '!arst_n'
        : 'arst'
      : choices.chance(0.7)
        ? 'rst'
        : this.#write.condition(0)
    const also = asynchronous ? ` or ${low ? 'negedge arst_n' : 'posedge arst'}` : ''
    const scratch = choices.chance(0.3) ? this.#signal('t') : undefined
    if (scratch) this.#line(`  reg ${type(scratch)} = 0;`)
    this.#line(`  always @(${event}${also}) begin`)
    const body = (indent: string) => {
      if (scratch) this.#line(`${indent}${scratch.name} = ${this.#write.expression(2)};`)
      this.#choices.times(1 + choices.below(2), () => this.#statement(targets, 2, indent, '<='))
      if (scratch)
        this.#line(`${indent}${targets[0]!.name} <= ${scratch.name} ^ ${this.#write.expression(1)};`)
    }
    if (asynchronous || choices.chance(0.5)) {
      this.#line(`    if (${reset}) begin`)
      if (scratch && asynchronous) this.#line(`      ${scratch.name} = 0;`)
      for (const target of targets)
        if (asynchronous || choices.chance(0.8))
          this.#line(`      ${target.name} <= ${this.#write.literal(target.width)};`)
      this.#line('    end else begin')
      body('      ')
      this.#line('    end')
    } else body('    ')
    this.#line('  end')
  }

  #memory(): void {
    const choices = this.#choices
    const { name } = this.#signal('m')
    const bits = 1 + choices.below(4)
    const width = choices.pick([1, 7, 8, 12, 16, 24, 32, 36, 64, 72, 130])
    const size = 2 ** bits
    this.#line(`  reg [${width - 1}:0] ${name} [0:${size - 1}];`)
    this.#line(`  integer ${name}_i;`)
    this.#line(
      `  initial for (${name}_i = 0; ${name}_i < ${size}; ${name}_i = ${name}_i + 1) ${name}[${name}_i] = ${name}_i * 3 + ${choices.below(5)};`,
    )
    const event = choices.pick(this.#events)
    this.#line(`  always @(${event}) begin`)
    const ports: string[] = []
    choices.times(1 + choices.below(2), () => {
      const where = this.#write.address(bits)
      ports.push(where)
      this.#line(`    if (${this.#write.condition(1)}) begin`)
      if (width % 8 === 0 && width > 8 && width <= 32 && choices.chance(0.5))
        for (let lane = 0; lane < width / 8; lane++)
          // the concatenation makes it unsigned: Yosys does not sign-extend the data of a partial write
          this.#line(
            `      if (${this.#write.condition(0)}) ${name}[${where}][${lane * 8 + 7}:${lane * 8}] <= {1'b0, ${this.#write.expression(1)}};`,
          )
      else this.#line(`      ${name}[${where}] <= ${this.#write.expression(1)};`)
      this.#line('    end')
    })
    this.#line('  end')
    const direct = this.#signal(`${name}_a`, width)
    this.#line(`  wire ${type(direct)} = ${name}[${this.#write.address(bits)}];`)
    const kept = this.#signal(`${name}_q`, width)
    this.#line(`  reg ${type(kept)} = 0;`)
    const enable = choices.chance(0.5) ? `if (${this.#write.condition(1)}) ` : ''
    const reads = choices.chance(0.7) ? event : choices.pick(this.#events)
    const address = choices.chance(0.4) ? choices.pick(ports) : this.#write.address(bits)
    const value = choices.chance(0.3)
      ? `${this.#write.condition(0)} && ${address} == ${ports[0]} ? ${this.#write.expression(1)} : ${name}[${address}]`
      : `${name}[${address}]`
    this.#line(`  always @(${reads}) ${enable}${kept.name} <= ${value};`)
    this.#known(direct)
    this.#known(kept)
  }

  write(name: string): RandomModule {
    const choices = this.#choices
    const clocks = ['clk']
    const few = this.#features.small === true
    const inputs = Array.from({ length: few ? 1 : 2 + choices.below(3) }, () => this.#signal('in'))
    const plain = (port: string, width: number): Signal => ({ name: port, width, signed: false })
    inputs.push(plain('rst', 1), plain('en', 1), plain('word', 64))
    for (const input of inputs) this.#write.add(input)
    if (this.#features.asynchronousResets) inputs.push(plain('arst', 1), plain('arst_n', 1))
    if (this.#features.clocks) {
      if (choices.chance(0.6)) this.#events.push('negedge clk')
      choices.times(choices.below(3), (i) => {
        clocks.push(`clk${i + 2}`)
        this.#events.push(`posedge clk${i + 2}`)
      })
      if (choices.chance(0.4)) {
        this.#line('  reg [1:0] div = 0;')
        this.#line(`  always @(${choices.pick(this.#events)}) div <= div + 1;`)
        this.#line('  wire slow = div[1];')
        this.#events.push(choices.chance(0.5) ? 'posedge slow' : 'negedge slow')
      }
    }
    const registers = Array.from({ length: few ? 1 + choices.below(2) : 2 + choices.below(4) }, () =>
      this.#signal('r'),
    )
    for (const register of registers) {
      const value = choices.chance(0.5) ? '0' : this.#write.literal(register.width)
      this.#line(`  reg ${type(register)} = ${value};`)
      this.#known(register)
    }
    if (choices.chance(0.3)) this.#function()
    choices.times(few ? 1 : 2, () => this.#wire())
    if (choices.chance(0.4)) this.#memory()
    if (choices.chance(0.25)) this.#generated()
    if (choices.chance(0.4)) this.#combinational()
    if (this.#features.latches && choices.chance(0.3)) this.#latch()
    choices.times(few ? 1 : 2, () => this.#wire())
    for (let at = 0; at < registers.length; ) {
      const count = 1 + choices.below(3)
      this.#registers(registers.slice(at, at + count))
      at += count
    }
    const outputs = this.#outputs
    const ports = [
      ...clocks.map((clock) => `input ${clock}`),
      ...inputs.map((signal) => `input ${type(signal)}`),
      ...outputs.map(({ width }, i) => `output [${width - 1}:0] out${i}`),
    ]
    const drive = outputs.map((signal, i) => `  assign out${i} = ${signal.name};`)
    const lines = [`module ${name}(`, `  ${ports.join(',\n  ')});`, ...this.#lines, ...drive, 'endmodule', '']
    return {
      name,
      text: lines.join('\n'),
      clocks,
      inputs: inputs.map(({ name: input, width }) => ({ name: input, width })),
      outputs: outputs.map(({ width }, i) => ({ name: `out${i}`, width })),
    }
  }
}

function range({ signed, width }: Signal): string {
  return `${signed ? 'signed ' : ''}[${width - 1}:0]`
}

function type(signal: Signal): string {
  return `${range(signal)} ${signal.name}`
}

/** One module; the same seed and features give the same text. */
export function randomModule(seed: number, name: string, features: RandomFeatures = {}): RandomModule {
  return new ModuleWriter(seed, features).write(name)
}

/** A module around others, so that one compilation takes them all; port `p` of the module `m` is `m_p`. */
export function randomBatch(modules: readonly RandomModule[], name: string): string {
  const clocks = [...new Set(modules.flatMap((module) => module.clocks))]
  const ports = modules.flatMap((module) => [
    ...module.inputs.map(({ name: port, width }) => `input [${width - 1}:0] ${module.name}_${port}`),
    ...module.outputs.map(({ name: port, width }) => `output [${width - 1}:0] ${module.name}_${port}`),
  ])
  const instances = modules.map((module) => {
    const own = [...module.inputs, ...module.outputs].map(
      ({ name: port }) => `.${port}(${module.name}_${port})`,
    )
    return `  ${module.name} ${module.name}_i(${[...module.clocks.map((clock) => `.${clock}(${clock})`), ...own].join(', ')});`
  })
  const header = `module ${name}(\n  ${[...clocks.map((clock) => `input ${clock}`), ...ports].join(',\n  ')});`
  return [...modules.map(({ text }) => text), header, ...instances, 'endmodule', ''].join('\n')
}
