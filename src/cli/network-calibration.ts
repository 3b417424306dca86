import { GemgateError } from '../core/errors.ts'
import { wrongFormat, wrongShape } from '../frame/file-errors.ts'
import { decodeNpyArray } from '../frame/npy-array.ts'
import { isNpy } from '../frame/npy-header.ts'
import type { OnnxModel } from '../network/onnx/onnx-model.ts'
import { declaredDims, floatTensor, type Tensor } from '../network/reference/index.ts'
import { readInput } from './read-input.ts'

/** Typical inputs of a network. */
export interface Calibration {
  /** One for each sample: [1, ...input shape]. */
  readonly samples: readonly Tensor[]
  /** Why they say little, or undefined. */
  readonly warning: string | undefined
}

const remedy = 'Give a .npy file of an array [samples, ...input shape].'

/** @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_FORMAT, GG_FILE_TRUNCATED, GG_FILE_CORRUPT, GG_FILE_SHAPE */
export async function readCalibration(path: string, model: OnnxModel): Promise<Calibration> {
  const bytes = await readInput(path, 'the calibration file', remedy)
  if (!isNpy(bytes)) throw wrongFormat(path, 'is no .npy file', remedy)
  const { shape, data } = decodeNpyArray(bytes, path)
  const [count = 0, ...rest] = shape
  checkShape(path, shape, model)
  if (count === 0) throw wrongShape(path, 'holds no samples', remedy)
  const size = data.length / count
  const bad = data.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new GemgateError(
      'GG_FILE_CORRUPT',
      `sample ${Math.floor(bad / size)} (counted from 0) holds ${data[bad]}`,
      'Remove NaN and infinities from the calibration data.',
      { file: path },
    )
  const samples = Array.from({ length: count }, (_, n) =>
    floatTensor([1, ...rest], data.slice(n * size, (n + 1) * size)),
  )
  return { samples, warning: warningOf(data, size) }
}

/** For a network with one input; others are refused by the quantizer. */
function checkShape(path: string, shape: readonly number[], { graph }: OnnxModel): void {
  const constants = new Set(graph.initializers.map((tensor) => tensor.name))
  const [input, ...more] = graph.inputs.filter(({ name }) => !constants.has(name))
  if (input === undefined || more.length > 0) return
  const wanted = declaredDims(input).slice(1)
  if (shape.slice(1).join() === wanted.join() && shape.length === wanted.length + 1) return
  throw wrongShape(
    path,
    `is [${shape.join(', ')}]; the network wants [${['samples', ...wanted].join(', ')}]`,
    'Save one array of that shape.',
  )
}

function warningOf(data: Float64Array, size: number): string | undefined {
  const same = data.every((value, i) => value === data[i % size])
  if (!same) return undefined
  return data.length === size
    ? 'there is only one calibration sample: the scales fit nothing else'
    : 'all calibration samples are the same: the scales fit nothing else'
}
