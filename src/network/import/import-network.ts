import { GemgateError } from '../../core/errors.ts'
import type { IntegerGraph } from '../graph/integer-graph.ts'
import type { OnnxModel } from '../onnx/onnx-model.ts'
import { type Certificate, type ImportOptions, type Oracle, weakestClass } from './certificate.ts'
import { bindInputs } from './graph-inputs.ts'
import { bindOutputs } from './graph-outputs.ts'
import { Importer } from './importer.ts'
import { registerStandardTranslators } from './standard-translators.ts'
import { translateNode } from './translate-node.ts'

/** An integer graph and why it equals its file. */
export interface ImportedNetwork {
  readonly graph: IntegerGraph
  readonly certificate: Certificate
}

/**
 * Translates a quantized ONNX network into integers and proves that they are those of the named oracle.
 * Without a named oracle: 'qonnx' for files with QONNX operators; else 'qdq-float', and 'fused' when that is
 * refused as inexact.
 * @throws GemgateError GG_MODEL_INEXACT when there is no exact integer form, GG_MODEL_UNSUPPORTED for
 *   operators that are not implemented, GG_MODEL_FORMAT for a file that contradicts itself; each names the
 *   node and the remedy
 */
export function importNetwork(model: OnnxModel, options: ImportOptions = {}): ImportedNetwork {
  const [first, ...others] = oraclesFor(model, options)
  try {
    return importUnder(model, first!, options)
  } catch (error) {
    if (!(error instanceof GemgateError) || error.code !== 'GG_MODEL_INEXACT') throw error
    for (const oracle of others) {
      try {
        return importUnder(model, oracle, options)
      } catch (again) {
        if (!(again instanceof GemgateError)) throw again
        if (again.code !== 'GG_MODEL_INEXACT') throw error
        throw bothRefused(error, again, oracle)
      }
    }
    throw error
  }
}

/** What the strongest oracle refuses, and why the other does not help. */
function bothRefused(error: GemgateError, again: GemgateError, oracle: Oracle): GemgateError {
  if (again.message === error.message) return error
  return new GemgateError(
    'GG_MODEL_INEXACT',
    `${error.message}; under the oracle '${oracle}': ${again.message}`,
    again.remedy === error.remedy ? error.remedy : `${error.remedy} Or: ${again.remedy}`,
    { cause: error },
  )
}

/** The oracles to try, the strongest first. */
export function oraclesFor(model: OnnxModel, options: ImportOptions): readonly Oracle[] {
  if (options.oracle !== undefined) return [options.oracle]
  const quantized = ['QLinearConv', 'QLinearMatMul', 'QGemm', 'QLinearAdd', 'QLinearGlobalAveragePool']
  const qonnx = ['Quant', 'IntQuant', 'BipolarQuant', 'Trunc', 'MultiThreshold']
  const has = (names: readonly string[]): boolean =>
    model.graph.nodes.some((node) => names.includes(node.operator))
  if (has(qonnx)) return ['qonnx']
  return has(quantized) ? ['fused'] : ['qdq-float', 'fused']
}

function importUnder(model: OnnxModel, oracle: Oracle, options: ImportOptions): ImportedNetwork {
  registerStandardTranslators()
  const importer = new Importer(model, oracle, options.oracle !== undefined)
  bindInputs(importer, options)
  for (const node of model.graph.nodes) translateNode(importer, node)
  bindOutputs(importer)
  const perNode = importer.certificates
  return {
    graph: importer.builder.build(),
    certificate: { oracle, class: weakestClass(perNode.map((one) => one.class)), perNode },
  }
}
