import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { boardAddresses } from '../board/open-board.ts'
import type { RunResult } from '../compare/run-result.ts'
import { RunSummary } from '../compare/run-summary.ts'
import { GemgateError } from '../core/errors.ts'
import { packageVersion } from '../core/package-root.ts'
import { acquire } from '../daq/acquire.ts'
import { LiveTime } from '../daq/live-time.ts'
import { RunFolder } from '../daq/run-folder.ts'
import type { FrameSource } from '../daq/source.ts'
import type { Device } from '../device/device.ts'
import type { Configuration } from '../device/frame-loader.ts'
import { openDevice } from '../device/open-device.ts'
import type { FrameFailure, FrameSkip } from '../frame/read-frames.ts'
import { calibrationLimits } from './device-limits.ts'
import { recordOption } from './options.ts'
import { exitCode, Interrupted, type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { addSourceOptions, describeSettings, openSource, type SourceOptions } from './source-options.ts'

interface RunOptions extends SourceOptions {
  readonly board: string
  readonly record?: string
  readonly out?: string
}

export function runCommand(): Command {
  const command = new Command('run')
    .description('acquire: frames through a board, recoils into a run folder')
    .addOption(new Option('--board <address>', `${boardAddresses}; or onnx:cpu`).default('model:'))
    .addOption(recordOption())
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
  await using device = await openDevice(options.board, {
    ...(options.model === undefined ? {} : { model: options.model }),
    ...(options.record === undefined ? {} : { record: options.record }),
  })
  const source = await openSource(options, calibrationLimits([device], output))
  const described = {
    gemgate: packageVersion,
    started: new Date().toISOString(),
    source: source.name,
    board: device.info,
    conditions: source.conditions.description,
  }
  const start = performance.now()
  const acquisition = await acquireRun(source, device, options, described, signal)
  const { folder, state, configuration, configurations } = acquisition
  const errors = [...source.failures, ...acquisition.failures]
  for (let i = 0; i < errors.length; i++) acquisition.liveTime.lost()
  const counts = acquisition.summary.result()
  const liveTime = acquisition.liveTime.description
  const result = { ...counts, liveTimeFraction: acquisition.liveTime.fraction }
  try {
    await folder.close()
    await folder.describe({
      ...described,
      state,
      seconds: (performance.now() - start) / 1000,
      ...result,
      liveTime,
      // Of the last frame: frames without a pedestal run have settings of their own.
      settings: configuration?.settings ?? null,
      configurations,
      errors,
      skipped: source.skipped,
    })
    if (counts.frames > 0)
      await acquisition.summary.writeReport(folder.path, {
        title: `Run ${folder.path}`,
        source: source.name,
        board: device.info.description,
        conditions: source.conditions.description,
        version: packageVersion,
        provenance: [
          ...describeSettings(configuration, configurations),
          ['live time', liveTime],
          ['not processed', errors.length === 0 ? 'nothing' : errors.map((error) => error.file).join(', ')],
        ],
      })
  } catch (error) {
    // A disk that was full is full here too: the first failure is the one to report.
    throw acquisition.failure ?? error
  }
  if (state === 'failed') throw acquisition.failure
  if (result.frames === 0 && errors.length > 0) process.exitCode = exitCode.failed
  const document = { ...result, errors, interrupted: state === 'interrupted', out: folder.path }
  say(document, liveTime, source.skipped, output)
  output.result(document)
}

interface Acquisition {
  readonly folder: RunFolder
  readonly state: 'done' | 'interrupted' | 'failed'
  /** Why the state is not `done`. */
  readonly failure: unknown
  readonly summary: RunSummary
  readonly liveTime: LiveTime
  readonly failures: readonly FrameFailure[]
  /** The last one, and how many there were. */
  readonly configuration: Configuration | undefined
  readonly configurations: number
}

/** Takes data into a run folder, which is made for the first frame: a run that cannot start leaves nothing. */
async function acquireRun(
  source: FrameSource,
  device: Device,
  options: RunOptions,
  described: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Acquisition> {
  const failures: FrameFailure[] = []
  const liveTime = new LiveTime()
  const summary = new RunSummary(device.info.address, source.light)
  const progress = new Progress('run', options.frames ?? source.expected)
  let folder: RunFolder | undefined
  let configuration: Configuration | undefined
  let configurations = 0
  let state: Acquisition['state'] = 'done'
  let failure: unknown
  try {
    for await (const acquired of acquire(source, [device], {
      signal,
      onFailure: (failed) => failures.push(failed),
      ...(options.frames === undefined ? {} : { frames: options.frames }),
    })) {
      folder ??= await RunFolder.create(options.out)
      if (acquired.configuration !== configuration) {
        configuration = acquired.configuration
        configurations++
        await folder.describe({ ...described, state: 'running', settings: configuration.settings })
      }
      const record = acquired.records.get(device.info.address)!
      await folder.append(acquired.frame, record)
      liveTime.processed(acquired.frame)
      summary.frame(acquired.frame, record, configuration.pedestal)
      progress.advance(`${summary.clusters} clusters`)
    }
  } catch (error) {
    state = error instanceof Interrupted ? 'interrupted' : 'failed'
    failure = error
  }
  progress.finish(`${summary.clusters} clusters`)
  if (folder === undefined && state === 'failed') throw failure
  folder ??= await RunFolder.create(options.out)
  return { folder, state, failure, summary, liveTime, failures, configuration, configurations }
}

function say(
  result: RunResult & { readonly errors: readonly FrameFailure[]; readonly out: string },
  liveTime: string,
  skipped: readonly FrameSkip[],
  output: Output,
): void {
  const { nuclear, electron, other } = result.recoils
  output.text(
    `${result.frames} frames, ${result.clusters} clusters: ${nuclear} nuclear, ${electron} electron, ${other} other`,
  )
  if (result.signalKept !== null && result.areaDiscarded !== null)
    output.text(
      `signal kept ${(100 * result.signalKept).toFixed(1)} %, area discarded ${(100 * result.areaDiscarded).toFixed(2)} %`,
    )
  output.text(liveTime)
  for (const error of result.errors) output.failure(error)
  for (const skip of skipped) output.text(`left out: ${skip.file} ${skip.reason}`)
  output.text(`${result.out}/report.html shows the frames; events.jsonl is the journal, rois/ the pixels`)
}
