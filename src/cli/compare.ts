import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { ComparisonCollector } from '../compare/collector.ts'
import { writeReport } from '../compare/report/report.ts'
import { GemgateError } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { acquire } from '../daq/acquire.ts'
import type { Device } from '../device/device.ts'
import type { Configuration } from '../device/frame-loader.ts'
import { openDevice } from '../device/open-device.ts'
import type { Frame } from '../frame/frame.ts'
import { writeFailure } from '../frame/output.ts'
import type { FrameFailure } from '../frame/read-frames.ts'
import { loadOnnxRuntime } from '../network/onnx/onnx-session.ts'
import { exitCode, Interrupted, type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { addSourceOptions, describeSettings, openSource, type SourceOptions } from './source-options.ts'
import type { SyntheticSource } from './synthetic-source.ts'

interface CompareOptions extends SourceOptions {
  readonly devices?: string
  readonly out: string
}

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('the same frames through several devices: agreement, physics, latency, report.html')
    .addOption(
      new Option(
        '--devices <addresses>',
        'comma-separated; the others are compared to the first that is not onnx: (default: model:,sim:,onnx:cpu)',
      ),
    )
    .addOption(new Option('--out <folder>', 'where report.html and result.json go').default('compare'))
  return addSourceOptions(command).action((options: CompareOptions) =>
    perform(options.json === true, (output, signal) => compare(options, output, signal)),
  )
}

async function compare(options: CompareOptions, output: Output, signal: AbortSignal): Promise<void> {
  const addresses = (options.devices ?? (await defaultDevices(output)))
    .split(',')
    .map((address) => address.trim())
  if (new Set(addresses).size !== addresses.length || addresses.includes(''))
    throw new GemgateError(
      'GG_USAGE',
      `--devices ${options.devices} names a device twice or not at all`,
      'Give different addresses, for example model:,sim:,onnx:cpu.',
    )
  const devices: Device[] = []
  try {
    for (const address of addresses)
      devices.push(await openDevice(address, options.model === undefined ? {} : { model: options.model }))
    await compareDevices(devices, options, output, signal)
  } finally {
    for (const device of devices) await device[Symbol.asyncDispose]()
  }
}

async function compareDevices(
  devices: readonly Device[],
  options: CompareOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  for (const name of ['run.json', 'dataset.json'])
    if (existsSync(join(options.out, name)))
      throw new GemgateError(
        'GG_RUN_FOLDER',
        `${options.out} holds a ${name}`,
        'Give the comparison a folder of its own with --out.',
        { file: options.out },
      )
  const source = await openSource(options)
  await mkdir(options.out, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(options.out, error)
  })
  const collector = new ComparisonCollector(
    devices.map((device) => device.info),
    source.light,
  )
  const failures: FrameFailure[] = []
  const progress = new Progress('compare', options.frames ?? source.expected)
  let configuration: Configuration | undefined
  let configurations = 0
  let count = 0
  let interrupted = false
  try {
    for await (const acquired of acquire(source, devices, {
      signal,
      warmUp: true,
      onFailure: (failure) => failures.push(failure),
      ...(options.frames === undefined ? {} : { frames: options.frames }),
    })) {
      if (acquired.configuration !== configuration) configurations++
      configuration = acquired.configuration
      collector.frame(
        acquired.frame,
        new Map(acquired.records),
        new Map(acquired.milliseconds),
        acquired.configuration.pedestal,
      )
      count++
      progress.advance()
    }
    if (configuration !== undefined && isSynthetic(source))
      await emptyFrames(source, reference(devices), configuration, count, collector, signal)
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    interrupted = true
  }
  progress.finish()
  const { result, report } = collector.finish({
    title: `${devices.map((device) => device.info.address).join(', ')} on ${source.name}`,
    provenance: [
      ['gemgate', packageVersion],
      ['source', source.name],
      ['conditions', source.conditions.description],
      ['thresholds', `${options.sigmaLow} and ${options.sigmaHigh} sigma of the filtered noise`],
      ...describeSettings(configuration, configurations),
      ['not processed', `${[...source.failures, ...failures].length} files`],
      ...(interrupted ? ([['interrupted', `after ${count} frames`]] as const) : []),
    ],
  })
  const page = await writeReport(options.out, report)
  const errors = [...source.failures, ...failures]
  const document = { ...result, errors, interrupted, report: page }
  await writeFile(join(options.out, 'result.json'), `${JSON.stringify(document, null, 2)}\n`)
  const differing = (result.agreement.differingBytes ?? 0) + (result.onnx.differingScores ?? 0)
  if (differing > 0 || (count === 0 && !interrupted)) process.exitCode = exitCode.failed
  say(document, output)
  output.result(document)
}

