import type { Operation } from '../../graph/integer-graph.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { combineWindow } from './combine.ts'
import type { AdderGraphs } from './graph-source.ts'
import { addLinear, constantLinear, type Linear } from './linear.ts'
import { maxLinear } from './lower-max.ts'
import { windowOffsets } from './windows.ts'

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>

/** A convolution of `[C, H, W]` lanes: at every place the same adder graphs, one for each group. */
export function convLanes(
  builder: NetlistBuilder,
  graphs: AdderGraphs,
  { weights, bias, groups, window }: Of<'conv'>,
  x: readonly Linear[],
  from: readonly number[],
  to: readonly number[],
): Linear[] {
  const [channels, height, width] = from as [number, number, number]
  const [outputs, rows, columns] = to as [number, number, number]
  const area = window.kernel[0] * window.kernel[1]
  const [inputs, made] = [channels / groups, outputs / groups]
  const out = new Array<Linear>(outputs * rows * columns)
  for (let group = 0; group < groups; group++) {
    const kernels = weights.subarray(group * made * inputs * area, (group + 1) * made * inputs * area)
    const biases = bias.subarray(group * made, (group + 1) * made)
    const factors = Array.from({ length: inputs * area }, (_, i) => {
      const factor = x[(group * inputs + Math.floor(i / area)) * height * width]!.factor
      return factor === 0 ? 1 : factor
    })
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const offsets = windowOffsets(window, r, c, height, width)
        const taps = factors.map((_, i) => {
          const offset = offsets[i % area]!
          return offset < 0
            ? undefined
            : x[(group * inputs + Math.floor(i / area)) * height * width + offset]!
        })
        combineWindow(builder, graphs, taps, factors, kernels, biases).forEach((sum, m) => {
          out[((group * made + m) * rows + r) * columns + c] = sum
        })
      }
  }
  return out
}

/** Pooling row by row, so that windows that overlap share what they can. */
export function poolLanes(
  builder: NetlistBuilder,
  { mode, window }: Of<'pool'>,
  x: readonly Linear[],
  from: readonly number[],
  to: readonly number[],
): Linear[] {
  const [, height, width] = from as [number, number, number]
  const [channels, rows, columns] = to as [number, number, number]
  const join = (values: readonly Linear[]): Linear => joinAll(builder, mode, values)
  const out: Linear[] = []
  for (let m = 0; m < channels; m++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const offsets = windowOffsets(window, r, c, height, width)
        const lines: Linear[] = []
        for (let a = 0; a < window.kernel[0]; a++) {
          const inside = offsets
            .subarray(a * window.kernel[1], (a + 1) * window.kernel[1])
            .filter((offset) => offset >= 0)
          if (inside.length > 0)
            lines.push(join(Array.from(inside, (offset) => x[m * height * width + offset]!)))
        }
        out.push(join(lines))
      }
  return out
}

/** A balanced tree. */
export function joinAll(builder: NetlistBuilder, mode: 'max' | 'sum', values: readonly Linear[]): Linear {
  if (values.length === 0) return constantLinear(0)
  if (values.length === 1) return values[0]!
  const half = values.length >>> 1
  const [left, right] = [values.slice(0, half), values.slice(half)].map((part) =>
    joinAll(builder, mode, part),
  )
  return mode === 'max' ? maxLinear(builder, left!, right!) : addLinear(builder, left!, right!)
}
