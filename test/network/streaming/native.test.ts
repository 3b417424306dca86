import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { buildFolded } from '../../../src/network/folded/index.ts'
import { evaluateGraph } from '../../../src/network/graph/index.ts'
import type { GraphSegment, HardwareModule } from '../../../src/network/hardware/hardware-module.ts'
import { buildAdapter, buildFifo, buildStreaming } from '../../../src/network/streaming/index.ts'
import { icarus, verilator } from '../../hdl/native/native-core.ts'
import { kinds, randomDense } from '../folded/random-dense.ts'
import { lint, runInIcarus } from './icarus-bench.ts'
import { randomStreamingSegment, randomTensor } from './random-layer.ts'

interface Case {
  readonly segment: GraphSegment
  readonly module: HardwareModule
}

function streamingCase(seed: number): Case {
  const segment = randomStreamingSegment(new Random(seed))
  return { segment, module: buildStreaming(segment, { name: `stream${seed}` }) }
}

function foldedCase(seed: number): Case {
  const random = new Random(seed)
  const { segment, input } = randomDense(random, [kinds[seed % kinds.length]!])
  const options = { name: `fold${seed}`, input, multipliers: 1 + (seed % 5), reloadable: seed % 4 === 0 }
  return { segment, module: buildFolded(segment, options) }
}

const cases = [
  ...Array.from({ length: 24 }, (_, seed) => streamingCase(seed)),
  ...Array.from({ length: 24 }, (_, seed) => foldedCase(seed)),
]

describe.skipIf(verilator.skip)(`verilator --lint-only -Wall on generated layers${verilator.note}`, () => {
  it('has nothing to say', () => {
    const stream = { beats: 6, lanes: 2, bits: 4, signed: true }
    const vector = { beats: 1, lanes: 12, bits: 6, signed: true }
    const adapters = [
      buildAdapter(stream, vector, { name: 'gather' }),
      buildAdapter({ ...vector, bits: 4 }, stream, { name: 'serialise' }),
      buildAdapter(stream, { ...stream, bits: 5 }, { name: 'widen' }),
      buildFifo(stream, 20, { name: 'buffer' }),
    ]
    for (const module of [...cases.map((each) => each.module), ...adapters])
      expect(lint(module), module.name).toBe('')
  })
})

describe.skipIf(icarus.skip)(`generated layers in Icarus Verilog${icarus.note}`, () => {
  it('equal evaluateGraph, whatever stood in the registers at power-on', () => {
    for (const [k, { segment, module }] of cases.entries()) {
      if ('reload' in module && module.reload !== undefined) continue
      const random = new Random(k)
      const shapes = {
        input: segment.graph.values[segment.source]!.shape,
        output: segment.graph.values[segment.result]!.shape,
      }
      const tensors = Array.from({ length: 3 }, () => randomTensor(random, segment))
      const found = runInIcarus(module, shapes, tensors)
      const expected = tensors.map((tensor) => evaluateGraph(segment.graph, [tensor])[0])
      expect(found, module.name).toEqual(expected)
    }
  })
})
