import { GemgateError } from '../../../core/errors.ts'
import type { Range } from '../../graph/integer-graph.ts'
import { exactly } from '../../graph/ranges.ts'
import { evaluateNetlist } from './evaluate-netlist.ts'
import { nodeRange } from './node-range.ts'
import {
  type NodeId,
  operandsOf,
  type ScalarNetlist,
  type ScalarNode,
  type ScalarOperation,
} from './scalar-netlist.ts'

/** Nodes beyond which an unrolled module is refused: it would fit no FPGA and take hours to synthesise. */
export const maximumNodes = 1_000_000

/**
 * Builds a netlist: equal operations become one node, operations on constants and operations that change nothing
 * become no node, and every node gets its range.
 */
export class NetlistBuilder {
  /** Label of the nodes to come. */
  label = 'x'
  readonly #nodes: ScalarNode[] = []
  readonly #known = new Map<string, NodeId>()
  #lanes = 0

  range(node: NodeId): Range {
    return this.#nodes[node]!.range
  }

  operation(node: NodeId): ScalarOperation {
    return this.#nodes[node]!.operation
  }

  /** The next input lane; a lane that can have one value only is a constant. */
  input(given: Range): NodeId {
    const range = onGrid(given)
    const lane = this.#lanes++
    return range.min === range.max
      ? this.constant(range.min)
      : this.#push({ kind: 'input', lane }, range, `input ${lane}`)
  }

  constant(value: number): NodeId {
    return this.add({ kind: 'constant', value: value + 0 })
  }

  /**
   * The node of an operation.
   * @param known a range that is narrower than what follows from the operands one by one
   * @throws GemgateError GG_MODEL_UNSUPPORTED when the netlist grows beyond `maximumNodes`
   */
  add(operation: Exclude<ScalarOperation, { kind: 'input' }>, known?: Range): NodeId {
    const same = this.#simplified(operation)
    if (same !== undefined) return same
    const key = keyOf(operation)
    const before = this.#known.get(key)
    if (before !== undefined) return before
    const found = nodeRange(operation, (node) => this.range(node))
    const range = onGrid(known === undefined ? found : intersection(found, known))
    if (operation.kind !== 'constant') {
      if (range.min === range.max) return this.constant(range.min)
      const operands = operandsOf(operation)
      if (operands.every((node) => this.operation(node).kind === 'constant'))
        return this.constant(this.#value(operation))
    }
    return this.#push(operation, range, key)
  }

  /** The netlist of these outputs. */
  build(outputs: readonly NodeId[]): ScalarNetlist {
    return { lanes: this.#lanes, nodes: this.#nodes, outputs }
  }

  #push(operation: ScalarOperation, range: Range, key: string): NodeId {
    if (this.#nodes.length >= maximumNodes)
      throw new GemgateError(
        'GG_MODEL_UNSUPPORTED',
        `'${this.label}' takes more than ${maximumNodes} operations when it is fully unrolled`,
        'Use the folded or the streaming architecture for this part of the network.',
      )
    this.#nodes.push({ operation, range, label: this.label })
    this.#known.set(key, this.#nodes.length - 1)
    return this.#nodes.length - 1
  }

  #value(operation: Exclude<ScalarOperation, { kind: 'input' }>): number {
    const nodes = [...this.#nodes, { operation, range: exactly(0), label: '' }]
    return evaluateNetlist({ lanes: 0, nodes, outputs: [nodes.length - 1] }, [])[0]!
  }

  /** An earlier node that already has the value. */
  #simplified(operation: ScalarOperation): NodeId | undefined {
    switch (operation.kind) {
      case 'scale': {
        if (operation.shift === 0) return operation.a
        const inner = this.operation(operation.a)
        if (inner.kind === 'scale')
          return this.add({ kind: 'scale', a: inner.a, shift: inner.shift + operation.shift })
        return undefined
      }
      case 'floor': {
        const { a, shift } = operation
        if (shift === 0) return a
        if (this.range(a).step >= 2 ** shift) return this.add({ kind: 'scale', a, shift: -shift })
        const inner = this.operation(a)
        if (inner.kind === 'floor') return this.add({ kind: 'floor', a: inner.a, shift: inner.shift + shift })
        return undefined
      }
      case 'even':
        // Never a tie, or never odd: a plain shift.
        return this.range(operation.a).step >= 2 ** (operation.shift + 1) || operation.shift === 0
          ? this.add({ kind: 'floor', a: operation.a, shift: operation.shift })
          : undefined
      case 'clamp': {
        const { min, max } = this.range(operation.a)
        if (min >= operation.min && max <= operation.max) return operation.a
        return undefined
      }
      case 'at-most': {
        const { min, max } = this.range(operation.a)
        if (max <= operation.threshold) return this.constant(1)
        return min > operation.threshold ? this.constant(0) : undefined
      }
      case 'greater': {
        const { a, b, orEqual } = operation
        const [x, y] = [this.range(a), this.range(b)]
        if (a === b) return this.constant(Number(orEqual))
        if (orEqual ? x.min >= y.max : x.min > y.max) return this.constant(1)
        return (orEqual ? x.max < y.min : x.max <= y.min) ? this.constant(0) : undefined
      }
      case 'select': {
        const { condition, yes, no } = operation
        if (yes === no) return yes
        const { min, max } = this.range(condition)
        if (min === max) return min === 0 ? no : yes
        const [y, n] = [this.operation(yes), this.operation(no)]
        if (y.kind === 'constant' && n.kind === 'constant' && y.value === 1 && n.value === 0) return condition
        return undefined
      }
      case 'significant': {
        const { min, max } = this.range(operation.a)
        return Math.max(-min, max) <= 2 ** operation.bits ? operation.a : undefined
      }
      default:
        return undefined
    }
  }
}

/** Equal keys, equal values. */
function keyOf(operation: ScalarOperation): string {
  switch (operation.kind) {
    case 'table':
      return `table ${operation.a} ${operation.outputs.join(' ')}`
    case 'add': {
      const { a, b, shiftA, shiftB, subtract } = operation
      const x = `${subtract === 'a' ? '-' : '+'}${a}<<${shiftA}`
      const y = `${subtract === 'b' ? '-' : '+'}${b}<<${shiftB}`
      return x < y ? `add ${x} ${y}` : `add ${y} ${x}`
    }
    default:
      return Object.values(operation).join(' ')
  }
}

function intersection(a: Range, b: Range): Range {
  return { min: Math.max(a.min, b.min), max: Math.min(a.max, b.max), step: Math.max(a.step, b.step) }
}

/** The same range with ends that are reached. */
function onGrid({ min, max, step }: Range): Range {
  return { min: Math.ceil(min / step) * step + 0, max: Math.floor(max / step) * step + 0, step }
}
