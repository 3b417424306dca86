import { onnxTypes } from '../onnx/onnx-model.ts'
import type { OperatorCall } from '../reference/operator-call.ts'
import { type OperatorFamily, registerOperators } from '../reference/registry.ts'
import type { Tensor } from '../reference/tensor.ts'
import { classRule } from './class-rule.ts'
import { evaluateEnsemble } from './evaluate-ensemble.ts'
import { readEnsemble } from './read-ensemble.ts'

/** The tree ensembles of ai.onnx.ml for the reference evaluator; ZipMap keeps the scores and drops the names. */
export const treeFamily: OperatorFamily = {
  TreeEnsemble: evaluateTrees,
  TreeEnsembleClassifier: evaluateTrees,
  TreeEnsembleRegressor: evaluateTrees,
  ZipMap: (call) => {
    call.ignore('classlabels_int64s', 'classlabels_strings')
    return [call.input(0)]
  },
}

registerOperators('ai.onnx.ml', treeFamily)

function evaluateTrees(call: OperatorCall): Tensor[] {
  const ensemble = readEnsemble(call.node)
  call.ignore(...call.node.attributes.map((attribute) => attribute.name))
  const input = call.input(0)
  const rows = input.dims.length < 2 ? 1 : input.dims[0]!
  const features = rows === 0 ? 0 : input.data.length / rows
  if (features < ensemble.features)
    throw call.malformed(`a test reads feature ${ensemble.features - 1} of ${features}`)
  const rule = ensemble.labels === undefined ? undefined : classRule(ensemble)
  if (rule?.kind === 'refused') throw call.refuse(rule.reason, rule.remedy)
  if (ensemble.postTransform === 'PROBIT' || ensemble.postTransform === 'SOFTMAX_ZERO')
    throw call.refuse(`post_transform ${ensemble.postTransform} is not implemented`)

  const round =
    call.precision === 'float32' && ensemble.precision === 'float32' ? Math.fround : (x: number) => x
  const scores = call.allocate([rows, ensemble.targets])
  const labels = call.allocate([rows])
  for (let row = 0; row < rows; row++) {
    call.spend(ensemble.trees.length)
    const x = input.data.subarray(row * features, (row + 1) * features).map(round)
    const result = evaluateEnsemble(ensemble, x, round)
    scores.set(result.scores, row * ensemble.targets)
    labels[row] = result.label ?? 0
  }
  const type = call.node.operator === 'TreeEnsemble' ? input.type : onnxTypes.float
  const made = call.make(type, [rows, ensemble.targets], scores)
  if (rule === undefined) return [made]
  return [call.make(onnxTypes.int64, [rows], labels), made]
}
