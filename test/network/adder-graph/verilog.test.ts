import { describe, expect, it } from 'vitest'
import { randomMatrix } from '../../../bench/cmvm-matrices.ts'
import { simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import {
  adderGraphModule,
  type ConstantMatrix,
  evaluateAdderGraph,
  type InputRange,
  optimiseAdderGraph,
} from '../../../src/network/adder-graph/index.ts'

const cases: readonly [string, ConstantMatrix, readonly InputRange[]][] = [
  [
    'dense, signed and unsigned inputs',
    randomMatrix(4, 5, 6, 1),
    [
      { min: -128, max: 127 },
      { min: 0, max: 63 },
      { min: -3, max: 0 },
      { min: 0, max: 1 },
    ],
  ],
  [
    'zeros, negations, shifts, inputs that are multiples',
    { rows: 3, columns: 6, values: [0, -1, 4, -3, -12, 100, 0, 0, 0, -5, 0, -1, 0, 0, 0, 0, 3, 32] },
    [
      { min: -64, max: 64, step: 2 },
      { min: 5, max: 9 },
      { min: -8, max: 7, step: 3 },
    ],
  ],
  [
    'ternary',
    { rows: 5, columns: 4, values: Array.from(randomMatrix(5, 4, 2, 4).values, (v) => Math.max(-1, v)) },
    [],
  ],
]

describe('Verilog of adder graphs', () => {
  it.each(cases)('equals the graph: %s', async (_, matrix, given) => {
    const inputs = Array.from({ length: matrix.rows }, (_, i) => given[i] ?? { min: -128, max: 127 })
    const graph = optimiseAdderGraph(matrix, { inputs })
    const text = adderGraphModule(graph, inputs, 'dut')
    const { in: ports, out, simulation } = await simulate('dut.v', { files: { 'dut.v': text }, cache: false })
    const signed = new Set([...text.matchAll(/wire signed \[\d+:0\] ([xy]\d+)/g)].map((match) => match[1]))
    const width = new Map([...text.matchAll(/\[(\d+):0\] ([xy]\d+)/g)].map((m) => [m[2]!, Number(m[1]) + 1]))
    const random = new Random(1)
    for (let n = 0; n < 200; n++) {
      const vector = inputs.map(({ min, max, step = 0 }) => {
        const unit = 2 ** step
        const low = Math.ceil(min / unit)
        const high = Math.floor(max / unit)
        return unit * (n === 0 ? low : n === 1 ? high : low + random.integer(high - low + 1))
      })
      vector.forEach((value, i) => {
        ports[`x${i}`] = BigInt.asUintN(width.get(`x${i}`)!, BigInt(value))
      })
      simulation.settle()
      const results = graph.outputs.map((_, j) => {
        const name = `y${j}`
        const value = BigInt(out[name]!)
        return signed.has(name) ? BigInt.asIntN(width.get(name)!, value) : value
      })
      expect(results).toEqual(evaluateAdderGraph(graph, vector))
    }
  })
})
