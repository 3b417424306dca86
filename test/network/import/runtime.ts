import * as ort from 'onnxruntime-node'
import { evaluateGraph } from '../../../src/network/graph/evaluate-graph.ts'
import type { ImportedNetwork } from '../../../src/network/import/import-network.ts'
import type { OnnxModel } from '../../../src/network/onnx/onnx-model.ts'
import { writeOnnx } from '../../../src/network/onnx/onnx-write.ts'

const arrays = {
  1: ['float32', Float32Array],
  2: ['uint8', Uint8Array],
  3: ['int8', Int8Array],
  4: ['uint16', Uint16Array],
  5: ['int16', Int16Array],
  6: ['int32', Int32Array],
} as const

/** ONNX Runtime on one model, as written unless told to optimise. */
export async function openRuntime(model: OnnxModel, optimise = false): Promise<Runtime> {
  const session = await ort.InferenceSession.create(writeOnnx(model), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: optimise ? 'all' : 'disabled',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  })
  return new Runtime(session, model)
}

export class Runtime {
  readonly #session: ort.InferenceSession
  readonly #model: OnnxModel

  constructor(session: ort.InferenceSession, model: OnnxModel) {
    this.#session = session
    this.#model = model
  }

  /** All outputs for one set of inputs, batch size 1. */
  async run(inputs: readonly ArrayLike<number>[]): Promise<Float64Array[]> {
    const constants = new Set(this.#model.graph.initializers.map(({ name }) => name))
    const feeds: Record<string, ort.Tensor> = {}
    this.#model.graph.inputs
      .filter(({ name }) => !constants.has(name))
      .forEach(({ name, type, dims }, k) => {
        const [kind, make] = arrays[type as keyof typeof arrays]
        const shape = (dims ?? []).map((dim) => (typeof dim === 'number' ? dim : 1))
        feeds[name] = new ort.Tensor(kind, make.from(inputs[k]!) as Float32Array, shape)
      })
    const results = await this.#session.run(feeds)
    return this.#model.graph.outputs.map(({ name }) =>
      Float64Array.from(results[name]!.data as Float32Array, Number),
    )
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}

/** The real numbers of every output of the integer graph. */
export function evaluateReal(
  { graph }: ImportedNetwork,
  inputs: readonly ArrayLike<number>[],
): Float64Array[] {
  return evaluateGraph(graph, inputs).map((q, k) => {
    const { scales, zeroPoint, value } = graph.outputs[k]!
    const inner = q.length / (graph.values[value]!.shape[0] ?? 1)
    return q.map((x, i) => {
      const scale = scales[scales.length === 1 ? 0 : Math.floor(i / inner)]!
      return Math.fround((x - zeroPoint) * scale)
    })
  })
}

/** Random integers of an input port, with its extremes among them. */
export function randomInput(graph: ImportedNetwork['graph'], at: number, random: () => number): Float64Array {
  const value = graph.values[graph.inputs[at]!.value]!
  const { min, max } = value.ranges[0]!
  const count = value.shape.reduce((a, b) => a * b, 1)
  const mode = random()
  return Float64Array.from({ length: count }, () => {
    if (mode < 0.1) return min
    if (mode < 0.2) return max
    if (mode < 0.4) return random() < 0.5 ? min : max
    return min + Math.floor(random() * (max - min + 1))
  })
}

/** A small seeded generator of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
