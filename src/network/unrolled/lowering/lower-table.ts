import { applyFunction, type ScalarFunction } from '../../graph/scalar-function.ts'
import type { NetlistBuilder } from '../netlist/netlist-builder.ts'
import { valueCount } from '../netlist/range-bits.ts'
import type { NodeId } from '../netlist/scalar-netlist.ts'
import { type Linear, linearNode } from './linear.ts'

/** Entries of the largest table that is written out. */
export const maximumTable = 2 ** 16

/** `f(x)` as a table over x's node, or as that node itself where the table says so. */
export function tableLinear(builder: NetlistBuilder, f: ScalarFunction, x: Linear): Linear {
  return tableOver(builder, x.node!, (argument) => applyFunction(f, argument * x.factor + x.offset))
}

/** A function of a node by all its results. */
export function tableOver(builder: NetlistBuilder, node: NodeId, at: (argument: number) => number): Linear {
  const { min, step } = builder.range(node)
  const count = valueCount(builder.range(node))
  const outputs = Float64Array.from({ length: count }, (_, k) => at(min + k * step))
  const slope = (outputs[1]! - outputs[0]!) / step
  const straight = outputs.every((output, k) => output === outputs[0]! + k * step * slope)
  if (straight && slope !== 0 && Number.isInteger(Math.log2(Math.abs(slope))))
    return { node, factor: slope, offset: outputs[0]! - min * slope }
  return linearNode(builder, builder.add({ kind: 'table', a: node, outputs }))
}