type Document = ReturnType<ComparisonCollector['finish']>['result'] & {
  readonly errors: readonly FrameFailure[]
  readonly report: string
}

function say(document: Document, output: Output): void {
  const { agreement, onnx, physics } = document
  const rounded = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '-'
  for (const { address, pixelsPerSecond, latencyMs } of document.devices)
    output.text(
      `${address.padEnd(9)} ${rounded((pixelsPerSecond ?? 0) / 1e6, 1).padStart(6)} Mpixel/s, ` +
        `latency per frame p50 ${rounded(latencyMs.p50, 0)} ms, p99 ${rounded(latencyMs.p99, 0)} ms`,
    )
  if (agreement.comparedTo !== null)
    output.text(
      `agreement: ${agreement.differingBytes} differing bytes in the event packets of ${agreement.frames} frames` +
        ` (compared to ${agreement.comparedTo})`,
    )
  if (onnx.comparedClusters !== null)
    output.text(`ONNX Runtime: ${onnx.differingScores} differing scores in ${onnx.comparedClusters} clusters`)
  const percent = (value: number, digits: number): string => `${(100 * value).toFixed(digits)} %`
  if (physics.signalKept !== null && physics.areaDiscarded !== null)
    output.text(
      `physics: signal kept ${percent(physics.signalKept, 1)}, area discarded ${percent(physics.areaDiscarded, 2)}` +
        (physics.falseRoisPerEmptyFrame === null
          ? ''
          : `, ${physics.falseRoisPerEmptyFrame.toFixed(2)} false regions per empty frame`),
    )
  if (physics.aucMatchedEnergy !== null)
    output.text(
      `classifier: AUC ${physics.aucMatchedEnergy.toFixed(2)} +- ${physics.aucMatchedEnergyError!.toFixed(2)}` +
        ' nuclear against electron recoils at equal energy, all energies together',
    )
  for (const error of document.errors) output.failure(error)
  output.text(`pictures, ROC and tables: ${document.report}`)
}

/** Everything that is here: ONNX Runtime is optional. */
async function defaultDevices(output: Output): Promise<string> {
  const runtime = await loadOnnxRuntime().then(
    () => true,
    () => false,
  )
  if (!runtime)
    output.text('onnx:cpu is left out: onnxruntime-node is not installed (gemgate doctor says more)')
  return runtime ? 'model:,sim:,onnx:cpu' : 'model:,sim:'
}

/** The device that the collector takes its physics from: the first that is not ONNX Runtime. */
function reference(devices: readonly Device[]): Device {
  return devices.find((device) => !device.info.address.startsWith('onnx:')) ?? devices[0]!
}

function isSynthetic(source: object): source is SyntheticSource {
  return 'empty' in source
}

/** Frames without light, which the calibration has not seen, through the reference device. */
async function emptyFrames(
  source: SyntheticSource,
  device: Device,
  { settings, pedestal }: Configuration,
  count: number,
  collector: ComparisonCollector,
  signal: AbortSignal,
): Promise<void> {
  await device.configure(settings, pedestal)
  const progress = new Progress('empty frames', count)
  const frames = function* (): Generator<Frame> {
    for (let i = 0; i < count; i++) yield source.empty(i)
  }
  for await (const record of device.process(frames(), { signal })) {
    collector.emptyFrame(record)
    progress.advance()
  }
  progress.finish()
}
