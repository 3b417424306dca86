import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { defaultPopulation, matchedPopulation } from '../../sim/detector/index.ts'
import { GemgateError } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { writeFailure } from '../core/write-failure.ts'
import { writeHdf5 } from '../frame/hdf5.ts'
import { savePedestal } from '../frame/pedestal-file.ts'
import { appendTruth } from '../frame/truth-file.ts'
import { geometryOption, integer, jsonOption, real, seedOption } from './options.ts'
import { type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { demonstrationPopulation, type GeometryName, syntheticSource } from './synthetic-source.ts'

interface GenerateOptions {
  readonly frames: number
  readonly out: string
  readonly seed: number
  readonly geometry: GeometryName
  readonly deposits: number
  readonly json: boolean
}

export function generateCommand(): Command {
  return new Command('generate')
    .description('synthetic data set with truth: frames.h5, truth.jsonl, pedestal.npz, dark/, dataset.json')
    .requiredOption('--out <folder>', 'where the data set goes')
    .addOption(new Option('--frames <n>', 'number of frames').argParser(integer(1, 1_000_000)).default(10))
    .addOption(
      new Option(
        '--deposits <mean>',
        'mean number of deposits while a frame is exposed and read; some meet no open row',
      )
        .argParser(real(0, 1000))
        .default(4),
    )
    .addOption(seedOption())
    .addOption(geometryOption())
    .addOption(jsonOption())
    .action((options: GenerateOptions) =>
      perform(options.json === true, (output, signal) => generate(options, output, signal)),
    )
}

async function generate(options: GenerateOptions, output: Output, signal: AbortSignal): Promise<void> {
  const { out, frames, seed, geometry } = options
  if ((await stat(join(out, 'dataset.json')).catch(() => undefined)) !== undefined)
    throw new GemgateError('GG_OUTPUT', 'there is a data set in this folder', 'Choose another --out.', {
      file: out,
    })
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(out, error)
  })
  const population = demonstrationPopulation(
    matchedPopulation({ meanDeposits: options.deposits }),
    defaultPopulation,
  )
  const source = syntheticSource({ geometry, frames, seed, population })
  await savePedestal(join(out, 'pedestal.npz'), source.pedestal)
  await mkdir(join(out, 'dark'), { recursive: true })
  await writeHdf5(join(out, 'dark', 'frames.h5'), source.dark, { run: 0 })
  const truth = join(out, 'truth.jsonl')
  await writeFile(truth, '')
  const progress = new Progress('generate', frames)
  let deposits = 0
  const written = async function* () {
    for await (const frame of source.frames(signal)) {
      await appendTruth(truth, `frames.h5#pic_run1_ev${frame.number}`, frame.truth!)
      deposits += frame.truth!.deposits.length
      yield frame
      progress.advance()
    }
  }
  try {
    await writeHdf5(join(out, 'frames.h5'), written(), { run: 1 })
  } catch (error) {
    // Truth and pedestal without frames are no data set.
    await rm(truth, { force: true })
    await rm(join(out, 'pedestal.npz'), { force: true })
    await rm(join(out, 'dark'), { force: true, recursive: true })
    throw error
  }
  progress.finish()
  const dataset = { gemgate: packageVersion, frames, seed, geometry, deposits, population, out }
  await writeFile(join(out, 'dataset.json'), `${JSON.stringify(dataset, null, 2)}\n`)
  output.text(`${frames} frames with ${deposits} deposits in ${out}`)
  output.result(dataset)
}
