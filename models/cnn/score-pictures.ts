import { onnxTypes } from '../../src/network/onnx/onnx-model.ts'
import { openTensorSession } from '../../src/network/oracle/tensor-session.ts'
import type { RecoilCnn } from './recoil-cnn.ts'

/** What is evaluated at once. */
const batch = 500

export interface RuntimeScores {
  /** Version of ONNX Runtime. */
  readonly version: string
  /** `[n][outputs]`. */
  readonly scores: Float64Array
}

/** Scores of pictures `[n][size][size]` by ONNX Runtime, the file as written. */
export async function runtimeScores(
  onnx: Uint8Array,
  pictures: Uint8Array,
  size: number,
): Promise<RuntimeScores> {
  await using session = await openTensorSession(onnx)
  const area = size * size
  const parts: Float64Array[] = []
  for (let at = 0; at < pictures.length; at += batch * area) {
    const data = Float64Array.from(pictures.subarray(at, at + batch * area))
    const dims = [data.length / area, 1, size, size]
    const made = await session.run(new Map([['picture', { type: onnxTypes.uint8, dims, data }]]))
    parts.push(made.get('scores')!.data)
  }
  const scores = Float64Array.from(parts.flatMap((part) => Array.from(part)))
  return { version: session.version, scores }
}

/** Scores `[n][outputs]` by the network that is trained, as real numbers. */
export function trainedScores(network: RecoilCnn, pictures: Uint8Array): Float64Array {
  const { size, outputs } = network.shape
  const area = size * size
  const scores = new Float64Array((pictures.length / area) * outputs)
  for (let i = 0; i < pictures.length / area; i++)
    scores.set(network.forward(pictures.subarray(i * area, (i + 1) * area)), i * outputs)
  return scores
}
