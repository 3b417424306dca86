import {
  type FunctionStage,
  instanceText,
  ofKind,
  type StageContext,
  type StageFunctions,
  type StageMemory,
  wiresAfter,
} from './function-stage.ts'
import { packWord } from './memory.ts'

/** The thresholds of one output as a complete binary search tree, and the result for each count. */
interface Search {
  readonly sorted: readonly number[]
  readonly results: readonly number[]
}

/** Thresholds: a binary search, one level and one memory after the other, then the results. */
export function searchStage(context: StageContext, functions: StageFunctions): FunctionStage {
  const { name, at, inBits, outBits, indexBits, outputs, reloadable } = context
  const given = ofKind(functions, 'thresholds')
  const most = given.reduce((top, f) => Math.max(top, f.thresholds.length), 1)
  const levels = Math.ceil(Math.log2(most + 1))
  const shared = !reloadable && given.length === 1
  const sharedResults = shared || (!reloadable && new Set(given.map((f) => f.outputs.join())).size === 1)
  const count = shared ? 1 : outputs
  // One bit more than the argument: a threshold that is never reached lies above its range.
  const thresholdBits = inBits + 1
  const next = at + 1
  const memories: StageMemory[] = []
  const lines = [
    `  wire s${at}_0_valid = f${at}_valid;`,
    `  wire [${indexBits - 1}:0] s${at}_0_index = f${at}_index;`,
    `  wire signed [${inBits - 1}:0] s${at}_0_x = f${at}_x;`,
    `  wire [${levels - 1}:0] s${at}_0_rank = '0;`,
  ]
  for (let level = 0; level < levels; level++) {
    const rank = level === 0 ? [] : [`s${at}_${level}_rank[${level - 1}:0]`]
    const parts = [...(shared ? [] : [`s${at}_${level}_index`]), ...rank]
    const word = `s${at}_${level}_word`
    memories.push({
      shape: {
        name: `${name}_f${at}_level${level}`,
        depth: count * 2 ** level,
        fields: [{ name: 'threshold', bits: thresholdBits, signed: true }],
      },
      purpose: `thresholds, level ${level} of the search tree of each output`,
      address: concatenation(parts),
      enable: `advance & s${at}_${level}_valid`,
      wire: word,
    })
    const from = `s${at}_${level}`
    const to = `s${at}_${level + 1}`
    lines.push(
      `  wire ${to}_valid;`,
      `  wire [${indexBits - 1}:0] ${to}_index;`,
      `  wire signed [${inBits - 1}:0] ${to}_x;`,
      `  wire [${levels - 1}:0] ${to}_rank;`,
      instanceText(
        'folded_search',
        `search_${at}_${level}`,
        { X_BITS: inBits, THRESHOLD_BITS: thresholdBits, RANK_BITS: levels, INDEX_BITS: indexBits },
        [
          '.clk(clk)',
          '.rst(rst)',
          '.advance(advance)',
          ...['valid', 'index', 'x', 'rank'].map((port) => `.s_${port}(${from}_${port})`),
          `.threshold(${word})`,
          ...['valid', 'index', 'x', 'rank'].map((port) => `.m_${port}(${to}_${port})`),
        ],
      ),
    )
  }
  const end = `s${at}_${levels}`
  memories.push({
    shape: {
      name: `${name}_f${at}_results`,
      depth: (sharedResults ? 1 : outputs) * 2 ** levels,
      fields: [{ name: 'result', bits: outBits, signed: true }],
    },
    purpose: 'result for each number of thresholds reached',
    address: concatenation([...(sharedResults ? [] : [`${end}_index`]), `${end}_rank`]),
    enable: `advance & ${end}_valid`,
    wire: `s${at}_result`,
  })
  lines.push(
    ...wiresAfter(context, outBits),
    `  wire unused_s${at} = &{1'b0, ${end}_x};`,
    `  assign f${next}_x = s${at}_result;`,
    instanceText('folded_answer', `answer_${at}`, { INDEX_BITS: indexBits }, [
      '.clk(clk)',
      '.rst(rst)',
      '.advance(advance)',
      `.s_valid(${end}_valid)`,
      `.s_index(${end}_index)`,
      `.m_valid(f${next}_valid)`,
      `.m_index(f${next}_index)`,
    ]),
  )
  return {
    latency: 2 * levels + 1,
    outBits,
    memories,
    lines,
    library: ['folded_search.sv', 'folded_answer.sv'],
    resources: { luts: levels * inBits, ffs: levels * 2 * (inBits + indexBits + levels), dsps: 0 },
    words: (stage) => {
      const searches = Array.from({ length: count }, (_, j) => searchOf(stage, j, levels))
      const byLevel = Array.from({ length: levels }, (_, level) =>
        searches.flatMap(({ sorted }) =>
          Array.from({ length: 2 ** level }, (_, rank) => {
            const place = (2 * rank + 1) * 2 ** (levels - 1 - level) - 1
            return packWord(memories[level]!.shape, [sorted[place]!])
          }),
        ),
      )
      const tables = searches.map((search) => search.results)
      // One table for all outputs keeps what any of them reaches.
      const shown = sharedResults
        ? [tables[0]!.map((_, k) => tables.find((table) => table[k] !== 0)?.[k] ?? 0)]
        : tables
      const results = shown.flatMap((table) =>
        table.map((result) => packWord(memories[levels]!.shape, [result])),
      )
      return [...byLevel, results]
    },
  }

  function searchOf(stage: StageFunctions, j: number, depth: number): Search {
    const all = ofKind(stage, 'thresholds')
    const f = all[all.length === 1 ? 0 : j]!
    // Thresholds outside the range are always or never reached; the padding is never reached.
    const never = 2 ** (inBits - 1)
    const size = 2 ** depth - 1
    const sorted = Array.from(f.thresholds, (t) => Math.max(-never, Math.min(never, Math.ceil(t))))
    if (sorted.length > size) packWord(memories[0]!.shape, [Number.NaN])
    while (sorted.length < size) sorted.push(never)
    const results = Array.from({ length: size + 1 }, (_, k) => f.outputs[Math.min(k, f.outputs.length - 1)]!)
    return { sorted, results: reachable(results, sorted, stage, j) }
  }

  /** Results that no argument leads to may not fit the width: they become 0. */
  function reachable(
    results: readonly number[],
    sorted: readonly number[],
    stage: StageFunctions,
    j: number,
  ): number[] {
    const froms = stage.functions.length === 1 ? stage.from : [stage.from[j]!]
    return results.map((result, k) => {
      const low = k === 0 ? Number.NEGATIVE_INFINITY : sorted[k - 1]!
      const high = k === sorted.length ? Number.POSITIVE_INFINITY : sorted[k]! - 1
      const reached = froms.some(({ min, max }) => Math.max(min, low) <= Math.min(max, high))
      return reached ? result : 0
    })
  }
}

function concatenation(parts: readonly string[]): string {
  if (parts.length === 0) return "1'b0"
  return parts.length === 1 ? parts[0]! : `{${parts.join(', ')}}`
}
