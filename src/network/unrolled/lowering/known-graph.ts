import type { AdderGraph, ConstantMatrix } from '../../adder-graph/index.ts'
import type { Range } from '../../graph/integer-graph.ts'
import { powerOfTwoDivisor } from '../../graph/ranges.ts'

/** Coefficients that are held at once; larger graphs are looked at some inputs at a time. */
const blockSize = 2 ** 22

/** An adder graph with the linear forms of its values over the inputs. */
export class KnownGraph {
  readonly graph: AdderGraph
  readonly #blocks: readonly (readonly [from: number, to: number])[]
  #only: readonly Float64Array[] | undefined

  constructor(graph: AdderGraph) {
    this.graph = graph
    const values = graph.inputs + graph.nodes.length
    const size = Math.max(1, Math.floor(blockSize / Math.max(1, values)))
    this.#blocks = Array.from({ length: Math.ceil(graph.inputs / size) }, (_, k) => [
      k * size,
      Math.min(graph.inputs, (k + 1) * size),
    ])
  }

  /** Whether the graph is exactly this matrix. */
  computes({ rows, columns, values }: ConstantMatrix): boolean {
    const { inputs, outputs } = this.graph
    if (inputs !== rows || outputs.length !== columns) return false
    return this.#blocks.every(([from, to]) => {
      const forms = this.#forms(from, to)
      return outputs.every(({ value, shift, negate }, j) => {
        const form = value < 0 ? undefined : forms[value]!
        const factor = (negate ? -1 : 1) * 2 ** shift
        for (let i = from; i < to; i++)
          if (values[i * columns + j] !== (form === undefined ? 0 : factor * form[i - from]! + 0))
            return false
        return true
      })
    })
  }

  /** Exact range of every value, for independent inputs with these ranges. */
  ranges(inputs: readonly Range[]): Range[] {
    const count = this.graph.inputs + this.graph.nodes.length
    const low = new Float64Array(count)
    const high = new Float64Array(count)
    const grain = new Float64Array(count).fill(2 ** 53)
    for (const [from, to] of this.#blocks) {
      const forms = this.#forms(from, to)
      for (let i = from; i < to; i++) {
        const { min, max, step } = inputs[i]!
        if (min === 0 && max === 0) continue
        for (let v = 0; v < count; v++) {
          const factor = forms[v]![i - from]!
          if (factor === 0) continue
          low[v]! += factor * (factor > 0 ? min : max)
          high[v]! += factor * (factor > 0 ? max : min)
          grain[v] = Math.min(grain[v]!, step * powerOfTwoDivisor(factor))
        }
      }
    }
    return Array.from(low, (min, v) => ({ min: min + 0, max: high[v]! + 0, step: grain[v]! }))
  }

  /** Coefficients of every value for the inputs `from ... to - 1`. */
  #forms(from: number, to: number): readonly Float64Array[] {
    if (this.#only !== undefined) return this.#only
    const { inputs, nodes } = this.graph
    const forms = Array.from({ length: inputs }, (_, i) => {
      const form = new Float64Array(to - from)
      if (i >= from && i < to) form[i - from] = 1
      return form
    })
    for (const { a, b, shiftA, shiftB, subtract } of nodes) {
      const [left, right] = [forms[a]!, forms[b]!]
      const factorA = (subtract === 'a' ? -1 : 1) * 2 ** shiftA
      const factorB = (subtract === 'b' ? -1 : 1) * 2 ** shiftB
      forms.push(left.map((coefficient, i) => factorA * coefficient + factorB * right[i]!))
    }
    if (this.#blocks.length === 1) this.#only = forms
    return forms
  }
}
