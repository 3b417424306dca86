import { readFileSync } from 'node:fs'
import { evaluateGraph, importNetwork, readOnnx } from '../../src/network/index.ts'
import type { Classifier } from '../../src/trigger/datapath.ts'
import { root } from './hdl-files.ts'

/** The shipped network, from which hdl/classifier was generated (a test compares the two). */
export function shippedClassifier(): Classifier {
  const { graph } = importNetwork(readOnnx(readFileSync(`${root}models/recoil-mlp.onnx`)))
  return (features, scores) => scores.set(evaluateGraph(graph, [features])[0]!)
}
