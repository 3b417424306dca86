import type { OnnxNode } from '../onnx/onnx-model.ts'
import { qonnxDomains } from '../reference/registry.ts'
import type { NodeImport } from './importer.ts'

/**
 * Translates one node: reads `context.view`, `context.constant`, emits operations with `context.builder`,
 * binds `context.result`, and notes a certificate for what it computes.
 * @throws GemgateError when the node has no exact integer form
 */
export type Translator = (context: NodeImport) => void

const translators = new Map<string, Translator>()

/** Adds the translators of a domain ('' is ONNX itself), or replaces them. */
export function registerTranslators(domain: string, family: Readonly<Record<string, Translator>>): void {
  for (const [operator, translator] of Object.entries(family))
    translators.set(`${domain}:${operator}`, translator)
}

/** Adds translators of QONNX operators in every spelling of their domain. */
export function registerQonnxTranslators(family: Readonly<Record<string, Translator>>): void {
  for (const domain of qonnxDomains) registerTranslators(domain, family)
}

export function findTranslator(node: OnnxNode): Translator | undefined {
  return translators.get(`${node.domain}:${node.operator}`)
}
