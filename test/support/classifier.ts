import { readFileSync } from 'node:fs'
import { evaluate, importDense, readOnnx } from '../../src/network/index.ts'
import type { Classifier } from '../../src/trigger/datapath.ts'
import { root } from './hdl-files.ts'

/** The shipped network, from which hdl/network was generated (a test of hdl/network compares the two). */
export function shippedClassifier(): Classifier {
  const network = importDense(readOnnx(readFileSync(`${root}models/recoil-mlp.onnx`)))
  return (features, scores) => evaluate(network, features, scores)
}
