import { GemgateError } from '../../core/errors.ts'
import { GraphBuilder } from '../graph/graph-builder.ts'
import { elementCount } from '../graph/integer-graph.ts'
import { attributesOf, GraphIndex, inexact, nodeLabel, unsupported } from '../onnx/onnx-graph.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode } from '../onnx/onnx-model.ts'
import { NodeEvaluator } from '../reference/evaluate-model.ts'
import type { Tensor } from '../reference/tensor.ts'
import type { NodeCertificate, Oracle } from './certificate.ts'
import { type Constant, constantOf } from './constant.ts'
import type { View } from './view.ts'

/** What a value name stands for. A refused value carries no more than its shape. */
export type Binding = View | Constant | { readonly kind: 'refused' }

/**
 * The state of one import: what each value is, and the graph that grows.
 * @throws GemgateError GG_MODEL_FORMAT for cycles, missing values and values made twice
 */
export class Importer {
  readonly builder: GraphBuilder
  readonly index: GraphIndex
  readonly oracle: Oracle
  /** Whether the caller chose the oracle; some constructs are exact under one oracle only. */
  readonly oracleIsNamed: boolean
  readonly certificates: NodeCertificate[] = []
  readonly opset: number
  readonly #bindings = new Map<string, Binding>()
  /** Every value for zeros as inputs: shapes, and the data of constants. */
  readonly #samples = new Map<string, Tensor>()
  readonly #evaluator: NodeEvaluator

  constructor(model: OnnxModel, oracle: Oracle, oracleIsNamed: boolean) {
    this.builder = new GraphBuilder(model.graph.name || 'network')
    this.index = new GraphIndex(model.graph)
    this.oracle = oracle
    this.oracleIsNamed = oracleIsNamed
    this.opset = model.opsets.get('') ?? 1
    this.#evaluator = new NodeEvaluator(model)
    checkOrder(model.graph)
    for (const tensor of model.graph.initializers) this.bindConstant(tensor.name, constantOf(tensor))
  }

  /** Whether the oracle computes in float32 rather than with real numbers. */
  get floats(): boolean {
    return this.oracle !== 'qonnx'
  }

  binding(name: string): Binding | undefined {
    return this.#bindings.get(name)
  }

  constant(name: string): Constant | undefined {
    const binding = this.#bindings.get(name)
    return binding?.kind === 'constant' ? binding : undefined
  }

  bind(name: string, binding: Binding): void {
    this.#bindings.set(name, binding)
  }

  bindConstant(name: string, constant: Constant): void {
    this.#bindings.set(name, constant)
    this.#samples.set(name, { type: constant.type, dims: constant.shape, data: constant.values })
  }

  /** The type and shape of a value, if they are known. */
  sample(name: string): Tensor | undefined {
    return this.#samples.get(name)
  }

  setSample(name: string, tensor: Tensor): void {
    this.#samples.set(name, tensor)
  }

  /** Evaluates a node on given tensors by the definition of its operator. */
  evaluate(node: OnnxNode, values: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
    return this.#evaluator.evaluate(node, values)
  }

