import { GemgateError } from '../../core/errors.ts'
import {
  elementCount,
  functionOf,
  type Operation,
  type Range,
  rangeOf,
  type Value,
  type Window,
} from './integer-graph.ts'
import { applyFunction, type ScalarFunction } from './scalar-function.ts'

/**
 * The ranges of what an operation makes from values with known ranges; never too narrow, and for a linear
 * operation on independent inputs exact. `input` and `constant` values bring their own.
 * @throws GemgateError GG_MODEL_UNSUPPORTED when an element could reach 2^53
 */
export function operationRanges(
  operation: Exclude<Operation, { kind: 'input' }>,
  values: readonly Value[],
  shape: readonly number[],
): Range[] {
  const ranges = shrink(rawRanges(operation, values, shape))
  for (const range of ranges)
    if (range.min <= -(2 ** 53) || range.max >= 2 ** 53)
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `a sum can reach ${Math.max(-range.min, range.max)}, beyond 2^53`,
        'Use fewer inputs or narrower numbers.',
      )
  return ranges
}

function rawRanges(
  operation: Exclude<Operation, { kind: 'input' }>,
  values: readonly Value[],
  shape: readonly number[],
): Range[] {
  switch (operation.kind) {
    case 'constant':
      return [hull(Array.from(operation.elements, (x) => exactly(x)))]
    case 'dense': {
      const source = values[operation.source]!
      const inputs = elementCount(source.shape)
      const inner = inputs / (source.shape[0] ?? 1)
      const at = (i: number): Range => rangeOf(source, Math.floor(i / inner))
      return Array.from(operation.bias, (bias, j) =>
        linear(bias, operation.weights.subarray(j * inputs, (j + 1) * inputs), at),
      )
    }
    case 'conv': {
      const source = values[operation.source]!
      const group = source.shape[0]! / operation.groups
      const outputsPerGroup = operation.bias.length / operation.groups
      const area = operation.window.kernel[0] * operation.window.kernel[1]
      const padded = operation.window.pads.some((pad) => pad > 0)
      return Array.from(operation.bias, (bias, m) => {
        const first = Math.floor(m / outputsPerGroup) * group
        const at = (i: number): Range => {
          const range = rangeOf(source, first + Math.floor(i / area))
          return padded ? hull([range, exactly(0)]) : range
        }
        const size = group * area
        return linear(bias, operation.weights.subarray(m * size, (m + 1) * size), at)
      })
    }
    case 'pool':
      return values[operation.source]!.ranges.map((range) =>
        operation.mode === 'max' ? range : windowSum(range, operation.window),
      )
    case 'sum': {
      const channels = operation.terms.some((term) => values[term.source]!.ranges.length > 1) ? shape[0]! : 1
      return Array.from({ length: channels }, (_, c) => {
        const factors = operation.terms.map((term) => term.factor)
        return linear(0, factors, (t) => rangeOf(values[operation.terms[t]!.source]!, c))
      })
    }
    case 'map': {
      const source = values[operation.source]!
      const channels = Math.max(operation.functions.length, source.ranges.length)
      return Array.from({ length: channels }, (_, c) =>
        functionRange(functionOf(operation.functions, c), rangeOf(source, c)),
      )
    }
    case 'rearrange': {
      const source = values[operation.source]!
      const padded = operation.indices?.some((index) => index < 0) ?? false
      if (source.ranges.length === 1)
        return padded ? [hull([source.ranges[0]!, exactly(0)])] : [source.ranges[0]!]
      const inner = elementCount(source.shape) / source.shape[0]!
      const channels = shape[0] ?? 1
      const perChannel = elementCount(shape) / channels
      return Array.from({ length: channels }, (_, c) => {
        const seen = new Set<number>()
        for (let i = c * perChannel; i < (c + 1) * perChannel; i++) {
          const from = operation.indices === undefined ? i : operation.indices[i]!
          seen.add(from < 0 ? -1 : Math.floor(from / inner))
        }
        return hull([...seen].map((from) => (from < 0 ? exactly(0) : rangeOf(source, from))))
      })
    }
    case 'concat': {
      const sources = operation.sources.map((id) => values[id]!)
      if (operation.axis > 0) return [hull(sources.flatMap((source) => source.ranges))]
      return sources.flatMap((source) =>
        Array.from({ length: source.shape[0]! }, (_, c) => rangeOf(source, c)),
      )
    }
    case 'argmax':
      return [{ min: 0, max: values[operation.source]!.shape[operation.axis]! - 1, step: 1 }]
    case 'trees': {
      const { base, trees } = operation.forest
      return Array.from(base, (start, target) => {
        let sum = exactly(start)
        for (const tree of trees) {
          const leaves = tree.nodes.filter((node) => node.kind === 'leaf')
          const made = leaves.map((leaf) =>
            exactly(leaf.weights.reduce((w, weight, k) => w + (leaf.targets[k] === target ? weight : 0), 0)),
          )
          sum = add(sum, hull(made))
        }
        return sum
      })
    }
  }
}

