import { createHash } from 'node:crypto'
import {
  type CompiledNetwork,
  type IntegerGraph,
  importNetwork,
  openOnnxSession,
  readOnnx,
} from '../../src/network/index.ts'
import type { RecoilSample } from '../data/sample.ts'
import type { StoredSample } from '../data/store.ts'
import { logicArea } from '../recoil-hardware.ts'
import { countParameters } from './count-parameters.ts'
import { featureUse } from './evaluate.ts'
import { scoreAll } from './score.ts'
import {
  type Candidate,
  defaultBins,
  describeSample,
  makeScores,
  type ScoreBins,
  type TestSamples,
} from './score-report.ts'

export { countParameters }

/** A classifier of nine features, ready to be reported. */
export interface FeatureModel extends Omit<Candidate, 'quantized' | 'unit'> {
  readonly onnx: Uint8Array
  /** How it was trained: goes into the report as it is. */
  readonly training: object
  /** Makes its logic. */
  readonly compile: (onnx: Uint8Array) => Promise<CompiledNetwork>
}

export interface ReportOptions extends ScoreBins {
  /** Whether Yosys counts the cells of the Verilog (10 s). */
  readonly area: boolean
}

export const defaultReport: ReportOptions = { ...defaultBins, area: true }

/** Everything that is said of a shipped classifier of features: the content of its .generated.json. */
export type FeatureModelReport = Awaited<ReturnType<typeof makeReport>>

/**
 * Scores a classifier on test samples that took no part in its training or in any choice.
 * @throws Error when ONNX Runtime gives other scores than the integer network
 */
export async function makeReport(
  model: FeatureModel,
  train: StoredSample,
  test: TestSamples,
  { area, ...bins }: ReportOptions = defaultReport,
) {
  const { onnx, training } = model
  const file = readOnnx(onnx)
  const { graph } = importNetwork(file, { oracle: 'qdq-float' })
  const quantized = (sample: RecoilSample): Int16Array => scoreAll(graph, sample)
  const unit = graph.outputs[0]!.scales[0]!
  return {
    sha256: createHash('sha256').update(onnx).digest('hex'),
    bytes: onnx.length,
    opset: file.opsets.get('') ?? 0,
    node: process.version,
    parameters: countParameters(graph),
    training,
    onnxRuntime: await compareWithOnnxRuntime(onnx, graph, test),
    ...(await hardwareReport(model, area)),
    samples: {
      train: describeSample(train),
      volume: describeSample(test.volume),
      fixedDrift: describeSample(test.fixedDrift),
    },
    ...makeScores(test, { ...model, quantized, unit }, bins),
    features: featureUse(test.volume.sample),
  }
}

/** The parts of a report that follow from the file alone: why it is exact, and its logic. */
export async function hardwareReport(
  { onnx, compile }: Pick<FeatureModel, 'onnx' | 'compile'>,
  area: boolean,
) {
  const compiled = await compile(onnx)
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
      area: area ? await logicArea(compiled) : {},
    },
  }
}

async function compareWithOnnxRuntime(onnx: Uint8Array, graph: IntegerGraph, test: TestSamples) {
  await using session = await openOnnxSession(onnx)
  let scores = 0
  let differences = 0
  for (const { sample } of [test.volume, test.fixedDrift]) {
    const own = scoreAll(graph, sample)
    const expected = await session.run(sample.features, sample.labels.length)
    scores += own.length
    differences += own.reduce((sum, score, i) => sum + (score === expected[i] ? 0 : 1), 0)
  }
  if (differences > 0) throw new Error(`${differences} of ${scores} scores differ from ONNX Runtime`)
  return { version: session.version, scores, differences }
}