  /** Evaluates a node on zeros as inputs, for the shapes of what it makes. */
  evaluateSample(node: OnnxNode): void {
    for (const [name, tensor] of this.#evaluator.evaluate(node, this.#samples))
      this.#samples.set(name, tensor)
  }

  /** Finds the shapes of a refused node's results where its definition is known. */
  sampleQuietly(node: OnnxNode): void {
    if (node.outputs.some((name) => this.#samples.has(name))) return
    try {
      this.evaluateSample(node)
    } catch (error) {
      if (!(error instanceof GemgateError)) throw error
    }
  }
}

/** Every node reads only what stands before it: there are no cycles and nothing is missing. */
function checkOrder(graph: OnnxGraph): void {
  const made = new Set([...graph.initializers, ...graph.inputs].map(({ name }) => name))
  for (const node of graph.nodes) {
    for (const name of node.inputs)
      if (name !== '' && !made.has(name))
        throw new GemgateError(
          'GG_MODEL_FORMAT',
          `${nodeLabel(node)} reads '${name}', which nothing before it makes`,
          'Sort the nodes of the graph and break cycles, or export the network again.',
        )
    for (const name of node.outputs) made.add(name)
  }
}

/** One node during translation: its operands, its results, its certificate and its errors. */
export class NodeImport {
  readonly importer: Importer
  readonly node: OnnxNode

  constructor(importer: Importer, node: OnnxNode) {
    this.importer = importer
    this.node = node
  }

  get builder(): GraphBuilder {
    return this.importer.builder
  }

  get name(): string {
    return this.node.name || this.node.outputs[0] || '?'
  }

  has(at: number): boolean {
    return (this.node.inputs[at] ?? '') !== ''
  }

  operand(at: number): View | Constant {
    const binding = this.importer.binding(this.node.inputs[at] ?? '')
    if (binding === undefined) throw this.malformed(`input ${at} is missing`)
    if (binding.kind === 'refused') throw this.unsupported('it reads a refused value', 'See there.')
    return binding
  }

  /** An operand that depends on the network's inputs. */
  view(at: number): View {
    const operand = this.operand(at)
    if (operand.kind === 'constant') throw this.unsupported(`input ${at} is a constant`, 'Fold constants.')
    if (operand.logits && !this.#takesLogits())
      throw this.unsupported(
        'it follows a Softmax',
        'Softmax is exact as the last node only, or before a last ArgMax: leave out what follows it.',
      )
    return operand
  }

  constant(at: number, what: string): Constant {
    const operand = this.operand(at)
    if (operand.kind === 'constant') return operand
    throw this.unsupported(`its ${what} is computed by the network`, `Store the ${what} as a constant.`)
  }

  optionalConstant(at: number, what: string): Constant | undefined {
    return this.has(at) ? this.constant(at, what) : undefined
  }

  attributes(...known: readonly string[]): ReadonlyMap<string, OnnxAttribute> {
    return attributesOf(this.node, known)
  }

  /** The ONNX shape of a result, for batch size 1. */
  resultShape(at = 0): readonly number[] {
    return this.#resultSample(at).dims
  }

  resultType(at = 0): number {
    return this.#resultSample(at).type
  }

  /** @throws GemgateError GG_MODEL_UNSUPPORTED for a view that covers another number of elements */
  #resultSample(at: number): Tensor {
    const sample = this.importer.sample(this.node.outputs[at] ?? '')
    if (sample === undefined) throw this.malformed(`its output ${at} has no name`)
    return sample
  }

  result(binding: View | Constant, at = 0): void {
    if (binding.kind === 'view') {
      const made = binding.order?.length ?? elementCount(this.builder.value(binding.value).shape)
      if (made !== elementCount(binding.shape))
        throw this.unsupported(
          `its result has shape [${binding.shape.join(', ')}], of which ${made} elements are made`,
          'Export the network with batch size 1.',
        )
    }
    const name = this.node.outputs[at]
    if (name) this.importer.bind(name, binding)
  }

  /** Notes why this node is exact. */
  certify(certificate: Pick<NodeCertificate, 'class' | 'bound' | 'reason'>): void {
    this.importer.certificates.push({
      node: this.name,
      operator: this.node.operator,
      oracle: this.importer.oracle,
      exact: true,
      ...certificate,
    })
  }

  unsupported(reason: string, remedy: string): GemgateError {
    return unsupported(this.node, reason, remedy)
  }

  inexact(reason: string, remedy: string): GemgateError {
    return inexact(this.node, reason, remedy)
  }

  malformed(reason: string): GemgateError {
    return new GemgateError(
      'GG_MODEL_FORMAT',
      `${nodeLabel(this.node)}: ${reason}`,
      'Export the network again.',
    )
  }

  #takesLogits(): boolean {
    return ['ArgMax', 'Identity', 'Softmax', 'LogSoftmax', 'TopK'].includes(this.node.operator)
  }
}
