import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/core/package-root.ts'
import type { OpenStudy, ShippedClassifier } from '../src/explore/study.ts'
import {
  type ClassifierTraining,
  classifierSources,
  classifierTraining,
  scoreClassifier,
  trainClassifier,
} from './explore-classifiers.ts'
import { StudySamples } from './explore-samples.ts'
import { TriggerMeter } from './explore-trigger.ts'
import { shippedTraining, shippedTrees } from './training/shipped.ts'

/** What `gemgate explore` trains and measures: the recoil classifiers and the trigger in simulated LIME. */
export const openStudy: OpenStudy = (options) => {
  const samples = new StudySamples(options)
  const training = classifierTraining(options.quick)
  const meter = new TriggerMeter(options.quick)
  return {
    shipped: shippedClassifiers(),
    async classifierBasis(preparation) {
      await samples.make(preparation)
      return {
        identity: classifierIdentity(samples, training),
        facts: {
          'trained on clusters': samples.train.labels.length,
          'scored on clusters': samples.test.labels.length,
          'drift of the scored': options.drift,
          'seed of training': training.network.seed,
          epochs: training.network.epochs,
        },
      }
    },
    triggerBasis: () => meter.basis,
    train: (settings) => trainClassifier(samples.train, settings, training),
    score: (onnx) => scoreClassifier(samples.test, onnx),
    measureTrigger: (choice) => meter.measure(choice),
  }
}

function classifierIdentity({ train, test }: StudySamples, training: ClassifierTraining): string {
  const hash = createHash('sha256').update(classifierSources()).update(JSON.stringify(training))
  for (const { features, labels, keVee } of [train, test]) {
    hash.update(` ${labels.length} `)
    for (const values of [features, labels, keVee])
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
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
