import { evaluateForest } from './evaluate-forest.ts'
import {
  elementCount,
  functionOf,
  type IntegerGraph,
  type Operation,
  type Value,
  type Window,
} from './integer-graph.ts'
import { applyFunction } from './scalar-function.ts'

/**
 * Evaluates a graph on one set of inputs: the specification of every implementation.
 * @param inputs one tensor for each of `graph.inputs`, row-major
 * @returns one tensor for each of `graph.outputs`
 */
export function evaluateGraph(graph: IntegerGraph, inputs: readonly ArrayLike<number>[]): Float64Array[] {
  const all = evaluateValues(graph, inputs)
  return graph.outputs.map((port) => all[port.value]!)
}

/** The elements of every value, by value number. */
export function evaluateValues(graph: IntegerGraph, inputs: readonly ArrayLike<number>[]): Float64Array[] {
  const made: Float64Array[] = []
  for (const value of graph.values) {
    const port = graph.inputs.findIndex((input) => input.value === value.id)
    made.push(port >= 0 ? Float64Array.from(inputs[port]!) : evaluateOperation(value, graph.values, made))
  }
  return made
}

function evaluateOperation(
  value: Value,
  values: readonly Value[],
  made: readonly Float64Array[],
): Float64Array {
  const operation = value.operation
  switch (operation.kind) {
    case 'input':
      throw new Error(`value ${value.id} is an input without a port`)
    case 'constant':
      return operation.elements
    case 'dense':
      return dense(operation, made[operation.source]!)
    case 'conv':
      return convolve(operation, made[operation.source]!, values[operation.source]!.shape, value.shape)
    case 'pool':
      return pool(operation, made[operation.source]!, values[operation.source]!.shape, value.shape)
    case 'sum': {
      const out = new Float64Array(elementCount(value.shape))
      for (const { source, factor } of operation.terms) {
        const x = made[source]!
        for (let i = 0; i < out.length; i++) out[i]! += x[i]! * factor
      }
      return out
    }
    case 'map': {
      const x = made[operation.source]!
      const inner = x.length / (value.shape[0] ?? 1)
      return x.map((element, i) =>
        applyFunction(functionOf(operation.functions, Math.floor(i / inner)), element),
      )
    }
    case 'rearrange': {
      const x = made[operation.source]!
      return operation.indices === undefined
        ? x
        : Float64Array.from(operation.indices, (i) => (i < 0 ? 0 : x[i]!))
    }
    case 'concat':
      return concat(
        operation.sources.map((id) => made[id]!),
        operation.sources.map((id) => values[id]!.shape),
        operation.axis,
      )
    case 'argmax':
      return argmax(made[operation.source]!, values[operation.source]!.shape, operation.axis, operation.last)
    case 'trees':
      return evaluateForest(operation.forest, made[operation.source]!)
  }
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>

function dense(operation: Of<'dense'>, x: Float64Array): Float64Array {
  const { weights, bias } = operation
  const out = new Float64Array(bias.length)
  for (let j = 0, w = 0; j < out.length; j++) {
    let sum = bias[j]!
    for (let i = 0; i < x.length; i++, w++) sum += weights[w]! * x[i]!
    out[j] = sum
  }
  return out
}

function convolve(
  operation: Of<'conv'>,
  x: Float64Array,
  from: readonly number[],
  to: readonly number[],
): Float64Array {
  const { weights, bias, groups, window } = operation
  const [channels, height, width] = from as [number, number, number]
  const [outputs, rows, columns] = to as [number, number, number]
  const group = channels / groups
  const area = window.kernel[0] * window.kernel[1]
  const out = new Float64Array(outputs * rows * columns)
  for (let m = 0; m < outputs; m++) {
    const first = Math.floor((m * groups) / outputs) * group
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let sum = bias[m]!
        eachInside(window, r, c, height, width, (offset, k) => {
          for (let g = 0; g < group; g++)
            sum += weights[(m * group + g) * area + k]! * x[(first + g) * height * width + offset]!
        })
        out[(m * rows + r) * columns + c] = sum
      }
  }
  return out
}

function pool(
  operation: Of<'pool'>,
  x: Float64Array,
  from: readonly number[],
  to: readonly number[],
): Float64Array {
  const [, height, width] = from as [number, number, number]
  const [channels, rows, columns] = to as [number, number, number]
  const out = new Float64Array(channels * rows * columns)
  for (let m = 0; m < channels; m++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        let result = operation.mode === 'max' ? Number.NEGATIVE_INFINITY : 0
        eachInside(operation.window, r, c, height, width, (offset) => {
          const element = x[m * height * width + offset]!
          result = operation.mode === 'max' ? Math.max(result, element) : result + element
        })
        out[(m * rows + r) * columns + c] = result
      }
  return out
}

/** Calls `visit` for each position of the window that lies inside the picture. */
function eachInside(
  window: Window,
  row: number,
  column: number,
  height: number,
  width: number,
  visit: (offset: number, kernelIndex: number) => void,
): void {
  const [kernelHeight, kernelWidth] = window.kernel
  for (let a = 0; a < kernelHeight; a++) {
    const y = row * window.strides[0] - window.pads[0] + a * window.dilations[0]
    if (y < 0 || y >= height) continue
    for (let b = 0; b < kernelWidth; b++) {
      const x = column * window.strides[1] - window.pads[1] + b * window.dilations[1]
      if (x >= 0 && x < width) visit(y * width + x, a * kernelWidth + b)
    }
  }
}

function concat(
  tensors: readonly Float64Array[],
  shapes: readonly (readonly number[])[],
  axis: number,
): Float64Array {
  const outer = elementCount(shapes[0]!.slice(0, axis))
  const chunks = tensors.map((tensor) => tensor.length / outer)
  const stride = chunks.reduce((sum, size) => sum + size, 0)
  const out = new Float64Array(outer * stride)
  let offset = 0
  tensors.forEach((tensor, t) => {
    for (let o = 0; o < outer; o++)
      out.set(tensor.subarray(o * chunks[t]!, (o + 1) * chunks[t]!), o * stride + offset)
    offset += chunks[t]!
  })
  return out
}

function argmax(x: Float64Array, shape: readonly number[], axis: number, last: boolean): Float64Array {
  const size = shape[axis]!
  const inner = elementCount(shape.slice(axis + 1))
  const outer = elementCount(shape.slice(0, axis))
  const out = new Float64Array(outer * inner)
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = (k: number): number => x[(o * size + k) * inner + i]!
      let best = 0
      for (let k = 1; k < size; k++) if (at(k) > at(best) || (last && at(k) === at(best))) best = k
      out[o * inner + i] = best
    }
  return out
}
