import { createHash } from 'node:crypto'
import { type CompiledNetwork, evaluateGraph, importNetwork, readOnnx } from '../../src/network/index.ts'
import type { RecoilSample } from '../data/sample.ts'
import type { StoredSample } from '../data/store.ts'
import { countParameters, hardwareReport } from '../training/report.ts'
import {
  defaultBins,
  describeSample,
  makeScores,
  type ScoreBins,
  type TestSamples,
} from '../training/score-report.ts'
import { cnnArea, cnnHardware, simulatedClocks } from './hardware.ts'
import { picturesOf } from './picture.ts'
import type { CnnShape, RecoilCnn } from './recoil-cnn.ts'
import { runtimeScores, trainedScores } from './score-pictures.ts'
import type { CnnTraining } from './train.ts'

/** Pictures of each test sample that the specification evaluates too: a slow and plain program. */
const specifiedPictures = 500

export interface CnnReportOptions extends ScoreBins {
  /** Whether Yosys counts the cells of the Verilog (minutes). */
  readonly area: boolean
}

export const defaultCnnReport: CnnReportOptions = { ...defaultBins, area: true }

/** Everything that is said of the shipped network: the content of recoil-cnn.generated.json. */
export type CnnReport = Awaited<ReturnType<typeof makeCnnReport>>

/**
 * Scores a network on test samples that took no part in its training or in any choice. All scores are ONNX
 * Runtime's; on the first pictures of each sample they are compared with the integers.
 * @param float the same training without quantization
 * @throws Error when ONNX Runtime gives other scores than the integer network
 */
export async function makeCnnReport(
  onnx: Uint8Array,
  training: CnnTraining,
  float: RecoilCnn,
  train: StoredSample,
  test: TestSamples,
  { area, ...bins }: CnnReportOptions = defaultCnnReport,
) {
  const file = readOnnx(onnx)
  const { graph } = importNetwork(file, { oracle: 'qdq-float' })
  const made = new Map<RecoilSample, Float64Array>()
  let version = ''
  let scores = 0
  for (const { sample } of [test.volume, test.fixedDrift]) {
    const pictures = picturesOf(sample.crops)
    const own = await runtimeScores(onnx, pictures, training.shape.size)
    scores += compareWithSpecification(graph, pictures, own.scores)
    version = own.version
    made.set(sample, own.scores)
  }
  const candidate = {
    quantized: (sample: RecoilSample) => made.get(sample)!,
    float: (sample: RecoilSample) => trainedScores(float, picturesOf(sample.crops)),
    unit: graph.outputs[0]!.scales[0]!,
  }
  return {
    sha256: createHash('sha256').update(onnx).digest('hex'),
    bytes: onnx.length,
    opset: file.opsets.get('') ?? 0,
    node: process.version,
    parameters: countParameters(graph),
    training,
    onnxRuntime: { version, scores, differences: 0 },
    ...(await cnnHardwareReport(onnx, await cnnHardware(onnx), training.shape, area)),
    samples: {
      train: describeSample(train),
      volume: describeSample(test.volume),
      fixedDrift: describeSample(test.fixedDrift),
    },
    ...makeScores(test, candidate, bins),
  }
}

/**
 * The parts of a report that follow from the file alone: why it is exact, and its logic. What `verilog` calls clocks is
 * the simulated latency.
 */
export async function cnnHardwareReport(
  onnx: Uint8Array,
  compiled: CompiledNetwork,
  shape: CnnShape,
  area: boolean,
) {
  const { verilog, ...exactness } = await hardwareReport({ onnx, compile: async () => compiled }, false)
  const layers = compiled.stages.map(({ layers, module }) => ({
    layers,
    architecture: module.architecture,
    clocks: module.interval,
    ...module.resources,
  }))
  return {
    ...exactness,
    verilog: {
      ...verilog,
      clocks: await simulatedClocks(compiled, shape),
      area: area ? { ecp5: await cnnArea(compiled) } : {},
    },
    layers,
  }
}

/** @returns how many scores were compared */
function compareWithSpecification(
  graph: Parameters<typeof evaluateGraph>[0],
  pictures: Uint8Array,
  expected: Float64Array,
): number {
  const area = graph.values[graph.inputs[0]!.value]!.shape.reduce((product, size) => product * size, 1)
  const count = Math.min(specifiedPictures, pictures.length / area)
  const own = Array.from({ length: count }, (_, i) =>
    Array.from(evaluateGraph(graph, [pictures.subarray(i * area, (i + 1) * area)])[0]!),
  ).flat()
  const differences = own.filter((score, i) => score !== expected[i]).length
  if (differences > 0) throw new Error(`${differences} of ${own.length} scores differ from ONNX Runtime`)
  return own.length
}
