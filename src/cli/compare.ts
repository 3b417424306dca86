import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { type ClassifierFacts, ComparisonCollector } from '../compare/collector.ts'
import { explanations } from '../compare/disagreement.ts'
import { count } from '../compare/report/format.ts'
import { writeReport } from '../compare/report/report.ts'
import { GemgateError } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { writeFailure } from '../core/write-failure.ts'
import { acquire } from '../daq/acquire.ts'
import { ClusterExport } from '../device/cluster-export.ts'
import { type Device, givesScoresOnly } from '../device/device.ts'
import type { Configuration } from '../device/frame-loader.ts'
import type { Frame } from '../frame/frame.ts'
import type { FrameFailure } from '../frame/read-frames.ts'
import { readOnnx } from '../network/onnx/onnx-read.ts'
import { unquantizedScores } from '../network/oracle/unquantized-scores.ts'
import { loadRecoilClassifier } from '../network/recoil-classifier.ts'
import { MeasuredClusters, measureClassifiers } from './compare-classifiers.ts'
import { type ComparedDevices, openDevices, unusedAnswers } from './compare-devices.ts'
import { exportCommand } from './compare-export.ts'
import { calibrationLimits } from './device-limits.ts'
import { integer } from './options.ts'
import { exitCode, Interrupted, type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { addSourceOptions, describeSettings, openSource, type SourceOptions } from './source-options.ts'
import type { SyntheticSource } from './synthetic-source.ts'

interface CompareOptions extends SourceOptions {
  readonly devices?: string
  readonly export?: string
  readonly reference: number
  readonly out: string
}

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('the same frames through several devices: agreement, physics, latency, report.html')
    .addOption(
      new Option(
        '--devices <addresses>',
        'comma-separated; the others are compared to the first that is not onnx: or scores:FILE (default: model:,sim:,onnx:cpu and the GPUs that work here)',
      ),
    )
    .addOption(
      new Option(
        '--export <folder>',
        'write the clusters and the network for a machine with a GPU; its scores come back as the device scores:FILE',
      ),
    )
    .addOption(
      new Option('--reference <frames>', "frames that go through CYGNO's offline chain too; 0: none")
        .argParser(integer(0, 1_000_000))
        .default(3),
    )
    .addOption(new Option('--out <folder>', 'where report.html and result.json go').default('compare'))
  return addSourceOptions(command).action((options: CompareOptions) =>
    perform(options.json === true, (output, signal) => compare(options, output, signal)),
  )
}

async function compare(options: CompareOptions, output: Output, signal: AbortSignal): Promise<void> {
  const compared = await openDevices(options.devices, options.model, output)
  try {
    await compareDevices(compared, options, output, signal)
  } finally {
    for (const device of compared.devices) await device[Symbol.asyncDispose]()
  }
}

async function compareDevices(
  { devices, probed }: ComparedDevices,
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
  const classifier = await loadRecoilClassifier(options.model)
  const source = await openSource(options, calibrationLimits(devices, output))
  await mkdir(options.out, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(options.out, error)
  })
  const collector = new ComparisonCollector(
    devices.map((device) => device.info),
    {
      ...source.light,
      unquantized: unquantizedScores(readOnnx(classifier.onnx)),
      referenceFrames: options.reference,
    },
  )
  const clusters = options.export === undefined ? undefined : new ClusterExport()
  const measured = new MeasuredClusters()
  const failures: FrameFailure[] = []
  const progress = new Progress('compare', options.frames ?? source.expected)
  let configuration: Configuration | undefined
  let configurations = 0
  let count = 0
  let interrupted = false
  let unused: readonly FrameFailure[] = []
  let classifiers: ReadonlyMap<string, ClassifierFacts> = new Map()
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
      for (const { info, clocksAfterLastPixel } of devices)
        if (clocksAfterLastPixel !== undefined)
          collector.clocksAfterLastPixel(info.address, clocksAfterLastPixel)
      const record = acquired.records.get(reference(devices).info.address)!
      clusters?.add(record)
      measured.add(record)
      count++
      progress.advance()
    }
    unused = unusedAnswers(devices)
    classifiers = await measureClassifiers(devices, measured.features, signal)
    if (configuration !== undefined && isSynthetic(source))
      await emptyFrames(source, reference(devices), configuration, count, collector, signal)
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    interrupted = true
  }
  progress.finish()
  const errors = [...source.failures, ...failures, ...unused]
  const { result, report } = collector.finish({
    classifiers,
    probed,
    title: `${devices.map((device) => device.info.address).join(', ')} on ${source.name}`,
    provenance: [
      ['gemgate', packageVersion],
      ['source', source.name],
      ['conditions', source.conditions.description],
      [
        'thresholds',
        `${options.sigmaLow ?? 'default'} and ${options.sigmaHigh ?? 'default'} sigma of the filtered noise`,
      ],
      ...describeSettings(configuration, configurations),
      ['not processed', `${errors.length} files`],
      ...(interrupted ? ([['interrupted', `after ${count} frames`]] as const) : []),
    ],
  })
  const page = await writeReport(options.out, report)
  const exported =
    clusters === undefined || count === 0 ? null : { folder: options.export!, clusters: clusters.count }
  if (exported !== null)
    await clusters!.write(exported.folder, {
      model: classifier.onnx,
      reference: reference(devices).info.address,
      command: exportCommand({ ...options, frames: count }, exported.folder),
    })
  const document = { ...result, errors, interrupted, report: page, export: exported }
  await writeFile(join(options.out, 'result.json'), `${JSON.stringify(document, null, 2)}\n`)
  const differing =
    (result.agreement.differingBytes ?? 0) +
    result.scores.reduce((sum, { differingScores }) => sum + differingScores, 0)
  if (differing > 0 || unused.length > 0 || (count === 0 && !interrupted)) process.exitCode = exitCode.failed
  say(document, output)
  output.result(document)
}

