import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { RunSummary } from '../compare/run-summary.ts'
import { GemgateError } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { acquire } from '../daq/acquire.ts'
import { LiveTime } from '../daq/live-time.ts'
import { RunFolder } from '../daq/run-folder.ts'
import type { Configuration } from '../device/frame-loader.ts'
import { openDevice } from '../device/open-device.ts'
import type { FrameFailure } from '../frame/read-frames.ts'
import { exitCode, Interrupted, type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { addSourceOptions, describeSettings, openSource, type SourceOptions } from './source-options.ts'

interface RunOptions extends SourceOptions {
  readonly board: string
  readonly out?: string
}

export function runCommand(): Command {
  const command = new Command('run')
    .description('acquire: frames through a board, recoils into a run folder')
    .addOption(
      new Option('--board <address>', 'model: (emulated FPGA), sim: (the Verilog) or onnx:cpu').default(
        'model:',
      ),
    )
    .addOption(new Option('--out <folder>', 'run folder (default: run-DATE-TIME)'))
  return addSourceOptions(command).action((options: RunOptions) =>
    perform(options.json === true, (output, signal) => run(options, output, signal)),
  )
}

async function run(options: RunOptions, output: Output, signal: AbortSignal): Promise<void> {
  if (options.out !== undefined && resolve(options.out) === resolve(options.source))
    throw new GemgateError('GG_USAGE', '--out is the source itself', 'Give the run a folder of its own.', {
      file: options.out,
    })
  const source = await openSource(options)
  await using device = await openDevice(
    options.board,
    options.model === undefined ? {} : { model: options.model },
  )
  const failures: FrameFailure[] = []
  const liveTime = new LiveTime()
  const summary = new RunSummary(device.info.address, source.light)
  const start = performance.now()
  const described = {
    gemgate: packageVersion,
    started: new Date().toISOString(),
    source: source.name,
    board: device.info,
    conditions: source.conditions.description,
  }
  const progress = new Progress('run', options.frames ?? source.expected)
  let folder: RunFolder | undefined
  let configuration: Configuration | undefined
  let configurations = 0
  let withTruth = false
  let state = 'done'
  let failed: unknown
  try {
    for await (const acquired of acquire(source, [device], {
      signal,
      onFailure: (failure) => failures.push(failure),
      ...(options.frames === undefined ? {} : { frames: options.frames }),
    })) {
      // Made for the first frame: a run that cannot start leaves nothing behind.
      folder ??= await RunFolder.create(options.out)
      if (acquired.configuration !== configuration) {
        configuration = acquired.configuration
        configurations++
        await folder.describe({ ...described, state: 'running', settings: configuration.settings })
      }
      const record = acquired.records.get(device.info.address)!
      await folder.append(acquired.frame, record)
      liveTime.processed(acquired.frame)
      withTruth ||= acquired.frame.truth !== undefined
      summary.frame(acquired.frame, record, acquired.configuration.pedestal)
      progress.advance(`${summary.clusters} clusters`)
    }
  } catch (error) {
    state = error instanceof Interrupted ? 'interrupted' : 'failed'
    failed = error
  }
  progress.finish(`${summary.clusters} clusters`)
  if (folder === undefined) {
    if (state === 'failed') throw failed
    folder = await RunFolder.create(options.out)
  }
  const errors = [...source.failures, ...failures]
  for (let i = 0; i < errors.length; i++) liveTime.lost()
  const counts = summary.result()
  const result = {
    ...counts,
    areaDiscarded: withTruth ? counts.areaDiscarded : null,
    liveTimeFraction: liveTime.fraction,
  }
  try {
    await folder.close()
    await folder.describe({
      ...described,
      state,
      seconds: (performance.now() - start) / 1000,
      ...result,
      liveTime: liveTime.description,
      /** Of the last frame; frames without a pedestal run have settings of their own. */
      settings: configuration?.settings ?? null,
      configurations,
      errors,
      skipped: source.skipped,
    })
    if (counts.frames > 0)
      await summary.writeReport(folder.path, {
        title: `Run ${folder.path}`,
        source: source.name,
        board: device.info.description,
        conditions: source.conditions.description,
        version: packageVersion,
        provenance: [
          ...describeSettings(configuration, configurations),
          ['live time', liveTime.description],
          ['not processed', errors.length === 0 ? 'nothing' : errors.map((error) => error.file).join(', ')],
        ],
      })
  } catch (error) {
    // A full disk fails here once more; the first failure is the one to report.
    failed ??= error
    state = state === 'interrupted' ? state : 'failed'
  }
  if (state === 'failed') throw failed
  if (result.frames === 0 && errors.length > 0) process.exitCode = exitCode.failed
  const { nuclear, electron, other } = result.recoils
  output.text(
    `${result.frames} frames, ${result.clusters} clusters: ${nuclear} nuclear, ${electron} electron, ${other} other`,
  )
  if (result.signalKept !== null)
    output.text(
      `signal kept ${(100 * result.signalKept).toFixed(1)} %, area discarded ${(100 * result.areaDiscarded!).toFixed(2)} %`,
    )
  output.text(liveTime.description)
  for (const error of errors) output.failure(error)
  for (const skip of source.skipped) output.text(`left out: ${skip.file} ${skip.reason}`)
  output.text(`${folder.path}/report.html shows the frames; events.jsonl is the journal, rois/ the pixels`)
  output.result({
    frames: result.frames,
    clusters: result.clusters,
    recoils: result.recoils,
    signalKept: result.signalKept,
    areaDiscarded: result.areaDiscarded,
    liveTimeFraction: result.liveTimeFraction,
    errors,
    interrupted: state === 'interrupted',
    out: folder.path,
  })
}
