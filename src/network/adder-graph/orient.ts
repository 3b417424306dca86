import type { AdderGraph, AdderNode } from './adder-graph.ts'

/** Rounds of repair before an output keeps its negation. */
const rounds = 40

/**
 * Chooses the sign of each node so that no output with an adder needs a negation: a node may compute its value
 * negated when its users subtract instead of add. No node may need both operands negative. Where that does not
 * work out an output stays negated.
 */
export function orient(graph: AdderGraph): AdderGraph {
  const { inputs, nodes, outputs } = graph
  if (!outputs.some(({ value, negate }) => negate && value >= inputs)) return graph
  const users: number[][] = nodes.map(() => [])
  nodes.forEach(({ a, b }, at) => {
    for (const value of new Set([a, b])) if (value >= inputs) users[value - inputs]!.push(at)
  })
  const flipped = new Uint8Array(nodes.length)
  const fixed = new Uint8Array(nodes.length)
  /** Nodes that are outputs as they are. */
  const positive = new Set(outputs.filter(({ negate }) => !negate).map(({ value }) => value))
  const isFlipped = (value: number): boolean => value >= inputs && flipped[value - inputs] === 1
  const broken = (at: number): boolean => {
    const { a, b, subtract } = nodes[at]!
    const own = flipped[at] === 1
    return own !== ((subtract === 'a') !== isFlipped(a)) && own !== ((subtract === 'b') !== isFlipped(b))
  }
  for (const { value, negate } of outputs) {
    if (!negate || value < inputs || fixed[value - inputs] === 1) continue
    if (positive.has(value)) continue
    const before = flipped.slice()
    flipped[value - inputs] = 1
    fixed[value - inputs] = 1
    if (repair(value - inputs)) continue
    flipped.set(before)
    fixed[value - inputs] = 0
  }

  /** Flips nodes until none is broken; false when that does not come to an end. */
  function repair(start: number): boolean {
    const queue = [start, ...users[start]!]
    for (let steps = 0; queue.length > 0; steps++) {
      if (steps > rounds) return false
      const at = queue.shift()!
      if (!broken(at)) continue
      const { a, b } = nodes[at]!
      // The node itself, or an operand: whichever breaks the fewest others.
      const choices = [at, a - inputs, b - inputs].filter((node) => node >= 0 && free(node))
      let best = -1
      let least = Number.POSITIVE_INFINITY
      for (const node of choices) {
        flipped[node]! ^= 1
        const cost = [node, ...users[node]!].filter(broken).length
        flipped[node]! ^= 1
        if (cost < least) {
          least = cost
          best = node
        }
      }
      if (best < 0) return false
      flipped[best]! ^= 1
      queue.push(best, ...users[best]!, at)
    }
    return true
  }

  function free(node: number): boolean {
    return fixed[node] === 0 && !positive.has(node + inputs)
  }
  return {
    inputs,
    nodes: nodes.map((node, at) => turned(node, flipped[at] === 1, isFlipped)),
    outputs: outputs.map((output) => ({ ...output, negate: output.negate !== isFlipped(output.value) })),
  }
}

function turned(node: AdderNode, own: boolean, isFlipped: (value: number) => boolean): AdderNode {
  const negativeA = own !== ((node.subtract === 'a') !== isFlipped(node.a))
  const negativeB = own !== ((node.subtract === 'b') !== isFlipped(node.b))
  return { ...node, subtract: negativeA ? 'a' : negativeB ? 'b' : 'none' }
}
