/**
 * Trains and scores the shipped recoil classifier and writes everything made from it.
 *
 *   npx tsx models/train-recoil-mlp.ts [--data FOLDER] [--seed N] [--epochs N]
 *   npx tsx models/train-recoil-mlp.ts --report     only scores the committed ONNX file again
 *   npx tsx models/train-recoil-mlp.ts --hardware   only its certificate and logic again: needs no clusters
 *
 * Simulates the clusters first where FOLDER (default .cache/gemgate/recoil-data) does not hold them. Writes
 * models/recoil-mlp.onnx, .generated.json (its scores) and .md (its card), hdl/classifier. The same Node gives
 * the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeFolder } from '../scripts/write-folder.ts'
import { describeError } from '../src/core/errors.ts'
import { packageRoot } from '../src/core/package-root.ts'
import type { StoredSample } from './data/store.ts'
import { defaultDataFolder, recoilSamples } from './make-recoil-data.ts'
import { classifierFolder, recoilVerilog } from './recoil-hardware.ts'
import { renderCard } from './training/card.ts'
import {
  defaultReport,
  formatReport,
  hardwareReport,
  makeReport,
  type RecoilReport,
  type ReportOptions,
} from './training/report.ts'
import { shippedTraining } from './training/shipped.ts'
import { type TrainingOptions, trainRecoilNetwork } from './training/train.ts'

const source = 'simulated LIME clusters, models/data/plan.ts'
const reportFile = 'models/recoil-mlp.generated.json'

/** Where to write (default: here) and what to report. */
export interface OutputOptions extends Partial<ReportOptions> {
  readonly root?: string
}

/** Trains on one sample, scores on the other and writes the model, its report, its card and its Verilog. */
export async function trainAndWrite(
  train: StoredSample,
  test: StoredSample,
  options: TrainingOptions,
  output: OutputOptions = {},
): Promise<RecoilReport> {
  const metadata = { source, ...options.metadata }
  const { onnx } = trainRecoilNetwork(train.sample, { ...options, metadata })
  writeFileSync(join(output.root ?? packageRoot, 'models/recoil-mlp.onnx'), onnx)
  return writeReport(onnx, train, test, options, output)
}

/** Scores an ONNX file and writes what is made from it. */
async function writeReport(
  onnx: Uint8Array,
  train: StoredSample,
  test: StoredSample,
  options: TrainingOptions,
  { root = packageRoot, ...bins }: OutputOptions,
): Promise<RecoilReport> {
  const { onEpoch: _, ...stated } = options
  const report = await makeReport(onnx, train, test, stated, { ...defaultReport, ...bins })
  await writeMade(onnx, report, root)
  return report
}

/** Brings certificate, logic and card of the committed ONNX file up to date; its scores stay as they are. */
async function writeHardware(root: string): Promise<void> {
  const onnx = readFileSync(join(root, 'models/recoil-mlp.onnx'))
  const report: RecoilReport = JSON.parse(readFileSync(join(root, reportFile), 'utf8'))
  await writeMade(onnx, { ...report, ...(await hardwareReport(onnx, true)) }, root)
}

async function writeMade(onnx: Uint8Array, report: RecoilReport, root: string): Promise<void> {
  const json = formatReport(report)
  writeFileSync(join(root, reportFile), json)
  writeFileSync(join(root, 'models/recoil-mlp.md'), renderCard(JSON.parse(json)))
  await writeFolder(join(root, classifierFolder), await recoilVerilog(onnx))
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
  if (values.hardware) return writeHardware(packageRoot)
  const { train, test } = recoilSamples(values.data)
  const options: TrainingOptions = {
    ...shippedTraining,
    seed: Number(values.seed),
    epochs: Number(values.epochs),
    onEpoch: (e) =>
      process.stderr.write(
        `epoch ${e.epoch} train ${e.trainLoss.toFixed(4)} validation ${e.validationLoss.toFixed(4)}\n`,
      ),
  }
  const report = values.report
    ? await writeReport(readFileSync(join(packageRoot, 'models/recoil-mlp.onnx')), train, test, options, {})
    : await trainAndWrite(train, test, options)
  for (const { lowKeVee, highKeVee, figures } of report.byEnergy) {
    const { auc, efficiencyAt90 } = figures['network']!
    process.stdout.write(
      `${lowKeVee}-${highKeVee} keVee: AUC ${auc.value.toFixed(4)} ± ${auc.error.toFixed(4)}, ` +
        `NR efficiency at 90 % ER rejection ${efficiencyAt90.efficiency.toFixed(3)} ± ${efficiencyAt90.error.toFixed(3)}\n`,
    )
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  })
