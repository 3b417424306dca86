import { InvalidArgumentError, Option } from 'commander'
import { GemgateError } from '../core/errors.ts'
import type { ImportOptions, InputGrid } from '../network/import/index.ts'
import type { OnnxModel } from '../network/onnx/onnx-model.ts'
import { readOnnx } from '../network/onnx/onnx-read.ts'
import { readInput } from './read-input.ts'

/** Options that say how a model is understood. */
export interface ImportChoice {
  readonly oracle?: NonNullable<ImportOptions['oracle']>
  readonly input?: InputGrid
}

export const oracleOption = (): Option =>
  new Option(
    '--oracle <name>',
    'what the hardware must equal: the file in float32 (qdq-float), fused integer operators (fused), the QONNX definitions (qonnx); default: the strictest that holds',
  ).choices(['qdq-float', 'fused', 'qonnx'])

export const inputOption = (): Option =>
  new Option(
    '--input <format>',
    'number format of a float input that the model does not quantize: int16 (scale 1), int16:2^-10, uint8:0.00392, uint8:2^-7:128 (scale, zero point)',
  ).argParser(parseInputGrid)

/** `int16` (scale 1), `int16:2^-10`, `uint8:0.00392`, `uint8:2^-7:128` (zero point last). */
export function parseInputGrid(text: string): InputGrid {
  const match = /^(u?)int(\d+)(?::(2\^(-?\d+)|[\d.eE+-]+))?(?::(-?\d+))?$/.exec(text)
  const bits = Number(match?.[2])
  if (match === null || bits < 1 || bits > 32)
    throw new InvalidArgumentError('Write int or uint, bits, and the scale: int16:2^-10 or uint8:0.00392.')
  const [, unsigned, , scaleText, exponentText, zeroText] = match
  const exponent = exponentText === undefined ? undefined : Number(exponentText)
  const scale = exponent === undefined ? Math.fround(Number(scaleText ?? 1)) : 2 ** exponent
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new InvalidArgumentError('The scale is a number above 0 that float32 can hold.')
  const signed = unsigned === ''
  const [low, high] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
  const zeroPoint = Number(zeroText ?? 0)
  if (zeroPoint < low || zeroPoint > high)
    throw new InvalidArgumentError(`The zero point of ${unsigned}int${bits} is from ${low} to ${high}.`)
  return { bits, signed, scale, ...(zeroText === undefined ? {} : { zeroPoint }) }
}

/** Import options without the fields that were not given. */
export function importOptions({ oracle, input }: ImportChoice): ImportOptions {
  return { ...(oracle === undefined ? {} : { oracle }), ...(input === undefined ? {} : { input }) }
}

/** @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_TRUNCATED, GG_MODEL_FORMAT, GG_MODEL_UNSUPPORTED */
export async function readModelFile(path: string): Promise<OnnxModel> {
  const bytes = await readInput(path, 'the network', 'Give an ONNX file.')
  try {
    return readOnnx(bytes)
  } catch (cause) {
    if (!(cause instanceof GemgateError)) throw cause
    const { code, message, remedy } = cause
    const reason = /^not an ONNX model: (.*)$/s.exec(message)?.[1]
    throw reason === undefined
      ? new GemgateError(code, message, remedy, { file: path, cause })
      : new GemgateError(
          code,
          `is no ONNX file, or not a complete one (${reason})`,
          'Give an ONNX file; if it should be one, export or copy it again.',
          { file: path, cause },
        )
  }
}
