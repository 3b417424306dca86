import { GemgateError } from '../../core/errors.ts'
import { inexact } from '../onnx/onnx-graph.ts'
import type { OnnxModel, OnnxNode } from '../onnx/onnx-model.ts'
import {
  type ImportOptions,
  type NetworkCheck,
  type NodeVerdict,
  type Oracle,
  weakestClass,
} from './certificate.ts'
import { bindGrid, bindInputs, quantizerGrid } from './graph-inputs.ts'
import { bindOutput } from './graph-outputs.ts'
import { oraclesFor } from './import-network.ts'
import { Importer } from './importer.ts'
import { quantizeWeights } from './matrix-product.ts'
import { registerStandardTranslators } from './standard-translators.ts'
import { translateNode, untranslatable } from './translate-node.ts'
import { findTranslator } from './translators.ts'
import { weightRow } from './weights.ts'

/**
 * Looks at every node of a network, going on after a refusal at the next quantizer, and says which nodes
 * have no exact integer form and what to do about them.
 * @throws GemgateError GG_MODEL_FORMAT for a graph without inputs or with values made twice, GG_USAGE for
 *   options that make no sense
 */
export function checkNetwork(model: OnnxModel, options: ImportOptions = {}): NetworkCheck {
  let best: NetworkCheck | undefined
  for (const oracle of oraclesFor(model, options)) {
    const check = checkUnder(model, oracle, options)
    if (check.ok) return check
    if (best === undefined || refusals(check) < refusals(best)) best = check
  }
  return best!
}

function refusals(check: NetworkCheck): number {
  return check.nodes.filter((node) => node.verdict === 'refused').length
}

function checkUnder(model: OnnxModel, oracle: Oracle, options: ImportOptions): NetworkCheck {
  registerStandardTranslators()
  const importer = new Importer(model, oracle, options.oracle !== undefined)
  const nodes: NodeVerdict[] = []
  bindInputs(importer, options, (name, error) => nodes.push(refusal(name, 'Input', error)))
  for (const node of model.graph.nodes) nodes.push(checkNode(importer, node))
  for (const { name } of model.graph.outputs) {
    try {
      bindOutput(importer, name)
    } catch (error) {
      nodes.push(refusal(name, 'Output', error))
    }
  }
  const ok = nodes.every((node) => node.verdict === 'exact')
  const found = weakestClass(importer.certificates.map((one) => one.class))
  return { ok, oracle, ...(ok ? { class: found } : {}), nodes }
}

function refusal(node: string, operator: string, error: unknown): NodeVerdict {
  if (!(error instanceof GemgateError)) throw error
  return { node, operator, verdict: 'refused', code: error.code, reason: error.message, remedy: error.remedy }
}

function checkNode(importer: Importer, node: OnnxNode): NodeVerdict {
  const name = node.name || node.outputs[0] || '?'
  const { operator } = node
  const before = importer.certificates.length
  const lost = node.inputs.find((input) => importer.binding(input)?.kind === 'refused')
  if (lost !== undefined && !resume(importer, node, lost)) {
    refuseResults(importer, node)
    const own = ownRefusal(importer, node)
    if (own !== undefined) return refusal(name, operator, own)
    return { node: name, operator, verdict: 'skipped', reason: `it reads '${lost}', which is refused` }
  }
  try {
    translateNode(importer, node)
  } catch (error) {
    refuseResults(importer, node)
    return refusal(name, operator, error)
  }
  const certificates = importer.certificates.slice(before)
  if (certificates.length === 0)
    return { node: name, operator, verdict: 'exact', reason: 'it is folded into its neighbours' }
  return {
    node: name,
    operator,
    verdict: 'exact',
    class: weakestClass(certificates.map((one) => one.class)),
    reason: certificates.map((one) => one.reason).join('; '),
  }
}

/** What is wrong with a node whatever its data are: an operator without translation, float weights. */
function ownRefusal(importer: Importer, node: OnnxNode): GemgateError | undefined {
  if (findTranslator(node) === undefined) return untranslatable(node)
  const weights = ['Conv', 'Gemm', 'MatMul'].includes(node.operator)
    ? importer.constant(node.inputs[1] ?? '')
    : undefined
  if (weights === undefined) return undefined
  const reason =
    weights.quantized === undefined ? weightRow(weights, Int32Array.from(weights.values.keys())) : ''
  return typeof reason === 'string' && reason !== '' ? inexact(node, reason, quantizeWeights) : undefined
}

/** Behind a refused node a quantizer makes integers of a known range again, whatever comes in. */
function resume(importer: Importer, node: OnnxNode, lost: string): boolean {
  const sample = importer.sample(lost)
  if (sample === undefined || node.inputs[0] !== lost) return false
  try {
    const grid = quantizerGrid(importer, node)
    if (grid === undefined) return false
    bindGrid(importer, lost, sample.dims, grid)
    importer.certificates.pop()
    return true
  } catch (error) {
    if (error instanceof GemgateError) return false
    throw error
  }
}

function refuseResults(importer: Importer, node: OnnxNode): void {
  importer.sampleQuietly(node)
  for (const name of node.outputs) if (name !== '') importer.bind(name, { kind: 'refused' })
}
