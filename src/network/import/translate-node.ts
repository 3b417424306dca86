import type { GemgateError } from '../../core/errors.ts'
import { unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxNode } from '../onnx/onnx-model.ts'
import { foldNode } from './fold-node.ts'
import { type Importer, NodeImport } from './importer.ts'
import { findTranslator } from './translators.ts'

/**
 * Translates one node.
 * @throws GemgateError with the node's name when it cannot be translated exactly
 */
export function translateNode(importer: Importer, node: OnnxNode): void {
  if (foldNode(importer, node)) return
  const context = new NodeImport(importer, node)
  const translator = findTranslator(node)
  if (translator === undefined) throw untranslatable(node)
  importer.evaluateSample(node)
  translator(context)
}

/** The error for an operator without translator. */
export function untranslatable(node: OnnxNode): GemgateError {
  const domain = node.domain === '' ? '' : ` of domain '${node.domain}'`
  return unsupported(
    node,
    `operator '${node.operator}'${domain} has no exact integer form here`,
    'Leave it out of the network, or move it behind the network to the host.',
  )
}
