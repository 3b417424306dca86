import { expect, test } from 'vitest'
import { SimulatedNetwork } from '../../../sim/network/simulated-network.ts'
import { Random } from '../../../src/core/random.ts'
import { buildHardware } from '../../../src/network/compile.ts'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import { GraphBuilder } from '../../../src/network/graph/graph-builder.ts'
import type { IntegerGraph } from '../../../src/network/graph/integer-graph.ts'
import { reloadNetwork } from '../../../src/network/plan/reload-network.ts'
import { testInputs } from '../../../src/network/plan/test-vectors.ts'

/** Two dense layers with random weights; the ends of the ranges occur, so that widths agree. */
function network(seed: number, inputs = 6): IntegerGraph {
  const random = new Random(seed)
  const builder = new GraphBuilder('reloaded')
  const port = { bits: 8, signed: true, scales: [1], zeroPoint: 0 }
  let value = builder.input({ name: 'x', ...port }, [inputs])
  for (const [name, size, outputs, shift] of [
    ['first', inputs, 5, 6],
    ['second', 5, 3, 4],
  ] as const) {
    const weights = Int32Array.from({ length: size * outputs }, (_, i) =>
      i < 2 ? -127 : random.integer(200) - 100,
    )
    const bias = Float64Array.from({ length: outputs }, () => random.integer(200) - 100)
    value = builder.add(name, { kind: 'dense', source: value, weights, bias })
    const round = { kind: 'round', shift, rounding: 'half-even', min: -128, max: 127 } as const
    value = builder.add(`${name} rounded`, { kind: 'map', source: value, functions: [round] })
  }
  builder.output({ name: 'y', value, ...port })
  return builder.build()
}

test('one bitstream, two networks: weights change through the write port without a rebuild', async () => {
  const options = { name: 'reloaded', architecture: 'folded', reloadable: true } as const
  const [first, second] = [await buildHardware(network(1), options), await buildHardware(network(2), options)]
  const simulated = await SimulatedNetwork.open(first.module, [6], [3])
  const inputs = testInputs(first.graph, 60)
  const expected = (graph: IntegerGraph) => inputs.map((input) => evaluateGraph(graph, [input])[0]!)
  expect(expected(first.graph)).not.toEqual(expected(second.graph))
  expect(simulated.run(inputs, { stalls: 0.2 }).outputs).toEqual(expected(first.graph))
  simulated.reload(reloadNetwork(first.stages, second.stages))
  expect(simulated.run(inputs, { bubbles: 0.2 }).outputs).toEqual(expected(second.graph))
  simulated.reload(reloadNetwork(first.stages, first.stages))
  expect(simulated.run(inputs).outputs).toEqual(expected(first.graph))
})

test('fixed logic and other shapes are refused', async () => {
  const fixed = await buildHardware(network(1), { architecture: 'unrolled' })
  expect(() => reloadNetwork(fixed.stages, fixed.stages)).toThrow(
    expect.objectContaining({ code: 'GG_USAGE' }),
  )
  const options = { reloadable: true, layers: { first: 'folded', second: 'unrolled' } } as const
  const [mixed, other] = [await buildHardware(network(1), options), await buildHardware(network(2), options)]
  expect(reloadNetwork(mixed.stages, mixed.stages).length).toBeGreaterThan(30)
  expect(() => reloadNetwork(mixed.stages, other.stages)).toThrow(/fixed logic/)
  const wider = await buildHardware(network(1, 7), { ...options, layers: { ...options.layers } })
  expect(() => reloadNetwork(mixed.stages, wider.stages)).toThrow(
    expect.objectContaining({ code: 'GG_MODEL_UNSUPPORTED' }),
  )
})
