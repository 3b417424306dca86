import { type Block, rootBlock } from './block.ts'
import { convert, Evaluator, nonzero } from './evaluate.ts'
import { binary, constant, type Expression, load, local, typeOf } from './expression.ts'
import { topologicalOrder } from './graph.ts'
import type { Netlist } from './netlist.ts'
import { Placement } from './placement.ts'
import { reservedText } from './reserved.ts'
import type { Program } from './schedule.ts'
import { Locals, type Statement } from './statement.ts'
import type { Task } from './tasks.ts'

/** A task and the memory it uses. */
export interface PlacedTask {
  readonly task: Task
  readonly index: number
  /** Its arguments, lowest bit first; for a cover, the count. */
  readonly address: number
  /** For prints whenever something changes: whether the arguments are those of the last time. */
  readonly known: number
}

/** Bytes that the arguments of a task take; stores may write whole words of eight bytes. */
export function argumentBytes(task: Task): number {
  return task.kind === 'cover' ? 8 : 8 * Math.ceil(task.arguments.length / 64)
}

/** A text without a clock is printed when something in it changes; what stands for something else always counts. */
export function repeatsOnlyChanges({ kind, time, format }: Task): boolean {
  return kind === 'print' && time === 'rest' && reservedText(format) === undefined
}

/** Looks at tasks and reports those that have something to say. Reads the design as it is, and changes nothing in it. */
export function observeProgram(netlist: Netlist, tasks: readonly PlacedTask[]): Program {
  const root = rootBlock()
  const plans = tasks.map((placed) => {
    const block: Block = { parent: root, depth: 1, branch: Symbol(), units: [] }
    const { arguments: bits, enable, place } = placed.task
    const pieces = Array.from({ length: Math.ceil(bits.length / 64) }, (_, i) => {
      const part = bits.subarray(64 * i, 64 * i + 64)
      return { slices: netlist.slices(part, place), width: part.length, offset: 8 * i }
    })
    return { ...placed, block, pieces, enable: netlist.slices(Int32Array.of(enable), place) }
  })
  const readers = plans.flatMap(({ enable, pieces, block }) => [
    { slices: enable, block: root },
    ...pieces.map(({ slices }) => ({ slices, block })),
  ])
  const order = topologicalOrder(
    readers.map(({ slices }) => slices),
    netlist,
  )
  const locals = new Locals()
  const lists = new Map<Block, Statement[]>([[root, []]])
  const keep = (block: Block, e: Expression) => {
    const index = locals.add(e.type)
    lists.get(block)!.push({ kind: 'set', local: index, value: e })
    return local(index, e.type)
  }
  const evaluator = new Evaluator(new Placement(netlist, order, readers), keep)
  const statements = lists.get(root)!
  for (const { task, index, address, known, enable, pieces, block } of plans) {
    const condition = nonzero(evaluator.clean(enable, root))
    const body: Statement[] = []
    lists.set(block, body)
    if (task.kind === 'cover')
      body.push({
        kind: 'store',
        address,
        value: binary('add', load(address, 32), constant(1n, 32)),
      })
    else {
      const values = pieces.map(({ slices, width, offset }) => ({
        at: address + offset,
        value: keep(block, convert(evaluator.clean(slices, block), typeOf(width), false)),
      }))
      const report: Statement[] = [
        ...values.map(({ at, value }): Statement => ({ kind: 'store', address: at, value })),
        { kind: 'call', function: 'task', argument: constant(BigInt(index), 32) },
      ]
      if (repeatsOnlyChanges(task)) {
        const changed = values.map(({ at, value }) => binary('ne', value, load(at, value.type)))
        const fresh = binary('eq', load(known, 32), constant(0n, 32))
        const differs = changed.reduce((all, one) => binary('or', all, one), fresh)
        body.push({ kind: 'if', condition: differs, body: report, otherwise: [] })
        body.push({ kind: 'store', address: known, value: constant(1n, 32) })
      } else body.push(...report)
    }
    const otherwise: Statement[] = repeatsOnlyChanges(task)
      ? [{ kind: 'store', address: known, value: constant(0n, 32) }]
      : []
    statements.push({ kind: 'if', condition, body, otherwise })
  }
  return { statements, locals }
}
