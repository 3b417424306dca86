/**
 * Trains and scores the shipped boosted trees and writes everything made from them.
 *
 *   npx tsx models/train-recoil-trees.ts [--data FOLDER] [--seed N]
 *   npx tsx models/train-recoil-trees.ts --report     only scores the committed ONNX file again
 *   npx tsx models/train-recoil-trees.ts --hardware   only its certificate and logic again: needs no clusters
 *
 * Simulates the clusters first where FOLDER (default .cache/gemgate/recoil-data) does not hold them. Writes
 * models/recoil-trees.onnx, .generated.json (its scores) and .md (its card). The same Node gives the same bytes.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeError } from '../src/core/errors.ts'
import {
  defaultDataFolder,
  fixedDriftTrainingSample,
  testSamples,
  trainingSample,
} from './make-recoil-data.ts'
import { treesHardware } from './recoil-hardware.ts'
import { readModel, refreshHardware, writeModel } from './training/feature-model-files.ts'
import { makeReport } from './training/report.ts'
import { formatBins } from './training/score-report.ts'
import { shippedTrees } from './training/shipped.ts'
import { trainRecoilTrees } from './training/train-trees.ts'
import { renderTreesCard, type TreesReport } from './training/trees-card.ts'

const source = 'simulated LIME clusters, models/data/plan.ts'
const files = { name: 'recoil-trees', renderCard: renderTreesCard } as const

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: defaultDataFolder },
      seed: { type: 'string', default: `${shippedTrees.seed}` },
      report: { type: 'boolean', default: false },
      hardware: { type: 'boolean', default: false },
    },
  })
  if (values.hardware) return refreshHardware<TreesReport>(files, treesHardware)
  const train = trainingSample(values.data)
  const test = testSamples(values.data)
  const training = { ...shippedTrees, seed: Number(values.seed) }
  const trained = trainRecoilTrees(train.sample, training, { source })
  const onnx = values.report ? readModel(files) : trained.onnx
  const model = {
    onnx,
    training,
    compile: treesHardware,
    float: trained.float,
    knowingDrift: trainRecoilTrees(fixedDriftTrainingSample(values.data).sample, training).float,
  }
  const report = { ...(await makeReport(model, train, test)), training }
  writeModel(files, onnx, report)
  process.stdout.write(formatBins(report))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  })
