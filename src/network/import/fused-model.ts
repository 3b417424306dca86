import { clamp, roundQuotient } from '../graph/scalar-function.ts'
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from '../onnx/onnx-model.ts'
import { onnxTypes } from '../onnx/onnx-model.ts'
import { allIntegerRanges, packTensor, packValues } from '../onnx/onnx-tensor.ts'
import type { Constant } from './constant.ts'
import { foldNode } from './fold-node.ts'
import { type FusedGroup, type FusedSurroundings, fusedAverage, fusedGroup, isClip } from './fused-groups.ts'
import { Importer } from './importer.ts'

/**
 * The oracle 'fused' as a file that any ONNX Runtime evaluates, optimised or not: every group of
 * DequantizeLinear, Conv/Gemm/MatMul/GlobalAveragePool, QuantizeLinear becomes one QLinearConv, QGemm,
 * QLinearMatMul or QLinearGlobalAveragePool, a Relu or Clip inside it a Clip of integers behind it.
 * Everything else stays as it is.
 * @throws GemgateError GG_MODEL_FORMAT for constants that cannot be read
 */
export function fusedModel(model: OnnxModel): OnnxModel {
  const importer = new Importer(model, 'fused', true)
  const constant = (name: string): Constant | undefined => importer.constant(name)
  for (const node of model.graph.nodes) foldNode(importer, node)
  const writer = new GroupWriter(constant)
  const replaced = new Map<OnnxNode, readonly OnnxNode[]>()
  for (const node of model.graph.nodes) {
    if (node.domain !== '') continue
    if (node.operator === 'GlobalAveragePool') {
      const average = fusedAverage(importer.index, node, constant)
      if (typeof average === 'string') continue
      for (const part of [node, ...average.between]) replaced.set(part, [])
      replaced.set(average.quantizer!, writer.writeAverage(node, average))
    }
    if (!['Conv', 'Gemm', 'MatMul'].includes(node.operator)) continue
    const group = fusedGroup(importer.index, node, constant)
    if (typeof group === 'string') continue
    for (const part of [group.matrix, group.add, ...group.between])
      if (part !== undefined) replaced.set(part, [])
    replaced.set(group.quantizer ?? group.add ?? group.matrix, writer.write(group))
  }
  const opsets = new Map(model.opsets).set('com.microsoft', 1)
  const nodes = model.graph.nodes.flatMap((node) => replaced.get(node) ?? [node])
  return {
    ...model,
    opsets,
    graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...writer.tensors] },
  }
}

/** Writes groups as fused operators with constants of their own. */
class GroupWriter {
  readonly tensors: OnnxTensor[] = []
  readonly #constant: (name: string) => Constant | undefined
  #count = 0

  constructor(constant: (name: string) => Constant | undefined) {
    this.#constant = constant
  }

  write(group: FusedGroup): OnnxNode[] {
    const { weights, weightScales, bias: integers } = group
    const outputs = weightScales.length
    const uniform = weightScales.every((scale) => scale === weightScales[0])
    const dims = uniform ? [] : [outputs]
    const stored = uniform ? weightScales.slice(0, 1) : weightScales
    const w = this.#tensor('weights', (name) =>
      packTensor(name, weights.shape, Int8Array.from(weights.quantized!.integers)),
    )
    const wScale = this.#tensor('weight_scale', (name) => packTensor(name, dims, Float32Array.from(stored)))
    const wZero = this.#tensor('weight_zero', (name) => packTensor(name, dims, new Int8Array(stored.length)))
    const bias =
      integers === undefined
        ? ''
        : this.#tensor('bias', (name) => packTensor(name, [outputs], Int32Array.from(integers)))
    const x = group.data.inputs
    const xZero = x[2] || this.#zero(group.dataType)
    const y = group.quantizer === undefined ? [] : [group.quantizer.inputs[1]!, this.#resultZero(group)]
    const last = (group.quantizer ?? group.add ?? group.matrix).outputs[0]!
    const before = this.#onIntegers(group.before, x[0]!)
    const made = group.between.length === 0 ? last : `${last}.fused`
    const data = [before.at(-1)?.outputs[0] ?? x[0]!, x[1]!, xZero, w, wScale, wZero]
    const inputs = group.operator === 'QGemm' ? [...data, bias, ...y] : [...data, ...y, bias]
    while (inputs.at(-1) === '') inputs.pop()
    const fused: OnnxNode = {
      name: `${group.matrix.name || last}.fused`,
      operator: group.operator,
      domain: group.operator === 'QGemm' ? 'com.microsoft' : '',
      inputs,
      outputs: [rawName(group, made)],
      attributes: attributesFor(group),
    }
    return [...before, fused, ...this.#retype(group, made), ...this.#between(group, made, last)]
  }

  /** The zero point of the fused operator, whose result has the type of its data. */
  #resultZero(group: FusedSurroundings): string {
    const zero = this.#constant(group.quantizer!.inputs[2] ?? '')?.values[0] ?? 0
    const value = zero - typeOffset(group)
    return this.#tensor('zero', (name) => packValues(name, group.dataType, [], Float64Array.of(value)))
  }

