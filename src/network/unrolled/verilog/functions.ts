import type { SignalFormat } from '../netlist/range-bits.ts'
import { literal } from './bits.ts'

/** The Verilog functions of a module; equal ones are written once. */
export class Functions {
  readonly #texts = new Map<string, string>()

  /** All functions, to stand before what calls them. */
  get text(): string {
    return [...this.#texts].map(([body, name]) => body.replaceAll('@', name)).join('\n')
  }

  /**
   * A table as a case over the stored bits of its argument.
   * @param first the lowest argument in units of its grain
   * @returns the function's name
   */
  table(addressBits: number, own: SignalFormat, first: number, outputs: Float64Array): string {
    const usual = outputs.length === 2 ** addressBits ? mostFrequent(outputs) : undefined
    const lines: string[] = []
    outputs.forEach((output, k) => {
      if (output === usual) return
      lines.push(`      ${literal(first + k, addressBits)}: @ = ${literal(output / 2 ** own.low, own.bits)};`)
    })
    const rest = usual === undefined ? `${own.bits}'bx` : literal(usual / 2 ** own.low, own.bits)
    return this.#named(
      'lookup',
      `  function automatic [${own.bits - 1}:0] @(input [${addressBits - 1}:0] x);
    case (x)
${lines.map((line) => `${line}\n`).join('')}      default: @ = ${rest};
    endcase
  endfunction`,
    )
  }

  /** Rounding of a number of at least 0 to `bits` significant bits, half to even. */
  significant(width: number, bits: number, resultWidth: number): string {
    const zeros = (count: number): string => (count > 0 ? `${count}'d0, ` : '')
    const cases: string[] = []
    for (let top = width - 1; top >= bits; top--) {
      const low = top - bits + 1
      const sticky = low > 1 ? ` | (|x[${low - 2}:0])` : ''
      const up = `x[${low - 1}] & (x[${low}]${sticky})`
      const kept = `{${zeros(resultWidth - width)}x[${width - 1}:${low}], ${low}'d0}`
      const carry = `{${zeros(resultWidth - low - 1)}${up}, ${low}'d0}`
      cases.push(`    if (x[${top}]) begin
      kept = ${kept};
      carry = ${carry};
    end else`)
    }
    return this.#named(
      'significant',
      `  function automatic [${resultWidth - 1}:0] @(input [${width - 1}:0] x);
    logic [${resultWidth - 1}:0] kept;
    logic [${resultWidth - 1}:0] carry;
${cases.join('\n')} begin
      kept = {${zeros(resultWidth - width)}x};
      carry = ${resultWidth}'d0;
    end
    @ = kept + carry;
  endfunction`,
    )
  }

  #named(kind: string, body: string): string {
    const before = this.#texts.get(body)
    if (before !== undefined) return before
    const name = `${kind}${this.#texts.size}`
    this.#texts.set(body, name)
    return name
  }
}

function mostFrequent(values: Float64Array): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0]
}
