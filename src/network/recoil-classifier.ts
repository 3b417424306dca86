import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { importDense } from './import-dense.ts'
import { evaluate, type IntegerNetwork } from './integer-network.ts'
import { readOnnx } from './onnx-read.ts'

/** The classifier that ships with gemgate and stands in hdl/network. */
export const shippedModel: string = join(packageRoot, 'models', 'recoil-mlp.onnx')

export interface RecoilClassifier {
  readonly path: string
  /** The ONNX file. */
  readonly onnx: Uint8Array
  readonly network: IntegerNetwork
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
  const network = importDense(readOnnx(onnx))
  if (network.inputs !== 9 || network.outputs !== 3 || network.input.bits !== 8 || network.output.bits !== 16)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the network maps ${network.inputs} values of ${network.input.bits} bits to ${network.outputs} of ${network.output.bits}`,
      'The recoil classifier takes 9 int8 features and gives 3 int16 scores.',
      { file: path },
    )
  return {
    path,
    onnx,
    network,
    classify: (features, scores) => void evaluate(network, features, scores),
  }
}
