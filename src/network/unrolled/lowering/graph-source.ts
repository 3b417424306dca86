import { createHash } from 'node:crypto'
import { GemgateError } from '../../../core/errors.ts'
import {
  type AdderGraph,
  type AdderGraphOptions,
  type ConstantMatrix,
  type InputRange,
  optimiseAdderGraph,
} from '../../adder-graph/index.ts'
import { KnownGraph } from './known-graph.ts'

/** A matrix of the engine, with its entries as Int32Array. */
export interface IntegerMatrix extends ConstantMatrix {
  readonly values: Int32Array
}

/**
 * Gives an adder graph that computes the matrix (rows are inputs, columns outputs) exactly; undefined leaves it to
 * the engine.
 */
export type AdderGraphSource = (
  matrix: IntegerMatrix,
  inputs: readonly InputRange[],
) => AdderGraph | undefined

/** The least depth: a level more per matrix saves under 1 % of the LUTs, and costs registers and latency. */
const usual: AdderGraphOptions = { maxExtraDepth: 0 }

/** Asks a source for each matrix once, and proves what it answers. */
export class AdderGraphs {
  readonly #known = new Map<string, KnownGraph>()
  readonly #source: AdderGraphSource

  constructor(source: AdderGraphSource | AdderGraphOptions = {}) {
    this.#source =
      typeof source === 'function'
        ? source
        : (matrix, inputs) => optimiseAdderGraph(matrix, { ...usual, ...source, inputs })
  }

  /** @throws GemgateError GG_USAGE when the source answers with another matrix */
  of(matrix: IntegerMatrix, inputs: readonly InputRange[]): KnownGraph {
    const key = matrixKey(matrix)
    const before = this.#known.get(key)
    if (before !== undefined) return before
    const known = new KnownGraph(
      this.#source(matrix, inputs) ?? optimiseAdderGraph(matrix, { ...usual, inputs }),
    )
    if (!known.computes(matrix))
      throw new GemgateError(
        'GG_USAGE',
        `the adder graph handed in does not compute its ${matrix.rows} x ${matrix.columns} matrix`,
        'Make it anew for this network.',
      )
    this.#known.set(key, known)
    return known
  }
}

/** Equal for equal matrices. */
export function matrixKey({ rows, columns, values }: ConstantMatrix): string {
  const bytes = new Uint8Array(Float64Array.from(values).buffer)
  return `${rows}x${columns} ${createHash('sha256').update(bytes).digest('hex')}`
}
