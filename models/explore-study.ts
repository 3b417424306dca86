import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/core/package-root.ts'
import type { ClassifierSettings } from '../src/explore/settings.ts'
import { sourceHash } from '../src/explore/source-hash.ts'
import type { ClassifierPhysics, OpenStudy, ShippedClassifier } from '../src/explore/study.ts'
import { importNetwork, readOnnx } from '../src/network/index.ts'
import { type StudySamples, studySamples } from './explore-samples.ts'
import { TriggerMeter } from './explore-trigger.ts'
import { type RecoilData, selectRows } from './training/data.ts'
import { countParameters } from './training/report.ts'
import { nuclearMinusElectron, scoreAll, scoreByEnergy } from './training/score.ts'
import { shippedTraining, shippedTrees } from './training/shipped.ts'
import { type TrainingOptions, trainRecoilNetwork } from './training/train.ts'
import { trainRecoilTrees } from './training/train-trees.ts'

/** Where recoils can be told apart and are not told apart trivially, keVee. */
const edges = [6, 10, 20, 40] as const

/** What `gemgate explore` trains and measures: the recoil classifiers and the trigger in simulated LIME. */
export const openStudy: OpenStudy = (options, onProgress) => {
  const samples = studySamples(options, onProgress)
  const meter = new TriggerMeter(options.quick)
  const training = options.quick ? { ...shippedTraining, epochs: 12 } : shippedTraining
  return {
    identity: { classifiers: classifierIdentity(samples), triggers: meter.identity },
    facts: {
      'trained on clusters': samples.train.labels.length,
      'scored on clusters': samples.test.labels.length,
      'drift of the scored': options.drift,
      'seed of training': training.seed,
      epochs: training.epochs,
      ...meter.facts,
    },
    shipped: shippedClassifiers(),
    train: (settings) => trainClassifier(samples.train, settings, training),
    score: (onnx) => scoreClassifier(samples.test, onnx),
    measureTrigger: (choice) => meter.measure(choice),
  }
}

function classifierIdentity({ train, test }: StudySamples): string {
  const hash = createHash('sha256')
  for (const { features, labels, keVee } of [train, test])
    for (const values of [features, labels, keVee])
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  const sources = ['models/explore-study.ts', 'models/training', 'src/compare/roc.ts', 'src/core/random.ts']
  hash.update(sourceHash(sources.map((path) => join(packageRoot, path))))
  return hash.digest('hex')
}

/** In the forms of models/recoil-hardware.ts. */
const shippedFiles: readonly Omit<ShippedClassifier, 'onnx'>[] = [
  {
    name: 'recoil-mlp',
    settings: { kind: 'mlp', hidden: shippedTraining.hidden, weightBits: 8, activationBits: 7 },
    hardware: { architecture: 'folded', reuse: null },
  },
  {
    name: 'recoil-trees',
    settings: { kind: 'trees', trees: shippedTrees.rounds, depth: shippedTrees.depth },
    hardware: { architecture: 'unrolled', levels: 2 },
  },
]

/** Those whose files are there. */
function shippedClassifiers(): ShippedClassifier[] {
  return shippedFiles.flatMap((classifier) => {
    const path = join(packageRoot, `models/${classifier.name}.onnx`)
    return existsSync(path) ? [{ ...classifier, onnx: readFileSync(path) }] : []
  })
}

function trainClassifier(
  data: RecoilData,
  settings: ClassifierSettings,
  training: TrainingOptions,
): Uint8Array {
  if (settings.kind === 'mlp') {
    const { hidden, weightBits, activationBits } = settings
    return trainRecoilNetwork(data, { ...training, hidden, weightBits, activationBits }).onnx
  }
  const { trees: rounds, depth } = settings
  return trainRecoilTrees(data, { ...shippedTrees, rounds, depth }).onnx
}

function scoreClassifier(data: RecoilData, onnx: Uint8Array): ClassifierPhysics {
  const { graph } = importNetwork(readOnnx(onnx))
  const rows = [...data.labels.keys()].filter(
    (row) => data.labels[row]! < 2 && data.keVee[row]! >= edges[0] && data.keVee[row]! < edges.at(-1)!,
  )
  const recoils = selectRows(data, rows)
  const scores = nuclearMinusElectron(scoreAll(graph, recoils))
  return {
    parameters: countParameters(graph),
    bins: scoreByEnergy(recoils, scores, edges, 1).map((bin) => ({
      lowKeVee: bin.lowKeVee,
      highKeVee: bin.highKeVee,
      nuclear: bin.nuclear,
      electron: bin.electron,
      auc: bin.auc,
      nrAt90: { value: bin.efficiencyAt90.efficiency, error: bin.efficiencyAt90.error },
      nrAt99: { value: bin.efficiencyAt99.efficiency, error: bin.efficiencyAt99.error },
    })),
  }
}
