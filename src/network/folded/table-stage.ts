import type { Range } from '../graph/integer-graph.ts'
import { applyFunction } from '../graph/scalar-function.ts'
import {
  type FunctionStage,
  instanceText,
  ofKind,
  ports,
  type StageContext,
  type StageFunctions,
  signedBitsOf,
  wiresAfter,
} from './function-stage.ts'
import { addressBits, packWord } from './memory.ts'

/** Tables: the place of the argument, then one memory with all of them. */
export function tableStage(context: StageContext, functions: StageFunctions): FunctionStage {
  const { name, at, inBits, outBits, indexBits, outputs, reloadable } = context
  const given = ofKind(functions, 'table')
  const shared = !reloadable && given.length === 1
  const count = shared ? 1 : outputs
  const spans = Array.from({ length: count }, (_, j) => spanOf(functions, j))
  const placeBits = addressBits(spans.reduce((most, span) => Math.max(most, span.max - span.min + 1), 1))
  const firstBits = reloadable ? inBits : signedBitsOf(spans.map((span) => span.min))
  const firsts = {
    name: `${name}_f${at}_firsts`,
    depth: count,
    fields: [{ name: 'first', bits: firstBits, signed: true }],
  }
  const table = {
    name: `${name}_f${at}_table`,
    depth: count * 2 ** placeBits,
    fields: [{ name: 'result', bits: outBits, signed: true }],
  }
  const next = at + 1
  const clocked = ['.clk(clk)', '.rst(rst)', '.advance(advance)']
  return {
    latency: 3,
    outBits,
    memories: [
      {
        shape: firsts,
        purpose: 'first argument of each table',
        address: shared ? "1'b0" : `f${at}_index`,
        enable: `advance & f${at}_valid`,
        wire: `t${at}_first`,
      },
      {
        shape: table,
        purpose: 'results of each output, argument by argument',
        address: shared ? `t${at}_place` : `{t${at}_index, t${at}_place}`,
        enable: `advance & t${at}_valid`,
        wire: `t${at}_result`,
      },
    ],
    lines: [
      `  wire t${at}_valid;`,
      `  wire [${indexBits - 1}:0] t${at}_index;`,
      `  wire [${placeBits - 1}:0] t${at}_place;`,
      instanceText(
        'folded_lookup',
        `lookup_${at}`,
        { X_BITS: inBits, FIRST_BITS: firstBits, PLACE_BITS: placeBits, INDEX_BITS: indexBits },
        [
          ...ports(context),
          `.first(t${at}_first)`,
          `.m_valid(t${at}_valid)`,
          `.m_index(t${at}_index)`,
          `.m_place(t${at}_place)`,
        ],
      ),
      ...wiresAfter(context, outBits),
      `  assign f${next}_x = t${at}_result;`,
      instanceText('folded_answer', `answer_${at}`, { INDEX_BITS: indexBits }, [
        ...clocked,
        `.s_valid(t${at}_valid)`,
        `.s_index(t${at}_index)`,
        `.m_valid(f${next}_valid)`,
        `.m_index(f${next}_index)`,
      ]),
    ],
    library: ['folded_lookup.sv', 'folded_answer.sv'],
    resources: { luts: 2 * inBits + placeBits, ffs: inBits + placeBits + 3 * indexBits + 3, dsps: 0 },
    words: (stage) => {
      const all = ofKind(stage, 'table')
      const now = Array.from({ length: count }, (_, j) => spanOf(stage, j))
      return [
        now.map((span) => packWord(firsts, [span.min])),
        now.flatMap((span, j) => {
          const f = all[all.length === 1 ? 0 : j]!
          if (span.max - span.min >= 2 ** placeBits) packWord(table, [Number.NaN])
          return Array.from({ length: 2 ** placeBits }, (_, place) => {
            const x = Math.min(span.max, span.min + place)
            return packWord(table, [isReached(stage, j, x, span) ? applyFunction(f, x) : 0])
          })
        }),
      ]
    },
  }
}

/** The arguments that occur for output j (for any output where the function is shared): no others are kept. */
function spanOf(stage: StageFunctions, j: number): Range {
  const all = ofKind(stage, 'table')
  const f = all[all.length === 1 ? 0 : j]!
  const froms = all.length === 1 ? stage.from : [stage.from[j]!]
  const last = f.first + f.outputs.length - 1
  const clampTo = (x: number): number => Math.max(f.first, Math.min(last, x))
  const min = clampTo(Math.min(...froms.map((range) => range.min)))
  return { min, max: clampTo(Math.max(...froms.map((range) => range.max))), step: 1 }
}

/** Whether an argument occurs, the ends standing for all beyond them; results of others may not fit the width. */
function isReached(stage: StageFunctions, j: number, x: number, span: Range): boolean {
  const froms = stage.functions.length === 1 ? stage.from : [stage.from[j]!]
  return x === span.min || x === span.max || froms.some(({ min, max }) => x >= min && x <= max)
}
