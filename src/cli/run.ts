import { Command, Option } from 'commander'
import { RunSummary } from '../compare/run-summary.ts'
import { packageVersion } from '../core/package-root.ts'
import { acquire } from '../daq/acquire.ts'
import { LiveTime } from '../daq/live-time.ts'
import { RunFolder } from '../daq/run-folder.ts'
import { openDevice } from '../device/open-device.ts'
import type { FrameFailure } from '../frame/read-frames.ts'
import { exitCode, Interrupted, type Output, perform } from './output.ts'
import { Progress } from './progress.ts'
import { addSourceOptions, openSource, type SourceOptions } from './source-options.ts'

interface RunOptions extends SourceOptions {
  readonly board: string
  readonly out?: string
}

export function runCommand(): Command {
  const command = new Command('run')
    .description('acquire: frames through a board, recoils into a run folder')
    .addOption(
      new Option('--board <address>', 'model: (emulated FPGA) or sim: (the Verilog)').default('model:'),
    )
    .addOption(new Option('--out <folder>', 'run folder (default: run-DATE-TIME)'))
  return addSourceOptions(command).action((options: RunOptions) =>
    perform(options.json === true, (output, signal) => run(options, output, signal)),
  )
}

async function run(options: RunOptions, output: Output, signal: AbortSignal): Promise<void> {
  const out =
    options.out ?? `run-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`
  const source = await openSource(options)
  await using device = await openDevice(
    options.board,
    options.model === undefined ? {} : { model: options.model },
  )
  const folder = await RunFolder.create(out)
  const failures: FrameFailure[] = []
  const liveTime = new LiveTime()
  const summary = new RunSummary(device.info.address)
  const start = performance.now()
  const described = {
    gemgate: packageVersion,
    started: new Date().toISOString(),
    source: source.name,
    board: device.info,
    conditions: source.conditions.description,
    options,
  }
  await folder.describe({ ...described, state: 'running' })
  const progress = new Progress('run', options.frames ?? source.expected)
  const onFailure = (failure: FrameFailure): void => {
    failures.push(failure)
  }
  let state = 'done'
  let withTruth = false
  try {
    for await (const acquired of acquire(source, [device], {
      signal,
      onFailure,
      ...(options.frames === undefined ? {} : { frames: options.frames }),
    })) {
      const record = acquired.records.get(device.info.address)!
      await folder.append(acquired.frame, record)
      liveTime.processed(acquired.frame)
      withTruth ||= acquired.frame.truth !== undefined
      summary.frame(acquired.frame, record, acquired.configuration.pedestal)
      progress.advance(`${summary.clusters} clusters`)
    }
  } catch (error) {
    state = error instanceof Interrupted ? 'interrupted' : 'failed'
    if (state === 'failed') throw error
  } finally {
    progress.finish(`${summary.clusters} clusters`)
    await folder.close()
    const errors = [...source.failures, ...failures]
    for (let i = 0; i < errors.length; i++) liveTime.lost()
    const counts = { ...summary.result(), liveTimeFraction: liveTime.fraction }
    const seconds = (performance.now() - start) / 1000
    await folder.describe({ ...described, state, seconds, ...counts, errors, skipped: source.skipped })
  }
  const errors = [...source.failures, ...failures]
  const result = summary.result()
  await summary.writeReport(out, {
    title: `Run ${out}`,
    source: source.name,
    board: device.info.description,
    conditions: source.conditions.description,
    version: packageVersion,
  })
  const { nuclear, electron, other } = result.recoils
  output.text(
    `${result.frames} frames, ${result.clusters} clusters: ${nuclear} nuclear, ${electron} electron, ${other} other`,
  )
  if (result.signalKept !== null)
    output.text(
      `signal kept ${(100 * result.signalKept).toFixed(1)} %, area discarded ${(100 * result.areaDiscarded!).toFixed(2)} %`,
    )
  if (result.frames === 0 && errors.length > 0) process.exitCode = exitCode.failed
  output.text(`live time ${(100 * liveTime.fraction).toFixed(1)} %`)
  for (const error of errors) output.text(`not processed: ${error.file}: ${error.code} ${error.message}`)
  for (const skip of source.skipped) output.text(`left out: ${skip.file} ${skip.reason}`)
  output.text(`${out}/report.html shows the frames; events.jsonl is the journal, rois/ the pixels`)
  output.result({
    frames: result.frames,
    clusters: result.clusters,
    recoils: result.recoils,
    signalKept: result.signalKept,
    areaDiscarded: withTruth ? result.areaDiscarded : null,
    liveTimeFraction: liveTime.fraction,
    errors: errors.map(({ file, code, message }) => ({ file, code, message })),
    interrupted: state === 'interrupted',
    out,
  })
}
