/**
 * Trains and scores the shipped recoil network and writes everything made from it.
 *
 *   npx tsx models/train-recoil-mlp.ts [--data FOLDER] [--seed N] [--epochs N]
 *   npx tsx models/train-recoil-mlp.ts --report     only scores the committed ONNX file again
 *   npx tsx models/train-recoil-mlp.ts --hardware   only its certificate and logic again: needs no clusters
 *
 * Simulates the clusters first where FOLDER (default .cache/gemgate/recoil-data) does not hold them. Writes
 * models/recoil-mlp.onnx, .generated.json (its scores) and .md (its card), hdl/classifier. The same Node gives
 * the same bytes.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeFolder } from '../scripts/write-folder.ts'
import { describeError } from '../src/core/errors.ts'
import { packageRoot } from '../src/core/package-root.ts'
import type { StoredSample } from './data/store.ts'
import {
  defaultDataFolder,
  fixedDriftTrainingSample,
  testSamples,
  trainingSample,
} from './make-recoil-data.ts'
import { classifierFolder, recoilHardware, recoilVerilog } from './recoil-hardware.ts'
import { type RecoilReport, renderCard } from './training/card.ts'
import { readModel, refreshHardware, writeModel } from './training/feature-model-files.ts'
import { defaultReport, makeReport, type ReportOptions } from './training/report.ts'
import { formatBins, type TestSamples } from './training/score-report.ts'
import { shippedTraining } from './training/shipped.ts'
import { type TrainingOptions, trainFloatNetwork, trainRecoilNetwork } from './training/train.ts'

const source = 'simulated LIME clusters, models/data/plan.ts'
const files = { name: 'recoil-mlp', renderCard } as const

/** Where to write (default: here) and what to report. */
export interface OutputOptions extends Partial<ReportOptions> {
  readonly root?: string
}

/** What the network learns from, and what its twin that knows the drift distance learns from. */
export interface TrainingSamples {
  readonly train: StoredSample
  readonly fixedDrift: StoredSample
}

/**
 * Trains on one sample, scores on others and writes the model, its report, its card and its Verilog.
 * @param committed an ONNX file to report instead of the one that the training gives
 */
export async function trainAndWrite(
  { train, fixedDrift }: TrainingSamples,
  test: TestSamples,
  options: TrainingOptions,
  { root = packageRoot, ...wanted }: OutputOptions = {},
  committed?: Uint8Array,
): Promise<RecoilReport> {
  const { onEpoch: _, ...training } = options
  const metadata = { source, ...options.metadata }
  const trained = trainRecoilNetwork(train.sample, { ...options, metadata })
  const onnx = committed ?? trained.onnx
  const model = {
    onnx,
    training,
    compile: recoilHardware,
    float: trained.float,
    knowingDrift: trainFloatNetwork(fixedDrift.sample, options),
  }
  const report = { ...(await makeReport(model, train, test, { ...defaultReport, ...wanted })), training }
  writeModel({ ...files, root }, onnx, report)
  await writeFolder(join(root, classifierFolder), await recoilVerilog(onnx))
  return report
}

/** Brings certificate, logic and card of the committed ONNX file up to date; its scores stay as they are. */
async function writeHardware(): Promise<void> {
  await refreshHardware<RecoilReport>(files, recoilHardware)
  await writeFolder(join(packageRoot, classifierFolder), await recoilVerilog(readModel(files)))
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: defaultDataFolder },
      seed: { type: 'string', default: `${shippedTraining.seed}` },
      epochs: { type: 'string', default: `${shippedTraining.epochs}` },
      report: { type: 'boolean', default: false },
      hardware: { type: 'boolean', default: false },
    },
  })
  if (values.hardware) return writeHardware()
  const samples = { train: trainingSample(values.data), fixedDrift: fixedDriftTrainingSample(values.data) }
  const test = testSamples(values.data)
  const options: TrainingOptions = {
    ...shippedTraining,
    seed: Number(values.seed),
    epochs: Number(values.epochs),
    onEpoch: (e) =>
      process.stderr.write(
        `epoch ${e.epoch} train ${e.trainLoss.toFixed(4)} validation ${e.validationLoss.toFixed(4)}\n`,
      ),
  }
  const committed = values.report ? readModel(files) : undefined
  const report = await trainAndWrite(samples, test, options, {}, committed)
  process.stdout.write(formatBins(report))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  })
