import { isDeepStrictEqual } from 'node:util'
import { GemgateError } from '../../core/errors.ts'
import { type Operation, type Range, rangeOf, type Value } from '../graph/integer-graph.ts'
import { rangeBits } from '../graph/ranges.ts'
import type { ScalarFunction } from '../graph/scalar-function.ts'
import type { MemoryShape } from './memory.ts'

/** The functions of one map with the ranges around them, channel by channel. */
export interface StageFunctions {
  readonly name: string
  /** One for all outputs, or one for each. */
  readonly functions: readonly ScalarFunction[]
  readonly from: readonly Range[]
  readonly to: readonly Range[]
}

/** What every stage is told. */
export interface StageContext {
  /** Prefix of module names. */
  readonly name: string
  /** Number of the stage. */
  readonly at: number
  readonly outputs: number
  readonly indexBits: number
  /** Signed bits of an argument. */
  readonly inBits: number
  /** Signed bits that a result needs at least. */
  readonly outBits: number
  /** Parameters must be writable: no constants, one set for each output. */
  readonly reloadable: boolean
}

/** A memory of a stage, and where it is read. */
export interface StageMemory {
  readonly shape: MemoryShape
  readonly purpose: string
  /** Address and enable as Verilog; the answer is the wire `wire`. */
  readonly address: string
  readonly enable: string
  readonly wire: string
}

/**
 * A function unit behind the matrix: elements pass one by one as f{at}_valid, f{at}_index, f{at}_x and leave
 * as f{at+1}_...; widths are frozen, contents of memories follow from functions.
 */
export interface FunctionStage {
  readonly latency: number
  readonly outBits: number
  readonly memories: readonly StageMemory[]
  readonly lines: readonly string[]
  readonly library: readonly string[]
  readonly resources: { readonly luts: number; readonly ffs: number; readonly dsps: number }
  /**
   * Words of each memory.
   * @throws GemgateError GG_MODEL_UNSUPPORTED for functions that the stage cannot do
   */
  words(functions: StageFunctions): bigint[][]
}

/**
 * Functions and ranges of every output on both sides of a map.
 * @param reloadable keeps equal functions apart: others may come in their places
 */
export function stageFunctions(
  map: { readonly operation: Extract<Operation, { kind: 'map' }>; readonly from: Value; readonly to: Value },
  outputs: number,
  reloadable: boolean,
): StageFunctions {
  const ranges = (value: Value): Range[] => Array.from({ length: outputs }, (_, j) => rangeOf(value, j))
  const given = map.operation.functions
  const functions = !reloadable && given.every((f) => isDeepStrictEqual(f, given[0])) ? [given[0]!] : given
  return { name: map.to.name, functions, from: ranges(map.from), to: ranges(map.to) }
}

/** Two's complement bits that hold a range, also an unsigned one. */
export function signedBits(range: Range): number {
  const { bits, signed } = rangeBits(range)
  return signed ? bits : bits + 1
}

/** Two's complement bits that hold all numbers. */
export function signedBitsOf(numbers: readonly number[]): number {
  return numbers.reduce((most, x) => Math.max(most, signedBits({ min: x, max: x, step: 1 })), 1)
}

/** The functions of one kind. */
export function ofKind<Kind extends ScalarFunction['kind']>(
  stage: StageFunctions,
  ...kinds: Kind[]
): Extract<ScalarFunction, { kind: Kind }>[] {
  const wrong = stage.functions.find((f) => !kinds.includes(f.kind as Kind))
  if (wrong !== undefined)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `'${stage.name}' has functions of several kinds (${kinds.join(', ')} and ${wrong.kind})`,
      'Use functions of one kind in a folded layer, or unroll it.',
    )
  return stage.functions as Extract<ScalarFunction, { kind: Kind }>[]
}

/** Declarations of what a stage gives to the next. */
export function wiresAfter(context: StageContext, outBits: number): string[] {
  const next = context.at + 1
  return [
    `  wire f${next}_valid;`,
    `  wire [${context.indexBits - 1}:0] f${next}_index;`,
    `  wire signed [${outBits - 1}:0] f${next}_x;`,
  ]
}

/** Connections that all stages have in common. */
export function ports(context: StageContext): string[] {
  const { at } = context
  return [
    '.clk(clk)',
    '.rst(rst)',
    '.advance(advance)',
    `.s_valid(f${at}_valid)`,
    `.s_index(f${at}_index)`,
    `.s_x(f${at}_x)`,
  ]
}

export function instanceText(
  module: string,
  label: string,
  parameters: Readonly<Record<string, number | string>>,
  connections: readonly string[],
): string {
  const list = Object.entries(parameters).map(([name, value]) => `      .${name}(${value})`)
  const joined = connections.map((connection) => `      ${connection}`)
  return `  ${module} #(\n${list.join(',\n')}\n  ) ${label} (\n${joined.join(',\n')}\n  );`
}