type Document = ReturnType<ComparisonCollector['finish']>['result'] & {
  readonly errors: readonly FrameFailure[]
  readonly report: string
  readonly export: { readonly folder: string; readonly clusters: number } | null
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
  for (const s of document.scores.filter(({ address }) => address.startsWith('scores:')))
    output.text(
      `${s.address}: ${s.differingScores} differing scores in ${s.comparedClusters} clusters, largest difference ` +
        `${Number(s.largestDifference.toPrecision(4))} (${explanations.map((name) => `${s.explained[name]} ${name}`).join(', ')})`,
    )
  for (const { address, classifier } of document.devices)
    if (classifier !== null)
      output.text(
        `${address.padEnd(9)} classifier alone: ${classifier.batch1LatencyUs.p50.toFixed(1)} us for one cluster, ` +
          `${rounded(classifier.clustersPerSecond / 1e3, 0)} k clusters/s in batches of ${classifier.bestBatch}`,
      )
  for (const { address, available, reason } of document.probed)
    if (!available) output.text(`${address} is not here: ${reason}`)
  const percent = (value: number, digits: number): string => `${(100 * value).toFixed(digits)} %`
  if (physics.signalKept !== null && physics.areaDiscarded !== null)
    output.text(
      `physics: signal kept ${percent(physics.signalKept, 1)}, area discarded ${percent(physics.areaDiscarded, 2)}` +
        (physics.falseRoisPerEmptyFrame === null
          ? ''
          : `, ${physics.falseRoisPerEmptyFrame.toFixed(2)} false regions per empty frame`),
    )
  if (document.reference !== null) {
    const { frames, deposits, depositsFound, device, msPerFrame } = document.reference
    const found =
      deposits === null ? '' : `, ${depositsFound} of ${deposits} deposits (here ${device.depositsFound})`
    output.text(
      `CYGNO's offline chain on ${count(frames, 'frame')}: ${count(document.reference.clusters, 'cluster')} (here ${device.clusters})${found}, ` +
        `${rounded(msPerFrame, 0)} ms per frame`,
    )
  }
  if (physics.aucMatchedEnergy !== null)
    output.text(
      `classifier: AUC ${physics.aucMatchedEnergy.toFixed(2)} +- ${physics.aucMatchedEnergyError!.toFixed(2)}` +
        ' nuclear against electron recoils at equal energy, all energies together',
    )
  for (const error of document.errors) output.failure(error)
  if (document.export !== null)
    output.text(`${document.export.clusters} clusters for another machine: ${document.export.folder}`)
  output.text(`pictures, ROC and tables: ${document.report}`)
}

/** The device that the collector takes its physics from: the first that gives more than scores. */
function reference(devices: readonly Device[]): Device {
  return devices.find((device) => !givesScoresOnly(device.info.address)) ?? devices[0]!
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
  const pending: Frame[] = []
  const frames = function* (): Generator<Frame> {
    for (let i = 0; i < count; i++) {
      const frame = source.empty(i)
      pending.push(frame)
      yield frame
    }
  }
  for await (const record of device.process(frames(), { signal })) {
    collector.emptyFrame(record)
    collector.emptyReferenceFrame(pending.shift()!, record, pedestal)
    progress.advance()
  }
  progress.finish()
}
