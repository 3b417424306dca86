/**
 * Trains and scores the shipped convolutional network and writes everything made from it.
 *
 *   npx tsx models/train-recoil-cnn.ts [--data FOLDER] [--seed N]
 *   npx tsx models/train-recoil-cnn.ts --report     scores the committed ONNX file again, which trains its float twin anew
 *   npx tsx models/train-recoil-cnn.ts --hardware   all but its scores again: needs no clusters
 *
 * Simulates the clusters first where FOLDER (default .cache/gemgate/recoil-data) does not hold them. Writes
 * models/recoil-cnn.onnx, .generated.json (its scores) and .md (its card). The same Node gives the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeError } from '../src/core/errors.ts'
import { packageRoot } from '../src/core/package-root.ts'
import { cnnOnnx } from './cnn/build-onnx.ts'
import { renderCnnCard, type StoredCnnReport } from './cnn/card.ts'
import { cnnHardware } from './cnn/hardware.ts'
import { picturesOf } from './cnn/picture.ts'
import { type CnnReportOptions, cnnHardwareReport, defaultCnnReport, makeCnnReport } from './cnn/report.ts'
import { readRivals } from './cnn/rivals.ts'
import { shippedCnn } from './cnn/shipped.ts'
import { type CnnEpoch, type CnnTraining, trainCnn } from './cnn/train.ts'
import type { StoredSample } from './data/store.ts'
import { defaultDataFolder, testSamples, trainingSample } from './make-recoil-data.ts'
import { formatBins, formatReport, type TestSamples } from './training/score-report.ts'

const source = 'simulated LIME clusters, models/data/plan.ts'

/** Where to write (default: here) and what to report. */
export interface CnnOutput extends Partial<CnnReportOptions> {
  readonly root?: string
  readonly onEpoch?: (epoch: CnnEpoch) => void
}

/**
 * Trains on one sample, scores on the others and writes the model, its report and its card.
 * @param known the model, when it is there already
 */
export async function trainAndWriteCnn(
  train: StoredSample,
  test: TestSamples,
  training: CnnTraining,
  { root = packageRoot, onEpoch, ...options }: CnnOutput = {},
  known?: Uint8Array,
): Promise<StoredCnnReport> {
  const { crops, labels, keVee } = train.sample
  const data = { pictures: picturesOf(crops), labels, keVee }
  const metadata = { source, seed: `${training.seed}`, samples: `${labels.length}` }
  const { network, float } = trainCnn(data, training, onEpoch)
  const onnx = known ?? cnnOnnx(network, 'recoil_cnn', metadata)
  const report = await makeCnnReport(onnx, training, float, train, test, { ...defaultCnnReport, ...options })
  const stored = { ...report, rivals: readRivals(root) }
  writeMade(root, onnx, stored)
  return stored
}

const pathOf = (root: string, end: string): string => join(root, `models/recoil-cnn.${end}`)

function writeMade(root: string, onnx: Uint8Array, report: StoredCnnReport): void {
  const json = formatReport(report)
  writeFileSync(pathOf(root, 'onnx'), onnx)
  writeFileSync(pathOf(root, 'generated.json'), json)
  writeFileSync(pathOf(root, 'md'), renderCnnCard(JSON.parse(json)))
}

/** Brings all but the scores of the committed file up to date: certificate, logic, what others reach, card. */
async function refreshHardware(root: string): Promise<void> {
  const onnx = readFileSync(pathOf(root, 'onnx'))
  const report: StoredCnnReport = JSON.parse(readFileSync(pathOf(root, 'generated.json'), 'utf8'))
  const hardware = await cnnHardwareReport(onnx, await cnnHardware(onnx), report.training.shape, true)
  writeMade(root, onnx, { ...report, ...hardware, rivals: readRivals(root) })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: defaultDataFolder },
      seed: { type: 'string', default: `${shippedCnn.seed}` },
      report: { type: 'boolean', default: false },
      hardware: { type: 'boolean', default: false },
    },
  })
  if (values.hardware) return refreshHardware(packageRoot)
  const onEpoch = ({ phase, epoch, loss }: CnnEpoch): void =>
    void process.stderr.write(`${phase} epoch ${epoch} loss ${loss.toFixed(4)}\n`)
  const report = await trainAndWriteCnn(
    trainingSample(values.data),
    testSamples(values.data),
    { ...shippedCnn, seed: Number(values.seed) },
    { onEpoch },
    values.report ? readFileSync(pathOf(packageRoot, 'onnx')) : undefined,
  )
  process.stdout.write(formatBins(report))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  })
