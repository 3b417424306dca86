import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomMatrix } from '../../../bench/cmvm-matrices.ts'
import {
  adderBits,
  adderCount,
  adderDepth,
  coefficients,
  computes,
  constantMatrix,
  evaluateAdderGraph,
  leastDepth,
  optimiseAdderGraph,
  optimiseAdderGraphInWorker,
} from '../../../src/network/adder-graph/index.ts'
import { splitRows } from '../../../src/network/adder-graph/split.ts'

/** Matrices of all shapes: dense, sparse, ternary, with zero and equal rows and columns. */
const matrices = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    bits: fc.integer({ min: 1, max: 17 }),
    zero: fc.constantFrom(0, 0.3, 0.8),
    seed: fc.nat(),
  })
  .chain(({ rows, columns, bits, zero }) => {
    const entry = fc
      .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: -(2 ** bits), max: 2 ** bits }))
      .map(([p, value]) => (p < zero ? 0 : value))
    return fc
      .array(entry, { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ rows, columns, values }))
  })

describe('adder graphs', () => {
  it('compute their matrix exactly, algebraically and on vectors, and keep to the depth', () => {
    fc.assert(
      fc.property(
        matrices,
        fc.constantFrom(undefined, 0, 1),
        fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 9, maxLength: 9 }),
        (matrix, extra, vector) => {
          const graph = optimiseAdderGraph(matrix, {
            effort: 0.3,
            ...(extra === undefined ? {} : { maxExtraDepth: extra }),
          })
          expect([...coefficients(graph).values]).toEqual(matrix.values.map((value) => value || 0))
          if (extra !== undefined)
            expect(
              adderDepth({ ...graph, outputs: graph.outputs.map((o) => ({ ...o, negate: false })) }),
            ).toBeLessThanOrEqual(leastDepth(matrix) + extra)
          for (const inputs of [vector, vector.map(() => -128), vector.map(() => 127)]) {
            const expected = Array.from({ length: matrix.columns }, (_, j) =>
              inputs
                .slice(0, matrix.rows)
                .reduce((sum, x, i) => sum + BigInt(matrix.values[i * matrix.columns + j]!) * BigInt(x), 0n),
            )
            expect(evaluateAdderGraph(graph, inputs)).toEqual(expected)
          }
          for (const { a, b, shiftA, shiftB } of graph.nodes) {
            expect(Math.min(shiftA, shiftB)).toBe(0)
            expect(Math.max(a, b)).toBeLessThan(graph.inputs + graph.nodes.length)
          }
        },
      ),
      { seed: 20261122, numRuns: 60 },
    )
  })

  it('take no adder for shifts, signs of sums, zeros and repetitions', () => {
    const graph = optimiseAdderGraph([
      [4, 0, 1, -1, 3, -6],
      [0, 0, 1, -1, 5, -10],
    ])
    // x0 + x1 once, 3 x0 + 5 x1 = 4 (x0 + x1) - x0 + x1 at most three more
    expect(adderCount(graph)).toBeLessThanOrEqual(5)
    expect(graph.outputs[0]).toEqual({ value: 0, shift: 2, negate: false })
    expect(graph.outputs[1]).toEqual({ value: -1, shift: 0, negate: false })
  })

  it('are the same for the same seed, and not tied to one seed', () => {
    const matrix = randomMatrix(10, 10, 8, 5)
    const graph = optimiseAdderGraph(matrix, { seed: 7 })
    expect(optimiseAdderGraph(matrix, { seed: 7 })).toEqual(graph)
    expect(optimiseAdderGraph(matrix, { seed: 8 })).not.toEqual(graph)
  })

  it('take empty matrices and refuse malformed ones', () => {
    expect(optimiseAdderGraph({ rows: 3, columns: 0, values: [] }).outputs).toEqual([])
    expect(optimiseAdderGraph({ rows: 0, columns: 2, values: [] }).outputs).toHaveLength(2)
    expect(() => optimiseAdderGraph([[1, 2], [3]])).toThrow(/row 1 has 1/)
    expect(() => optimiseAdderGraph([[0.5]])).toThrow(/entry 0 is 0.5/)
  })

  it('are made of parts where the matrix is too large for one search', () => {
    const { rows, columns, values } = constantMatrix(randomMatrix(11, 3, 8, 1))
    const parts = splitRows({ rows, columns, values }, 300)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.flatMap(({ matrix }) => [...matrix.values])).toEqual([...values])
    expect(parts.map(({ from }) => from)).toEqual(
      parts.map((_, at) => parts.slice(0, at).reduce((sum, { matrix }) => sum + matrix.rows, 0)),
    )
  })

  it('compute a large sparse matrix', () => {
    const dense = randomMatrix(1000, 64, 2, 1)
    const values = Array.from(dense.values, (value, at) => (at % 5 < 2 ? Math.max(-1, value) : 0))
    const matrix = { rows: 1000, columns: 64, values }
    expect(splitRows(matrix).length).toBeGreaterThan(1)
    const graph = optimiseAdderGraph(matrix, { effort: 0, maxExtraDepth: 0 })
    expect(computes(graph, matrix)).toBe(true)
    expect(adderDepth(graph)).toBe(leastDepth(matrix))
  })

  it('respect inputs that arrive late', () => {
    const matrix = randomMatrix(6, 4, 6, 3)
    const arrival = [0, 3, 0, 1, 0, 2]
    const graph = optimiseAdderGraph(matrix, { arrival, maxExtraDepth: 0 })
    expect(adderDepth(graph, arrival)).toBe(leastDepth(constantMatrix(matrix), arrival))
  })

  it('are at least 3 % smaller than da4ml on its anchors', () => {
    for (const [extra, da4ml] of [
      [undefined, 364.3],
      [0, 396.3],
    ] as const) {
      const counts = [1, 2, 3].map((seed) => {
        const matrix = randomMatrix(16, 16, 8, seed)
        const graph = optimiseAdderGraph(matrix, extra === undefined ? {} : { maxExtraDepth: extra })
        expect(coefficients(graph).values).toEqual(Float64Array.from(matrix.values))
        if (extra === 0) expect(adderDepth(graph)).toBe(6)
        expect(adderBits(graph)).toBeLessThan(15 * adderCount(graph))
        return adderCount(graph)
      })
      expect(counts.reduce((sum, count) => sum + count) / 3).toBeLessThanOrEqual(0.97 * da4ml)
    }
  })
})

describe('the search in a thread', () => {
  const matrix = randomMatrix(12, 12, 8, 1)

  it('finds the same graph and reports progress', async () => {
    const seen: number[] = []
    const graph = await optimiseAdderGraphInWorker(matrix, { onProgress: ({ done }) => seen.push(done) })
    expect(graph).toEqual(optimiseAdderGraph(matrix))
    expect(seen.at(-1)).toBe(1)
  })

  it('ends at once on abort', async () => {
    const controller = new AbortController()
    const search = optimiseAdderGraphInWorker(matrix, {
      effort: 1e6,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    await expect(search).rejects.toMatchObject({ code: 'GG_CLOSED' })
  })

  it('ends at the time limit with an exact graph', async () => {
    let done = 0
    const graph = await optimiseAdderGraphInWorker(matrix, {
      effort: 1e6,
      maxMilliseconds: 300,
      onProgress: (progress) => {
        done = progress.done
      },
    })
    expect(coefficients(graph).values).toEqual(Float64Array.from(matrix.values))
    expect(done).toBeLessThan(1)
  })

  it('passes errors on', async () => {
    await expect(optimiseAdderGraphInWorker([[1], [2, 3]])).rejects.toMatchObject({ code: 'GG_USAGE' })
  })
})
