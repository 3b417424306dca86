import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { evaluateGraph } from './graph/evaluate-graph.ts'
import { elementCount, type IntegerGraph, type Port } from './graph/integer-graph.ts'
import { type Certificate, importNetwork } from './import/index.ts'
import { type OnnxModel, onnxTypes } from './onnx/onnx-model.ts'
import { readOnnx } from './onnx/onnx-read.ts'
import { simplifyGraph } from './rewrite/simplify-graph.ts'

/** The classifier that ships with gemgate and stands in hdl/classifier. */
export const shippedModel: string = join(packageRoot, 'models', 'recoil-mlp.onnx')

export interface RecoilClassifier {
  readonly path: string
  /** The ONNX file. */
  readonly onnx: Uint8Array
  /** The integers that it computes. */
  readonly graph: IntegerGraph
  /** Why they are those of ONNX Runtime. */
  readonly certificate: Certificate
  /** Nine int8 features to the scores nuclear, electron, other. */
  readonly classify: (features: Int8Array, scores: Int16Array) => void
}

/**
 * Loads a classifier of nine int8 features and three int16 scores.
 * Throws GG_FILE_NOT_FOUND, GG_MODEL_FORMAT, GG_MODEL_UNSUPPORTED, GG_MODEL_INEXACT.
 */
export async function loadRecoilClassifier(path: string = shippedModel): Promise<RecoilClassifier> {
  const onnx = await readFile(path).catch((cause: unknown) => {
    throw new GemgateError('GG_FILE_NOT_FOUND', 'the network cannot be opened', 'Check the path.', {
      file: path,
      cause,
    })
  })
  const model = readOnnx(onnx)
  const { graph, certificate } = importNetwork(model, { oracle: 'qdq-float' })
  checkBorder(model, graph, path)
  if (certificate.class !== 'A') {
    const node = certificate.perNode.find((one) => one.class !== 'A')!
    throw new GemgateError(
      'GG_MODEL_INEXACT',
      `node '${node.node}' is of certificate class ${node.class}: other runtimes may round it differently`,
      'Use power-of-two scales everywhere and keep accumulators below 2^24.',
      { file: path },
    )
  }
  const simplified = simplifyGraph(graph)
  return {
    path,
    onnx,
    graph: simplified,
    certificate,
    classify: (features, scores) => scores.set(evaluateGraph(simplified, [features])[0]!),
  }
}

/** Nine int8 in, three int16 out, in the file as in its integers. */
function checkBorder(model: OnnxModel, graph: IntegerGraph, file: string): void {
  const inputs = graph.inputs.map((port) => describePort(model, graph, port))
  const outputs = graph.outputs.map((port) => describePort(model, graph, port))
  if (inputs.join() === '9 int8' && outputs.join() === '3 int16') return
  throw new GemgateError(
    'GG_MODEL_UNSUPPORTED',
    `the network maps ${inputs.join(', ')} to ${outputs.join(', ')}`,
    'The recoil classifier takes 9 int8 features and gives 3 int16 scores.',
    { file },
  )
}

/** Number and declared type of a port's elements, for example '9 int8'. */
function describePort(model: OnnxModel, graph: IntegerGraph, port: Port): string {
  const declared = [...model.graph.inputs, ...model.graph.outputs].find(({ name }) => name === port.name)
  const type = Object.entries(onnxTypes).find(([, code]) => code === declared?.type)?.[0] ?? 'unknown'
  return `${elementCount(graph.values[port.value]!.shape)} ${type}`
}
