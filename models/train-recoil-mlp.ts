/**
 * Trains the shipped recoil classifier and everything made from it.
 *
 *   npx tsx models/train-recoil-mlp.ts --data FOLDER [--source TEXT] [--seed 1] [--epochs 60]
 *   npx tsx models/train-recoil-mlp.ts --toy
 *
 * FOLDER holds features.i8 (n x 9 int8), labels.u8 (0 nuclear, 1 electron, 2 other) and kevee.f32
 * (little-endian). Writes models/recoil-mlp.onnx and .generated.json (its scores), hdl/network/recoil_weights.sv and recoil_mlp.sv.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeError } from '../src/core/errors.ts'
import { emitClassifier, emitWeights, openOnnxSession } from '../src/network/index.ts'
import { checkData, type RecoilData, splitData } from './training/data.ts'
import { accuracy, nuclearMinusElectron, scoreAll, scoreByEnergy } from './training/score.ts'
import { toyRecoils } from './training/toy.ts'
import { defaultEnergyEdges, type TrainingOptions, trainRecoilNetwork } from './training/train.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Reads the three raw arrays of a folder. */
export function readRecoilData(folder: string): RecoilData {
  const bytes = (name: string): ArrayBuffer => {
    const file = readFileSync(join(folder, name))
    return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
  }
  const data = {
    features: new Int8Array(bytes('features.i8')),
    labels: new Uint8Array(bytes('labels.u8')),
    keVee: new Float32Array(bytes('kevee.f32')),
  }
  checkData(data)
  return data
}

/**
 * Trains on four fifths of the data, tests the integers against ONNX Runtime and the physics on the rest,
 * and writes the model, its report and its Verilog below `root`.
 * @throws Error when ONNX Runtime gives other scores than the integer network
 */
export async function trainAndWrite(data: RecoilData, source: string, options: TrainingOptions = {}) {
  const [test, train] = splitData(data, [0.2], (options.seed ?? 1) + 1) as [RecoilData, RecoilData]
  const metadata = { source, ...options.metadata }
  const { network, onnx, history } = trainRecoilNetwork(train, { ...options, metadata })
  const scores = scoreAll(network, test)
  await using session = await openOnnxSession(onnx)
  const oracle = await session.run(test.features, test.labels.length)
  const differences = scores.reduce((sum, score, i) => sum + (score === oracle[i] ? 0 : 1), 0)
  if (differences > 0) throw new Error(`${differences} of ${scores.length} scores differ from ONNX Runtime`)
  const report = {
    source,
    onnxRuntime: { version: session.version, scores: scores.length, differences },
    samples: { train: train.labels.length, test: test.labels.length },
    accuracy: accuracy(scores, test.labels),
    byEnergy: scoreByEnergy(test, nuclearMinusElectron(scores), defaultEnergyEdges),
    certificate: network.certificate,
    history,
  }
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(root, name), content)
  write('models/recoil-mlp.onnx', onnx)
  write('models/recoil-mlp.generated.json', `${JSON.stringify(report, null, 2)}\n`)
  write('hdl/network/recoil_weights.sv', emitWeights(network))
  write('hdl/network/recoil_mlp.sv', emitClassifier(network))
  return report
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      source: { type: 'string' },
      toy: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      epochs: { type: 'string', default: '60' },
    },
  })
  if (values.data === undefined && !values.toy) throw new Error('give --data FOLDER or --toy')
  const data = values.data === undefined ? toyRecoils(20_000, 1) : readRecoilData(values.data)
  const source = values.source ?? values.data ?? 'made-up clusters (models/training/toy.ts), not physics'
  const report = await trainAndWrite(data, source, {
    seed: Number(values.seed),
    epochs: Number(values.epochs),
    onEpoch: (e) =>
      process.stderr.write(
        `epoch ${e.epoch} train ${e.trainLoss.toFixed(4)} validation ${e.validationLoss.toFixed(4)}\n`,
      ),
  })
  for (const bin of report.byEnergy)
    process.stdout.write(
      `${bin.lowKeVee}-${bin.highKeVee} keVee: AUC ${bin.auc.value.toFixed(4)} ± ${bin.auc.error.toFixed(4)}, ` +
        `NR efficiency at 90 % ER rejection ${bin.efficiencyAt90.efficiency.toFixed(3)} ± ${bin.efficiencyAt90.error.toFixed(3)}\n`,
    )
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = 1
  })
