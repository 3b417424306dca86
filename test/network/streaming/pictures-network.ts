import type { Random } from '../../../src/core/random.ts'
import { buildFolded } from '../../../src/network/folded/index.ts'
import { GraphBuilder, type IntegerGraph } from '../../../src/network/graph/index.ts'
import type { HardwareModule } from '../../../src/network/hardware/hardware-module.ts'
import { buildFifo, buildStreaming } from '../../../src/network/streaming/index.ts'
import { pipelineText } from '../../../src/network/streaming/pipeline-text.ts'

/**
 * The shape of a small convolutional network for camera pictures: int8 pixels, two blocks of a 3 x 3
 * convolution with 8 channels, ReLU and 2 x 2 maximum, then a dense layer.
 */
export function picturesNetwork(random: Random, size: number, outputs: number): IntegerGraph {
  const builder = new GraphBuilder('pictures')
  const window = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] } as const
  const tiles = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] } as const
  const weights = (length: number, span: number): Int32Array =>
    Int32Array.from({ length }, () => random.integer(2 * span + 1) - span)
  const bias = (length: number): Float64Array =>
    Float64Array.from({ length }, () => random.integer(1000) - 300)
  const port = { bits: 8, signed: true, scales: [1], zeroPoint: 0 }
  let last = builder.input({ name: 'picture', ...port }, [1, size, size])
  for (const [channels, shift] of [
    [1, 4],
    [8, 6],
  ] as const) {
    last = builder.add('conv', {
      kind: 'conv',
      source: last,
      weights: weights(8 * channels * 9, 15),
      bias: bias(8),
      groups: 1,
      window,
    })
    const relu = { kind: 'round', shift, rounding: 'half-even', min: 0, max: 127 } as const
    last = builder.add('relu', { kind: 'map', source: last, functions: [relu] })
    last = builder.add('pool', { kind: 'pool', source: last, mode: 'max', window: tiles })
  }
  const inputs = (8 * size * size) / 16
  last = builder.add('dense', {
    kind: 'dense',
    source: last,
    weights: weights(outputs * inputs, 127),
    bias: bias(outputs),
  })
  const scores = { kind: 'round', shift: 8, rounding: 'half-even', min: -32768, max: 32767 } as const
  last = builder.add('scores', { kind: 'map', source: last, functions: [scores] })
  builder.output({ name: 'scores', value: last, ...port, bits: 16 })
  return builder.build()
}

/**
 * All of it as one module: five streaming or folded layers in a row.
 * @param clocks that the dense layer may take for a picture
 * @param buffer beats of a buffer before it, or 0
 */
export function picturesModule(graph: IntegerGraph, clocks: number, buffer = 0): HardwareModule {
  const [conv1, pool1, conv2, pool2] = [
    [0, 1, 2],
    [2, 3],
    [3, 4, 5],
    [5, 6],
  ].map(([source, ...values], k) =>
    buildStreaming({ graph, source: source!, values, result: values.at(-1)! }, { name: `layer${k}` }),
  ) as [HardwareModule, HardwareModule, HardwareModule, HardwareModule]
  const dense = buildFolded(
    { graph, source: 6, values: [7, 8], result: 8 },
    { name: 'dense', input: pool2.output, clocks },
  )
  const fifo = buffer === 0 ? [] : [buildFifo(pool2.output, buffer, { name: 'burst_buffer' })]
  const modules = [conv1, pool1, conv2, pool2, ...fifo, dense]
  const files = new Map(modules.flatMap((module) => [...module.files]))
  const stages = modules.map(({ name, input, output }) => ({ module: name, input, output }))
  files.set(
    'pictures.sv',
    pipelineText('pictures', 'a picture network.', [], conv1.input, dense.output, stages),
  )
  return {
    ...dense,
    name: 'pictures',
    files,
    library: [...new Set(modules.flatMap((module) => module.library))],
    input: conv1.input,
    latency: modules.reduce((sum, module) => sum + module.latency, 0),
    interval: Math.max(...modules.map((module) => module.interval)),
    resources: modules
      .map((module) => module.resources)
      .reduce((a, b) => ({
        luts: a.luts + b.luts,
        ffs: a.ffs + b.ffs,
        dsps: a.dsps + b.dsps,
        brams: a.brams + b.brams,
      })),
  }
}
