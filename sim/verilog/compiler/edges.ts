import { rootBlock } from './block.ts'
import type { Edge, Trigger } from './clocking.ts'
import { Evaluator } from './evaluate.ts'
import { binary, constant, type Expression, load, local } from './expression.ts'
import { topologicalOrder } from './graph.ts'
import type { Netlist } from './netlist.ts'
import { Placement } from './placement.ts'
import type { Program } from './schedule.ts'
import { Locals, type Statement } from './statement.ts'

/** Where the level that a net had is kept: for each net that is a clock, and for each sense of a control. */
export class Levels {
  readonly #addresses = new Map<string, { readonly edge: Edge; readonly address: number }>()

  constructor(triggers: readonly Trigger[], take: () => number) {
    for (const edge of triggers.flatMap(({ edges }) => edges)) {
      const key = keyOf(edge)
      if (!this.#addresses.has(key)) this.#addresses.set(key, { edge, address: take() })
    }
  }

  addressOf(edge: Edge): number {
    return this.#addresses.get(keyOf(edge))!.address
  }

  get all(): readonly { readonly edge: Edge; readonly address: number }[] {
    return [...this.#addresses.values()]
  }
}

function keyOf({ net, rising, control }: Edge): string {
  return control ? `${net}${rising}` : `${net}`
}

/** Compares all clocks with what they were, sets the trigger words, and stores at `fired` whether any is set. */
export function edgeProgram(
  netlist: Netlist,
  triggers: readonly Trigger[],
  levels: Levels,
  fired: number,
): Program {
  const { locals, statements, valueAt } = clockValues(netlist, levels)
  const one = constant(1n, 32)
  const changes = triggers.map(({ edges }) => {
    const terms = edges.map((edge) => {
      const [now, before] = [valueAt(edge), load(levels.addressOf(edge), 32)]
      return edge.rising
        ? binary('and', now, binary('xor', before, one))
        : binary('and', binary('xor', now, one), before)
    })
    return terms.reduce((all, term) => binary('or', all, term))
  })
  for (const [i, { node }] of triggers.entries())
    statements.push({ kind: 'store', address: node.address, value: changes[i]! })
  for (const { edge, address } of levels.all)
    statements.push({ kind: 'store', address, value: valueAt(edge) })
  const any = triggers
    .map(({ node }): Expression => load(node.address, 32))
    .reduce((all, term) => binary('or', all, term), constant(0n, 32))
  statements.push({ kind: 'store', address: fired, value: any })
  return { statements, locals }
}

/** Power-on: clocks have the level they have, so there is no edge; controls count as inactive before. */
export function primeProgram(netlist: Netlist, levels: Levels): Program {
  const { locals, statements, valueAt } = clockValues(netlist, levels)
  for (const { edge, address } of levels.all) {
    const value = edge.control ? constant(edge.rising ? 0n : 1n, 32) : valueAt(edge)
    statements.push({ kind: 'store', address, value })
  }
  return { statements, locals }
}

function clockValues(netlist: Netlist, levels: Levels) {
  const block = rootBlock()
  const nets = [...new Set(levels.all.map(({ edge }) => edge.net))]
  const slices = nets.map((net) => netlist.slices(Int32Array.of(net), undefined))
  const readers = slices.map((each) => ({ slices: each, block }))
  const locals = new Locals()
  const statements: Statement[] = []
  const keep = (e: Expression) => {
    const index = locals.add(e.type)
    statements.push({ kind: 'set', local: index, value: e })
    return local(index, e.type)
  }
  const evaluator = new Evaluator(
    new Placement(netlist, topologicalOrder(slices, netlist), readers),
    (_, e) => keep(e),
  )
  const values = new Map(nets.map((net, i) => [net, keep(evaluator.clean(slices[i]!, block))]))
  return { locals, statements, valueAt: ({ net }: Edge) => values.get(net)! }
}
