import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { writeFailure } from '../core/write-failure.ts'
import { checkNetwork } from '../network/import/index.ts'
import { writeOnnx } from '../network/onnx/onnx-write.ts'
import { quantizeModel } from '../network/quantize/index.ts'
import { readCalibration } from './network-calibration.ts'
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
  const { samples, warning } = await readCalibration(options.calibration, model)
  if (warning !== undefined) output.text(`warning: ${warning}`)
  const quantizing = quantizeModel(model, samples, { weightBits, activationBits })
  const { model: quantized, layers, values, removed } = quantizing
  await writeFile(out, writeOnnx(quantized)).catch((error: unknown) => {
    throw writeFailure(out, error)
  })
  for (const layer of layers) {
    const lowered = layer.loweredBits === 0 ? '' : `, ${layer.loweredBits} bits fewer for the 2^24 bound`
    output.text(
      `  weights of ${layer.name}: ${layer.weightBits} bits, ${ratioText(layer.weightSignalToNoise)}${lowered}`,
    )
  }
  for (const value of values) output.text(`  value ${value.name}: ${ratioText(value.signalToNoise)}`)
  for (const node of removed) output.text(`  left out: ${node}, which keeps the order of the scores`)
  const { ok, class: certificateClass, oracle } = checkNetwork(quantized)
  output.text(
    ok
      ? `${out}: class ${certificateClass} under the oracle '${oracle}'`
      : `${out}: not exact; gemgate network check ${out} says why`,
  )
  output.result({
    file: out,
    ok,
    class: certificateClass,
    oracle,
    layers: layers.map((layer) => ({
      ...layer,
      weightSignalToNoise: finite(layer.weightSignalToNoise),
    })),
    values: values.map((value) => ({ ...value, signalToNoise: finite(value.signalToNoise) })),
    removed,
    warnings: warning === undefined ? [] : [warning],
  })
  if (!ok) process.exitCode = 1
}

function ratioText(decibels: number): string {
  if (decibels === Number.POSITIVE_INFINITY) return 'no rounding error'
  return Number.isFinite(decibels) ? `signal to noise ${decibels.toFixed(1)} dB` : 'only rounding error'
}

/** JSON has no infinity. */
function finite(decibels: number): number | null {
  return Number.isFinite(decibels) ? decibels : null
}
