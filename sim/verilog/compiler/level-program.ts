import { binary, constant, load, local } from './expression.ts'
import { gate } from './gating.ts'
import { buildGraph } from './graph.ts'
import type { Netlist } from './netlist.ts'
import { orderUnits } from './order.ts'
import { type Program, scheduleStep } from './schedule.ts'
import type { Locals, Statement } from './statement.ts'

/**
 * Brings everything that follows levels nearer to rest, and stores 1 at `changed` if anything moved. Each value may
 * already see the new ones of others: the order does not matter for where the design comes to rest.
 */
export function levelProgram(netlist: Netlist, threshold: number | undefined, changed: number): Program {
  const graph = buildGraph(netlist, netlist.levels, [])
  const root = gate(graph, threshold)
  // drivers before readers: fewer rounds
  orderUnits(graph, root)
  root.units.reverse()
  const program = scheduleStep(graph, root)
  noteChanges(program.statements, program.locals, changed)
  return program
}

function noteChanges(list: Statement[], locals: Locals, changed: number): void {
  const noted = list.flatMap((statement): Statement[] => {
    if (statement.kind === 'if') {
      noteChanges(statement.body, locals, changed)
      noteChanges(statement.otherwise, locals, changed)
    }
    if (statement.kind !== 'store') return [statement]
    const { type } = statement.value
    const index = locals.add(type)
    const value = local(index, type)
    const differs = binary('ne', value, load(statement.address, type))
    const body: Statement[] = [
      { ...statement, value },
      { kind: 'store', address: changed, value: constant(1n, 32) },
    ]
    return [
      { kind: 'set', local: index, value: statement.value },
      { kind: 'if', condition: differs, body, otherwise: [] },
    ]
  })
  list.splice(0, list.length, ...noted)
}
