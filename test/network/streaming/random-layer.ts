import type { Random } from '../../../src/core/random.ts'
import {
  GraphBuilder,
  type Range,
  type ScalarFunction,
  type Window,
} from '../../../src/network/graph/index.ts'
import type { GraphSegment } from '../../../src/network/hardware/hardware-module.ts'

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
const between = (random: Random, low: number, high: number): number => low + random.integer(high - low + 1)

/** A random window that has at least one position on the picture. */
export function randomWindow(random: Random, size: readonly [number, number], pool: boolean): Window {
  for (;;) {
    const pair = (of: () => number): [number, number] => [of(), of()]
    const kernel = pair(() => pick(random, [1, 2, 3, 3, 5]))
    const tiling = pool && random.integer(2) === 0
    const strides = tiling ? kernel : pair(() => pick(random, [1, 1, 1, 2, 3]))
    if (pool && random.integer(8) === 0)
      return {
        kernel: size,
        strides: pair(() => between(random, 1, 9)),
        pads: [0, 0, 0, 0],
        dilations: [1, 1],
      }
    const dilations = pair(() => (tiling ? 1 : pick(random, [1, 1, 1, 2])))
    if (size[0] === 1) {
      kernel[0] = 1
      strides[0] = 1
      dilations[0] = 1
    }
    const reach = [0, 1].map((axis) => (kernel[axis]! - 1) * dilations[axis]! + 1)
    const pads = [0, 1, 2, 3].map((side) => {
      const most = pool ? reach[side % 2]! - 1 : reach[side % 2]! + 1
      return tiling || most < 1
        ? 0
        : pick(random, [0, Math.min(most, (reach[side % 2]! - 1) >> 1), random.integer(most + 1)])
    }) as [number, number, number, number]
    if (size[0] === 1) pads[0] = pads[2] = 0
    const fits = [0, 1].every((axis) => size[axis]! + pads[axis]! + pads[axis + 2]! >= reach[axis]!)
    const window = { kernel, strides, pads, dilations }
    if (fits && !(pool && emptyWindow(window, size))) return window
  }
}

function emptyWindow(window: Window, size: readonly [number, number]): boolean {
  return [0, 1].some((axis) => {
    const { kernel, strides, pads, dilations } = window
    const last = size[axis]! + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1
    for (let at = -pads[axis]!; at <= last - pads[axis]!; at += strides[axis]!) {
      const places = Array.from({ length: kernel[axis]! }, (_, a) => at + a * dilations[axis]!)
      if (!places.some((place) => place >= 0 && place < size[axis]!)) return true
    }
    return false
  })
}

/** A function that a plain kernel can compute. */
export function randomFunction(random: Random, range: Range): ScalarFunction {
  const min = random.integer(2) === 0 ? 0 : -(2 ** between(random, 1, 7))
  const max = 2 ** between(random, 1, 7) - 1
  const shift = between(random, 0, 6)
  switch (random.integer(4)) {
    case 0:
      return { kind: 'affine', multiply: between(random, -5, 5), add: between(random, -50, 50) }
    case 1:
      return { kind: 'round', shift, rounding: 'floor', min, max }
    case 2:
      return {
        kind: 'multiply-shift',
        multiply: between(random, 1, 40),
        add: between(random, -99, 99),
        shift,
        min,
        max,
      }
    default: {
      const thresholds = Float64Array.from({ length: pick(random, [1, 3, 6]) }, () =>
        between(random, range.min, range.max),
      )
      thresholds.sort()
      const outputs = Float64Array.from({ length: thresholds.length + 1 }, () => between(random, -8, 7))
      return { kind: 'thresholds', thresholds, outputs }
    }
  }
}

/** A segment of a random convolution or pooling and up to two maps, with a random picture as its source. */
export function randomStreamingSegment(random: Random): GraphSegment {
  const size = pick(random, [
    [1, between(random, 1, 12)],
    [between(random, 1, 7), between(random, 1, 7)],
    [between(random, 3, 9), between(random, 3, 9)],
  ] as [number, number][])
  const builder = new GraphBuilder('random')
  const bits = pick(random, [1, 2, 3, 8, 16])
  const signed = random.integer(2) === 0
  const isPool = random.integer(3) === 0
  const groups = isPool ? 1 : pick(random, [1, 1, 2, 3])
  const channels = groups * between(random, 1, 2)
  const window = randomWindow(random, size, isPool)
  const source = builder.input({ name: 'x', bits, signed, scales: [1], zeroPoint: 0 }, [channels, ...size])
  let last: number
  if (isPool) last = builder.add('pool', { kind: 'pool', source, mode: pick(random, ['max', 'sum']), window })
  else {
    const outputs = groups * between(random, 1, 2)
    const area = window.kernel[0] * window.kernel[1]
    const span = pick(random, [1, 3, 127])
    const weights = Int32Array.from({ length: (outputs * channels * area) / groups }, () =>
      between(random, -span, span),
    )
    const bias = Float64Array.from({ length: outputs }, () => between(random, -100, 100))
    last = builder.add('conv', { kind: 'conv', source, weights, bias, groups, window })
  }
  const values = [last]
  for (let k = random.integer(3); k > 0; k--) {
    const value = builder.value(last)
    const count = random.integer(2) === 0 ? 1 : value.shape[0]!
    const functions = Array.from({ length: count }, (_, c) =>
      randomFunction(random, value.ranges[c] ?? value.ranges[0]!),
    )
    last = builder.add(`map${k}`, { kind: 'map', source: last, functions })
    values.push(last)
  }
  builder.output({ name: 'y', value: last, bits: 53, signed: true, scales: [1], zeroPoint: 0 })
  return { graph: builder.build(), source, values, result: last }
}

/** A tensor of a value: uniform, or mostly at the ends of its range. */
export function randomTensor(random: Random, segment: GraphSegment): Float64Array {
  const value = segment.graph.values[segment.source]!
  const { min, max } = value.ranges[0]!
  const length = value.shape.reduce((product, n) => product * n, 1)
  const ends = random.integer(3) === 0
  return Float64Array.from({ length }, () => (ends ? pick(random, [min, max]) : between(random, min, max)))
}
