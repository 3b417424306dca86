import { createHash } from 'node:crypto'
import { type IntegerGraph, importNetwork, openOnnxSession, readOnnx } from '../../src/network/index.ts'
import type { StoredSample } from '../data/store.ts'
import { recoilArea, recoilHardware } from '../recoil-hardware.ts'
import {
  confusion,
  featureUse,
  scoreEnergyBins,
  scoreLightBins,
  scoreRange,
  scoreSpecies,
  scoreUnmatched,
} from './evaluate.ts'
import { accuracy, featureValues, nuclearMinusElectron, scoreAll } from './score.ts'
import { defaultEnergyEdges, type TrainingOptions, trainFloatNetwork } from './train.ts'

const densityFeature = 2
/** keVee bins of the confusion table. */
const confusionEdges = [0.5, 8, 20, 60, Number.POSITIVE_INFINITY] as const

/** What a report looks at. */
export interface ReportOptions {
  /** keVee bins. */
  readonly edges: readonly number[]
  /** Bins of measured light, log2 of ADU. */
  readonly lightOctaves: readonly number[]
  /** Whether Yosys counts the cells of the Verilog (10 s). */
  readonly area: boolean
}

export const defaultReport: ReportOptions = {
  edges: defaultEnergyEdges,
  lightOctaves: [10, 11, 12, 13, 14, 15, 16],
  area: true,
}

/** Everything that is said of the shipped classifier: the content of recoil-mlp.generated.json. */
export type RecoilReport = Awaited<ReturnType<typeof makeReport>>

/**
 * Scores a network on the test sample, which took no part in its training or in any choice.
 * @throws Error when ONNX Runtime gives other scores than the integer network
 */
export async function makeReport(
  onnx: Uint8Array,
  train: StoredSample,
  test: StoredSample,
  options: TrainingOptions,
  { edges, lightOctaves, area }: ReportOptions = defaultReport,
) {
  const model = readOnnx(onnx)
  const { graph } = importNetwork(model, { oracle: 'qdq-float' })
  const scores = scoreAll(graph, test.sample)
  const discriminants = {
    network: nuclearMinusElectron(scores),
    density: featureValues(test.sample, densityFeature),
    float: nuclearMinusElectron(trainFloatNetwork(train.sample, options)(test.sample)),
  }
  return {
    sha256: createHash('sha256').update(onnx).digest('hex'),
    bytes: onnx.length,
    opset: model.opsets.get('') ?? 0,
    node: process.version,
    parameters: countParameters(graph),
    training: options,
    onnxRuntime: await oracle(onnx, test, scores),
    ...(await hardwareReport(onnx, area)),
    samples: { train: describe(train), test: describe(test) },
    accuracy: accuracy(scores, test.sample.labels),
    byEnergy: scoreEnergyBins(test.sample, discriminants, edges),
    byLight: scoreLightBins(test.sample, discriminants, lightOctaves),
    species: scoreSpecies(test.sample, discriminants.network, edges),
    control: scoreRange(test.sample, discriminants, 8, 30),
    unmatched: scoreUnmatched(test.sample, discriminants),
    confusion: confusion(test.sample, scores, confusionEdges),
    features: featureUse(test.sample),
  }
}

/** The parts of a report that follow from the network alone: why it is exact, and its logic. */
export async function hardwareReport(onnx: Uint8Array, area: boolean) {
  const compiled = await recoilHardware(onnx)
  const { certificate, graph, module } = compiled
  const format = (port: IntegerGraph['inputs'][number]) => ({
    bits: port.bits,
    signed: port.signed,
    exponent: Math.log2(port.scales[0]!),
  })
  return {
    certificate,
    formats: { input: format(graph.inputs[0]!), output: format(graph.outputs[0]!) },
    verilog: {
      clocks: module.latency,
      interval: module.interval,
      area: area ? await recoilArea(compiled) : {},
    },
  }
}

/** Weights and biases of a dense network. */
export function countParameters({ values }: IntegerGraph): number {
  return values.reduce((sum, { operation }) => {
    return operation.kind === 'dense' ? sum + operation.weights.length + operation.bias.length : sum
  }, 0)
}

function describe({ sample, manifest }: StoredSample) {
  const { plan, thresholds, masked, efficiency } = manifest
  const { geometry, ...rest } = plan
  const clusters = [0, 1, 2].map((label) => sample.labels.filter((own) => own === label).length)
  const camera = { geometry: geometry.name, readNoise: geometry.readNoise }
  return { ...camera, ...rest, thresholds, masked, clusters, efficiency }
}

async function oracle(onnx: Uint8Array, test: StoredSample, scores: Int16Array) {
  await using session = await openOnnxSession(onnx)
  const expected = await session.run(test.sample.features, test.sample.labels.length)
  const differences = scores.reduce((sum, score, i) => sum + (score === expected[i] ? 0 : 1), 0)
  if (differences > 0) throw new Error(`${differences} of ${scores.length} scores differ from ONNX Runtime`)
  return { version: session.version, scores: scores.length, differences }
}

/** The report as JSON with one line per element of its lists; numbers to five significant digits. */
export function formatReport(report: RecoilReport): string {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value)
      ? Number(value.toPrecision(5))
      : value
  const lines = Object.entries(report).map(([key, value]) => {
    const list = Array.isArray(value)
      ? `[\n${value.map((entry) => `    ${JSON.stringify(entry, short)}`).join(',\n')}\n  ]`
      : JSON.stringify(value, short)
    return `  ${JSON.stringify(key)}: ${list}`
  })
  return `{\n${lines.join(',\n')}\n}\n`
}
