import {
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  onnxTypes,
} from '../onnx/onnx-model.ts'
import { packTensor, packValues } from '../onnx/onnx-tensor.ts'
import type { FloatNetwork, FloatStep, LinearStep } from './float-step.ts'
import { type Grid, gridRange } from './grid.ts'
import type { QuantizedLinear } from './quantize-weights.ts'

/** What turns a float network into a quantized one. */
export interface QuantizationPlan {
  /** The grid of every value that lies on one. */
  readonly grids: ReadonlyMap<string, Grid>
  readonly linear: ReadonlyMap<FloatStep, QuantizedLinear>
  /** 'integer': the graph inputs and outputs are integers themselves. */
  readonly border: 'float' | 'integer'
}

/** Operator sets: 21 has quantizers to 16 bits; ONNX Runtime and others know 17 for longer. */
const opsets = { wide: { opset: 21, irVersion: 10 }, narrow: { opset: 17, irVersion: 8 } }

/**
 * A network of steps as ONNX, value names kept: in float32, or with a plan in QDQ form (QCDQ below 8 bits).
 * There every value on a grid has a quantizer, moved ones too (ONNX Runtime's optimiser wants it so); the
 * dequantized value keeps its name and `NAME.real` is what enters the quantizer.
 */
export function writeSteps(network: FloatNetwork, plan?: QuantizationPlan): OnnxModel {
  const wide = plan !== undefined && [...plan.grids.values()].some(({ bits }) => bits > 8)
  const { opset, irVersion } = wide ? opsets.wide : opsets.narrow
  const writer = new StepWriter(network, plan)
  for (const input of network.inputs) writer.input(input.name)
  for (const step of network.steps) writer.step(step)
  for (const output of network.outputs) writer.output(output.name)
  const typed = (name: string): number => {
    if (network.steps.some((step) => step.output === name && step.what.kind === 'argmax'))
      return onnxTypes.int64
    const grid = plan?.border === 'integer' ? plan.grids.get(name) : undefined
    return grid === undefined ? onnxTypes.float : carrierType(grid)
  }
  return {
    irVersion,
    producer: 'gemgate',
    opsets: new Map([['', opset]]),
    metadata: new Map(),
    graph: {
      name: network.name,
      nodes: writer.nodes,
      initializers: writer.tensors,
      inputs: network.inputs.map(({ name, dims }) => ({ name, type: typed(name), dims })),
      outputs: network.outputs.map(({ name, dims }) => ({ name, type: typed(name), dims })),
    },
  }
}

/** The element type that carries the integers of a grid. */
export function carrierType({ bits, signed }: Grid): number {
  if (bits > 8) return signed ? onnxTypes.int16 : onnxTypes.uint16
  return signed ? onnxTypes.int8 : onnxTypes.uint8
}

const ints = (name: string, ...value: number[]): OnnxAttribute => ({ name, kind: 'ints', value })
const int = (name: string, value: number): OnnxAttribute => ({ name, kind: 'int', value })

class StepWriter {
  readonly nodes: OnnxNode[] = []
  readonly tensors: OnnxTensor[] = []
  readonly #plan: QuantizationPlan | undefined
  /** Graph inputs are read behind their quantizers. */
  readonly #read = new Map<string, string>()
  readonly #outputs: ReadonlySet<string>
  readonly #names = new Set<string>()

  constructor(network: FloatNetwork, plan: QuantizationPlan | undefined) {
    this.#plan = plan
    this.#outputs = new Set(network.outputs.map((output) => output.name))
  }

  input(name: string): void {
    const grid = this.#plan?.grids.get(name)
    if (grid === undefined) return
    const real = `${name}.dequantized`
    const integer = this.#plan?.border === 'integer' ? name : this.#quantize(name, name, grid)
    this.#dequantize(integer, name, grid, real)
    this.#read.set(name, real)
  }