/** One range for all when all are the same. */
function shrink(ranges: Range[]): Range[] {
  const first = ranges[0]!
  const same = ranges.every((r) => r.min === first.min && r.max === first.max && r.step === first.step)
  return same ? [first] : ranges
}

/** The largest power of two that divides x; 2^53 for 0, which every step divides. */
export function powerOfTwoDivisor(x: number): number {
  if (x === 0) return 2 ** 53
  let step = 1
  while (x % (step * 2) === 0) step *= 2
  return step
}

export function exactly(x: number): Range {
  return { min: x, max: x, step: powerOfTwoDivisor(x) }
}

/** The smallest range that holds all of them. */
export function hull(ranges: readonly Range[]): Range {
  let { min, max, step } = ranges[0]!
  for (const range of ranges) {
    min = Math.min(min, range.min)
    max = Math.max(max, range.max)
    step = Math.min(step, range.step)
  }
  return { min, max, step }
}

export function add(a: Range, b: Range): Range {
  return { min: a.min + b.min, max: a.max + b.max, step: Math.min(a.step, b.step) }
}

export function scale(range: Range, factor: number): Range {
  const ends = [range.min * factor + 0, range.max * factor + 0]
  const step = factor === 0 ? 2 ** 53 : Math.min(2 ** 53, range.step * powerOfTwoDivisor(factor))
  return { min: Math.min(...ends), max: Math.max(...ends), step }
}

function linear(bias: number, factors: ArrayLike<number>, at: (index: number) => Range): Range {
  let sum = exactly(bias)
  for (let i = 0; i < factors.length; i++) if (factors[i] !== 0) sum = add(sum, scale(at(i), factors[i]!))
  return sum
}

function windowSum(range: Range, window: Window): Range {
  const area = window.kernel[0] * window.kernel[1]
  const padded = window.pads.some((pad) => pad > 0)
  const one = padded ? hull([range, exactly(0)]) : range
  return { min: one.min * area, max: one.max * area, step: one.step }
}

/** The range of a function's results over a range of arguments. */
export function functionRange(f: ScalarFunction, range: Range): Range {
  switch (f.kind) {
    case 'affine':
      return add(scale(range, f.multiply), exactly(f.add))
    case 'round': {
      const ends = [applyFunction(f, range.min), applyFunction(f, range.max)]
      const step = Math.max(1, Math.min(2 ** 53, range.step / 2 ** f.shift))
      return { min: ends[0]!, max: ends[1]!, step: unclamped(f, range) ? step : 1 }
    }
    case 'multiply-shift':
    case 'float32-scale': {
      const ends = [applyFunction(f, range.min), applyFunction(f, range.max)]
      return { min: Math.min(...ends), max: Math.max(...ends), step: 1 }
    }
    case 'thresholds': {
      const reached: Range[] = [exactly(applyFunction(f, range.min))]
      f.thresholds.forEach((threshold, k) => {
        if (threshold > range.min && threshold <= range.max)
          reached.push(exactly(applyFunction(f, threshold)), exactly(f.outputs[k + 1]!))
      })
      return hull(reached)
    }
    case 'table': {
      const place = (x: number): number => Math.max(0, Math.min(f.outputs.length - 1, x - f.first))
      const first = place(range.min)
      const last = place(range.max)
      return hull(Array.from(f.outputs.subarray(first, last + 1), (x) => exactly(x)))
    }
  }
}

function unclamped(
  f: { readonly min: number; readonly max: number; readonly shift: number },
  range: Range,
): boolean {
  return range.min / 2 ** f.shift >= f.min && range.max / 2 ** f.shift <= f.max
}

/** Two's complement bits (or unsigned bits when `min >= 0`) that hold a range. */
export function rangeBits(range: Range): { readonly bits: number; readonly signed: boolean } {
  const signed = range.min < 0
  const magnitude = Math.max(range.max, signed ? -range.min - 1 : 0)
  let bits = 0
  while (2 ** bits <= magnitude) bits++
  return { bits: Math.max(1, signed ? bits + 1 : bits), signed }
}