  /** Turns int8 results into uint8 ones, or the other way: 128 more or less, zero point included. */
  #retype(group: FusedSurroundings, made: string): OnnxNode[] {
    const offset = typeOffset(group)
    if (offset === 0) return []
    const raw = rawName(group, made)
    const addend = this.#tensor('offset', (name) => packTensor(name, [], Int32Array.of(offset)))
    const cast = (from: string, to: string, type: number): OnnxNode => ({
      name: `${to}.cast`,
      operator: 'Cast',
      domain: '',
      inputs: [from],
      outputs: [to],
      attributes: [{ name: 'to', kind: 'int', value: type }],
    })
    const [wide, sum] = [`${raw}.wide`, `${raw}.sum`]
    const add: OnnxNode = {
      name: sum,
      operator: 'Add',
      domain: '',
      inputs: [wide, addend],
      outputs: [sum],
      attributes: [],
    }
    return [cast(raw, wide, onnxTypes.int32), add, cast(sum, made, group.resultType!)]
  }

  /** Clips become clips of integers; the rest is the same on integers. */
  #between(group: FusedSurroundings, first: string, last: string): OnnxNode[] {
    let value = first
    return group.between.map((node, k) => {
      const name = k === group.between.length - 1 ? last : `${first}.${k}`
      const inputs = isClip(node) ? [value, ...this.#limitsOf(group, node)] : [value, ...node.inputs.slice(1)]
      value = name
      const clip = isClip(node) ? { operator: 'Clip', attributes: [] } : {}
      return { ...node, ...clip, name: `${name}.integer`, inputs, outputs: [name] }
    })
  }

  /** Copies of nodes that move data, on integers. */
  #onIntegers(nodes: readonly OnnxNode[], first: string): OnnxNode[] {
    let value = first
    return nodes.map((node) => {
      const name = `${node.outputs[0]}.integer.${this.#count++}`
      const copy = { ...node, name, inputs: [value, ...node.inputs.slice(1)], outputs: [name] }
      value = name
      return copy
    })
  }

  /** A GlobalAveragePool and its surroundings. */
  writeAverage(node: OnnxNode, group: FusedSurroundings): OnnxNode[] {
    const [x, scale, zero] = group.data.inputs
    const before = this.#onIntegers(group.before, x!)
    const last = group.quantizer!.outputs[0]!
    const made = group.between.length === 0 ? last : `${last}.fused`
    const average: OnnxNode = {
      name: `${node.name || last}.fused`,
      operator: 'QLinearGlobalAveragePool',
      domain: 'com.microsoft',
      inputs: [
        before.at(-1)?.outputs[0] ?? x!,
        scale!,
        zero || this.#zero(group.dataType),
        group.quantizer!.inputs[1]!,
        this.#resultZero(group),
      ],
      outputs: [rawName(group, made)],
      attributes: [],
    }
    return [...before, average, ...this.#retype(group, made), ...this.#between(group, made, last)]
  }

  #tensor(what: string, make: (name: string) => OnnxTensor): string {
    const tensor = make(`gemgate.fused.${what}.${this.#count++}`)
    this.tensors.push(tensor)
    return tensor.name
  }

  #zero(type: number): string {
    return this.#tensor('zero', (name) => packValues(name, type, [], Float64Array.of(0)))
  }

  /** The limits of a clip as integers of the group's result. */
  #limitsOf(group: FusedSurroundings, clip: OnnxNode): readonly [string, string] {
    const quantizer = group.quantizer!
    const type = group.resultType!
    const scale = this.#constant(quantizer.inputs[1]!)!.values[0]!
    const zero = this.#constant(quantizer.inputs[2] ?? '')?.values[0] ?? 0
    const [lowest, highest] = allIntegerRanges.get(type)!
    const quantized = (x: number): number =>
      roundQuotient(
        clamp(Math.fround(Math.fround(x) / scale), lowest - zero, highest - zero),
        0,
        'half-even',
      ) + zero
    const [low, high] = this.#limits(clip)
    const limit = (value: number): string =>
      this.#tensor('limit', (name) => packValues(name, type, [], Float64Array.of(value)))
    return [limit(quantized(low)), limit(quantized(high))]
  }

  #limits(clip: OnnxNode): readonly [number, number] {
    if (clip.operator === 'Relu') return [0, Number.POSITIVE_INFINITY]
    const at = (index: number, name: string, missing: number): number => {
      const attribute = clip.attributes.find((one) => one.name === name)
      if (attribute?.kind === 'float') return attribute.value
      return this.#constant(clip.inputs[index] ?? '')?.values[0] ?? missing
    }
    return [at(1, 'min', Number.NEGATIVE_INFINITY), at(2, 'max', Number.POSITIVE_INFINITY)]
  }
}

/** What has to be added to an integer of the data's type to make one of the result's. */
function typeOffset({ dataType, resultType }: FusedSurroundings): number {
  if (resultType === undefined || dataType === resultType) return 0
  return resultType === onnxTypes.uint8 ? 128 : -128
}

function rawName(group: FusedSurroundings, made: string): string {
  return typeOffset(group) === 0 ? made : `${made}.raw`
}

function attributesFor({ matrix, operator }: FusedGroup): readonly OnnxAttribute[] {
  if (operator === 'QLinearConv') return matrix.attributes
  if (operator === 'QLinearMatMul') return []
  return matrix.attributes.filter(({ name }) => name === 'transA' || name === 'transB')
}
