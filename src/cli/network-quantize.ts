import { readFile, writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { GemgateError } from '../core/errors.ts'
import { decodeNpyArray } from '../frame/npy-array.ts'
import { writeFailure } from '../frame/output.ts'
import { checkNetwork } from '../network/import/index.ts'
import { writeOnnx } from '../network/onnx/onnx-write.ts'
import { quantizeModel } from '../network/quantize/index.ts'
import { floatTensor, type Tensor } from '../network/reference/index.ts'
import { readModelFile } from './network-options.ts'
import { integer, jsonOption } from './options.ts'
import { type Output, perform } from './output.ts'

interface QuantizeOptions {
  readonly out: string
  readonly calibration: string
  readonly weightBits: number
  readonly activationBits: number
  readonly json: boolean
}

export function networkQuantizeCommand(): Command {
  return new Command('quantize')
    .description('float ONNX to class A: integers with power-of-two scales, chosen from calibration data')
    .argument('<model>', 'float ONNX file')
    .requiredOption('--calibration <file>', '.npy of typical inputs, samples along the first axis')
    .requiredOption('--out <file>', 'the quantized ONNX file')
    .addOption(new Option('--weight-bits <n>', 'bits of weights').argParser(integer(2, 8)).default(8))
    .addOption(new Option('--activation-bits <n>', 'bits of activations').argParser(integer(2, 8)).default(8))
    .addOption(jsonOption())
    .action((model: string, options: QuantizeOptions) =>
      perform(options.json === true, (output) => quantize(model, options, output)),
    )
}

async function quantize(path: string, options: QuantizeOptions, output: Output): Promise<void> {
  const { out, weightBits, activationBits } = options
  const model = await readModelFile(path)
  const {
    model: quantized,
    layers,
    values,
    removed,
  } = quantizeModel(model, await samples(options.calibration), {
    weightBits,
    activationBits,
  })
  await writeFile(out, writeOnnx(quantized)).catch((error: unknown) => {
    throw writeFailure(out, error)
  })
  for (const layer of layers) {
    const lowered = layer.loweredBits === 0 ? '' : `, ${layer.loweredBits} bits fewer for the 2^24 bound`
    output.text(
      `  weights of ${layer.name}: ${layer.weightBits} bits, signal to noise ${layer.weightSignalToNoise.toFixed(1)} dB${lowered}`,
    )
  }
  for (const value of values)
    output.text(`  value ${value.name}: signal to noise ${value.signalToNoise.toFixed(1)} dB`)
  for (const node of removed) output.text(`  left out: ${node}, which keeps the order of the scores`)
  const { ok, class: certificateClass, oracle } = checkNetwork(quantized)
  output.text(
    ok
      ? `${out}: class ${certificateClass} under the oracle '${oracle}'`
      : `${out}: not exact; gemgate network check ${out} says why`,
  )
  output.result({ file: out, ok, class: certificateClass, oracle, layers, values, removed })
  if (!ok) process.exitCode = 1
}

async function samples(path: string): Promise<Tensor[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new GemgateError('GG_FILE_NOT_FOUND', 'the calibration data cannot be opened', 'Check the path.', {
      file: path,
      cause,
    })
  })
  const { shape, data } = decodeNpyArray(bytes, path)
  const [count = 0, ...rest] = shape
  if (count === 0)
    throw new GemgateError(
      'GG_FILE_SHAPE',
      'there are no samples',
      'Save an array [samples, ...input shape].',
      {
        file: path,
      },
    )
  const size = data.length / count
  return Array.from({ length: count }, (_, n) =>
    floatTensor([1, ...rest], data.slice(n * size, (n + 1) * size)),
  )
}
