import { describe, expect, it } from 'vitest'
import { SimulatedNetwork } from '../../sim/network/simulated-network.ts'
import { GemgateError } from '../../src/core/errors.ts'
import { Random } from '../../src/core/random.ts'
import { type CompiledNetwork, compileNetwork } from '../../src/network/compile.ts'
import { evaluateGraph, type IntegerGraph } from '../../src/network/graph/index.ts'
import { type Certificate, type ImportedNetwork, importNetwork } from '../../src/network/import/index.ts'
import type { OnnxModel } from '../../src/network/onnx/onnx-model.ts'
import { readOnnx } from '../../src/network/onnx/onnx-read.ts'
import { writeOnnx } from '../../src/network/onnx/onnx-write.ts'
import { openOracle } from '../../src/network/oracle/oracle.ts'
import type { Architecture } from '../../src/network/plan/choose-architecture.ts'
import { testInputs } from '../../src/network/plan/test-vectors.ts'
import { hostileFile } from './random/hostile.ts'
import { type RandomModel, randomModel, styleNames, topologies } from './random/random-model.ts'

/** Random networks against the program that their certificate names; GEMGATE_LONG=1 takes many times more. */
const long = process.env.GEMGATE_LONG === '1'
const firstSeed = Number(process.env.GEMGATE_SEED ?? 1)
const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => firstSeed + i)

/** The result of `run`, or undefined where it ends in a typed refusal of one of these codes. */
async function unlessRefused<T>(
  run: () => T | Promise<T>,
  codes: readonly string[] = ['GG_MODEL_INEXACT', 'GG_MODEL_UNSUPPORTED'],
): Promise<T | undefined> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof GemgateError) || !codes.includes(error.code)) throw error
    expect(error.remedy.length).toBeGreaterThan(5)
    return undefined
  }
}

/** What the oracle makes of inputs. */
async function oracleOutputs(
  model: OnnxModel,
  { graph, certificate }: { readonly graph: IntegerGraph; readonly certificate: Certificate },
  inputs: readonly Float64Array[],
): Promise<Float64Array[]> {
  const oracle = await openOracle(model, graph, certificate)
  try {
    const outputs: Float64Array[] = []
    for (const input of inputs) outputs.push(await oracle.evaluate(input))
    return outputs
  } finally {
    await oracle[Symbol.asyncDispose]()
  }
}

function reread({ model }: RandomModel): OnnxModel {
  return readOnnx(writeOnnx(model))
}

describe('the integer graph of a random network equals its oracle', () => {
  const perPair = long ? 40 : 2
  it.each(styleNames)('%s', { timeout: long ? 600_000 : 30_000 }, async (style) => {
    let accepted = 0
    let lively = 0
    for (const topology of topologies)
      for (const seed of seeds(perPair)) {
        const random = randomModel(seed, style, topology)
        const model = reread(random)
        const made = await unlessRefused(() => importNetwork(model, random.options))
        if (made === undefined) continue
        accepted++
        const inputs = testInputs(made.graph, 16, seed)
        const expected = await oracleOutputs(model, made, inputs)
        const results = inputs.map((input) => evaluateGraph(made.graph, [input])[0]!)
        results.forEach((result, i) => {
          expect({ network: random.name, input: inputs[i], result }).toEqual({
            network: random.name,
            input: inputs[i],
            result: expected[i],
          })
        })
        if (new Set(results.map((result) => result.join())).size > 2) lively++
      }
    // A few networks of another seed may all be refused: the shares belong to the usual ones.
    if (firstSeed !== 1) return
    expect(accepted).toBeGreaterThanOrEqual(perPair * topologies.length * leastAccepted(style))
    expect(lively).toBeGreaterThanOrEqual(accepted / 2)
  })

  /** Sums of tensors with scales that have nothing in common are refused; most others must be accepted. */
  function leastAccepted(style: string): number {
    return style.includes('scales') ? 0.4 : 0.7
  }
})

const architectures: readonly Architecture[] = ['unrolled', 'folded', 'streaming']

