import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import { importDense } from './import-dense.ts'
import { evaluate, type IntegerNetwork } from './integer-network.ts'
import { readOnnx } from './onnx/onnx-read.ts'

/** int8, uint16, ... */
function typeName(format: { readonly bits: number; readonly signed: boolean }): string {
  return `${format.signed ? 'int' : 'uint'}${format.bits}`
}

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
  const { input, output } = network
  const fits = network.inputs === 9 && input.bits === 8 && input.signed
  if (!fits || network.outputs !== 3 || output.bits !== 16 || !output.signed)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the network maps ${network.inputs} ${typeName(input)} to ${network.outputs} ${typeName(output)}`,
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