  step(step: FloatStep): void {
    const inputs = step.inputs.map((name) => this.#read.get(name) ?? name)
    const grid = this.#plan?.grids.get(step.output)
    const made = grid === undefined ? step.output : `${step.output}.real`
    this.#emit(step, inputs, made)
    if (grid === undefined) return
    if (this.#plan?.border === 'integer' && this.#outputs.has(step.output)) {
      this.#quantize(made, step.output, grid, step.output)
      // What else reads the value reads it as a number.
      this.#dequantize(step.output, step.output, grid, `${step.output}.dequantized`)
      this.#read.set(step.output, `${step.output}.dequantized`)
    } else this.#dequantize(this.#quantize(made, step.output, grid), step.output, grid, step.output)
  }

  /** Takes away a dequantizer that nothing reads. */
  output(name: string): void {
    const unread = `${name}.dequantized`
    if (this.nodes.some((node) => node.inputs.includes(unread))) return
    const at = this.nodes.findIndex((node) => node.outputs[0] === unread)
    if (at >= 0) this.nodes.splice(at, 1)
  }

  #emit(step: FloatStep, inputs: readonly string[], output: string): void {
    const { what, name } = step
    switch (what.kind) {
      case 'linear':
        this.#linear(step, what, inputs[0]!, output)
        break
      case 'clamp': {
        const relu = what.min === 0 && what.max === Number.POSITIVE_INFINITY
        const limits = relu ? [] : [this.#limit(what.min, 'min', name), this.#limit(what.max, 'max', name)]
        this.#node(relu ? 'Relu' : 'Clip', name, [...inputs, ...limits], output)
        break
      }
      case 'add':
        this.#node('Add', name, inputs, output)
        break
      case 'concat':
        this.#node('Concat', name, inputs, output, [int('axis', what.axis)])
        break
      case 'reshape': {
        const dims = [what.dims.length + 1]
        const shape = packValues(this.#unique(`${name}.shape`), onnxTypes.int64, dims, [0, ...what.dims])
        this.#node('Reshape', name, [...inputs, this.#constant(shape)], output)
        break
      }
      case 'affine':
        throw new Error(`step '${name}' was not folded`)
      default:
        this.nodes.push({ ...what.node, name, inputs, outputs: [output] })
    }
  }

  #limit(value: number, side: string, name: string): string {
    if (!Number.isFinite(value)) return ''
    return this.#constant(packTensor(this.#unique(`${name}.${side}`), [], Float32Array.of(value)))
  }

  #linear(step: FloatStep, what: LinearStep, input: string, output: string): void {
    const operator = what.form === 'gemm' ? 'Gemm' : 'Conv'
    const quantized = this.#plan?.linear.get(step)
    const bias = [what.dims[0]!]
    const weights =
      quantized === undefined
        ? [
            this.#constant(
              packValues(this.#unique(`${step.name}.weights`), onnxTypes.float, what.dims, what.weights),
            ),
            this.#constant(packValues(this.#unique(`${step.name}.bias`), onnxTypes.float, bias, what.bias)),
          ]
        : this.#quantizedWeights(step, what, quantized)
    const attributes = what.form === 'gemm' ? [int('transB', 1)] : kernelFirst(what)
    this.#node(operator, step.name, [input, ...weights], output, attributes)
  }

  #quantizedWeights(step: FloatStep, what: LinearStep, quantized: QuantizedLinear): string[] {
    const input = this.#plan!.grids.get(step.inputs[0]!)!
    const parts = [
      ['weights', packTensor(this.#unique(`${step.name}.weights`), what.dims, quantized.weights), 0],
      [
        'bias',
        packTensor(this.#unique(`${step.name}.bias`), [what.dims[0]!], quantized.bias),
        input.exponent,
      ],
    ] as const
    return parts.map(([part, tensor, offset]) => {
      const name = `${step.name}.${part}`
      const scales = Float32Array.from(quantized.exponents, (exponent) => 2 ** (exponent + offset))
      const dims = scales.length === 1 ? [] : [scales.length]
      const scale = this.#constant(packTensor(this.#unique(`${name}.scale`), dims, scales))
      const zeros = new Float64Array(scales.length)
      const zero = this.#constant(packValues(this.#unique(`${name}.zero`), tensor.type, dims, zeros))
      const real = this.#unique(`${name}.real`)
      const axis = dims.length === 0 ? [] : [int('axis', 0)]
      this.#node('DequantizeLinear', real, [this.#constant(tensor), scale, zero], real, axis)
      return real
    })
  }

  #quantize(value: string, name: string, grid: Grid, output?: string): string {
    const quantizer = `${name}.quantize`
    const [min, max] = gridRange(grid)
    const narrow = grid.bits !== 8 && grid.bits !== 16
    const integer = narrow || output === undefined ? this.#unique(`${name}.integer`) : output
    this.#node('QuantizeLinear', quantizer, [value, ...this.#gridTensors(name, grid)], integer)
    if (!narrow) return integer
    const type = carrierType(grid)
    const limits = [min, max].map((limit, k) =>
      this.#constant(packValues(this.#unique(`${name}.${k === 0 ? 'low' : 'high'}`), type, [], [limit])),
    )
    const clipped = output ?? this.#unique(`${name}.clipped`)
    this.#node('Clip', `${name}.clip`, [integer, ...limits], clipped)
    return clipped
  }

  #dequantize(integer: string, name: string, grid: Grid, output: string): void {
    this.#node('DequantizeLinear', `${name}.dequantize`, [integer, ...this.#gridTensors(name, grid)], output)
  }

  /** Scale and zero point of a value; both quantizers of a value share them. */
  #gridTensors(name: string, grid: Grid): [string, string] {
    const [scale, zero] = [`${name}.scale`, `${name}.zero`]
    if (!this.#names.has(scale)) {
      this.#constant(packTensor(this.#unique(scale), [], Float32Array.of(2 ** grid.exponent)))
      this.#constant(packValues(this.#unique(zero), carrierType(grid), [], [0]))
    }
    return [scale, zero]
  }

  #node(
    operator: string,
    name: string,
    inputs: readonly string[],
    output: string,
    attributes: readonly OnnxAttribute[] = [],
  ): void {
    this.nodes.push({ name, operator, domain: '', inputs, outputs: [output], attributes })
  }

  #constant(tensor: OnnxTensor): string {
    this.tensors.push(tensor)
    return tensor.name
  }

  #unique(name: string): string {
    let free = name
    for (let k = 2; this.#names.has(free); k++) free = `${name}.${k}`
    this.#names.add(free)
    return free
  }
}

/** The attributes of a convolution with the kernel's shape spelled out. */
function kernelFirst({ dims, attributes }: LinearStep): OnnxAttribute[] {
  return [ints('kernel_shape', ...dims.slice(2)), ...attributes.filter(({ name }) => name !== 'kernel_shape')]
}