describe('the Verilog of a random network equals its oracle', () => {
  const pairs = styleNames.flatMap((style) => topologies.map((topology) => [style, topology] as const))
  const cases = seeds(long ? pairs.length * 6 : 6).map((seed) => {
    // A step that is prime to the number of pairs: every short run meets several styles and topologies.
    const [style, topology] = pairs[(seed * 31) % pairs.length]!
    const architecture = architectures[seed % architectures.length]!
    return { ...randomModel(seed, style, topology), some: long ? architectures : [architecture] }
  })
  let simulated = 0

  it.each(cases)('$name', { timeout: 120_000 }, async ({ model, options, some }) => {
    for (const architecture of some) {
      const made = await unlessRefused(() => compileNetwork(model, { ...options, architecture }))
      if (made === undefined) continue
      await expectVerilog(model, made)
      simulated++
    }
  })

  it('most of them were simulated', () => {
    expect(simulated).toBeGreaterThan(cases.length * cases[0]!.some.length * 0.6)
  })

  async function expectVerilog(model: OnnxModel, made: CompiledNetwork): Promise<void> {
    const { graph, module } = made
    const inputs = testInputs(graph, 10, 1)
    const expected = await oracleOutputs(model, made, inputs)
    const shapes = [graph.inputs[0]!, graph.outputs[0]!].map((port) => graph.values[port.value]!.shape)
    const network = await SimulatedNetwork.open(module, shapes[0]!, shapes[1]!)
    for (const behaviour of [{}, { bubbles: 0.3, stalls: 0.4, seed: 2 }])
      expect(network.run(inputs, behaviour).outputs).toEqual(expected)
  }
})

describe('damaged networks', () => {
  const anyCode = ['GG_MODEL_FORMAT', 'GG_MODEL_UNSUPPORTED', 'GG_MODEL_INEXACT', 'GG_FILE_SHAPE']
  const rounds = long ? 12_000 : 400
  // Numbers of 16 bits take seconds to import, and break in no other way.
  const damagedStyles = styleNames.filter((style) => style !== 'wide qonnx')

  it('end in a typed error or in a correct graph', { timeout: long ? 900_000 : 60_000 }, async () => {
    const random = new Random(firstSeed)
    let refused = 0
    let compared = 0
    for (let i = 0; i < rounds; i++) {
      const seed = firstSeed + random.integer(1000)
      const whole = randomModel(
        seed,
        damagedStyles[i % damagedStyles.length]!,
        topologies[i % topologies.length]!,
      )
      const { bytes, damage } = hostileFile(random, whole.model)
      const context = `${whole.name}: ${damage}`
      const begun = performance.now()
      const model = await unlessRefused(() => readOnnx(bytes), anyCode)
      const made =
        model &&
        (await naming(context, () => unlessRefused(() => importNetwork(model, whole.options), anyCode)))
      expect(performance.now() - begun, context).toBeLessThan(20_000)
      if (model === undefined || made === undefined) refused++
      else if (await naming(context, () => equalWhereOracleRuns(model, made))) compared++
    }
    expect(refused).toBeGreaterThan(rounds / 4)
    expect(compared).toBeGreaterThan(rounds / 25)
  })

  /** The error of `run` with the network's name in it. */
  async function naming<T>(context: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (cause) {
      throw new Error(`${context}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }
  }

  /** Whether the oracle ran; it refuses some files that the importer understands. */
  async function equalWhereOracleRuns(model: OnnxModel, made: ImportedNetwork): Promise<boolean> {
    if (made.graph.inputs.length !== 1 || made.graph.outputs.length !== 1) return false
    // Damaged scales make scores that Softmax cannot tell apart in floats.
    if (model.graph.nodes.some((node) => node.operator === 'Softmax')) return false
    const inputs = testInputs(made.graph, 3, 1)
    const results = inputs.map((input) => evaluateGraph(made.graph, [input])[0]!)
    const expected = await unlessRefused(() => oracleOutputs(model, made, inputs), anyCode)
    if (expected === undefined) return false
    expect(results).toEqual(expected)
    return true
  }
})
