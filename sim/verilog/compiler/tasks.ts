import { type Bits, ONE } from './bits.ts'
import { triggerEdges } from './clocking.ts'
import { type Place, sourceContext } from './place.ts'
import { type Cell, parameterNumber, plainName } from './rtlil.ts'
import type { StateContext } from './state.ts'

export type TaskKind = 'print' | 'assert' | 'assume' | 'cover'

/**
 * When a task is looked at: once at power-on, with the values before each edge of its clock, or whenever the design
 * has come to rest.
 */
export type TaskTime = 'start' | 'edge' | 'rest'

/** A `$display`, assert, assume or cover, as something that watches the design and changes nothing in it. */
export interface Task {
  readonly kind: TaskKind
  readonly time: TaskTime
  /** Net that is 1 when it has to be reported. */
  readonly enable: number
  readonly arguments: Bits
  readonly place: Place
  /** Text with the places of its arguments, as Yosys writes it. */
  readonly format: string
}

/** Lowers `$print` and `$check` cells, in the order in which the source runs through them. */
export function lowerTasks(cells: readonly Cell[], context: StateContext): Task[] {
  return inSourceOrder(cells).flatMap((cell) => {
    context.netlist.place = cell
    return lowerTask(cell, context) ?? []
  })
}

function lowerTask(cell: Cell, context: StateContext): Task | undefined {
  const { netlist, arithmetic, clocking } = context
  const flavor = (cell.parameters.get('FLAVOR') ?? '"print"').slice(1, -1)
  // live and fair are about infinite runs
  if (flavor === 'live' || flavor === 'fair') return undefined
  const kind = flavor as TaskKind
  const triggered = parameterNumber(cell, 'TRG_ENABLE') === 1
  const edges = triggerEdges(cell, netlist, context.plan.controls)
  const isStart = parameterNumber(cell, 'TRG_WIDTH') === 0
  const time: TaskTime = !triggered ? 'rest' : isStart ? 'start' : 'edge'
  // the clock is a constant
  if (time === 'edge' && edges.length === 0) return undefined
  const conditions = [cell.ports.get('EN')![0]!]
  if (kind !== 'print') {
    const holds = cell.ports.get('A')!
    conditions.push((kind === 'cover' ? holds : arithmetic.not(holds))[0]!)
  }
  if (time === 'edge') {
    const clocks = edges.filter(({ control }) => !control)
    conditions.unshift(clocking.trigger(clocks))
    // Yosys has taken for granted that no reset is active, but does not say so
    for (const { net, rising } of edges.filter(({ control }) => control))
      conditions.push(rising ? arithmetic.not(Int32Array.of(net))[0]! : net)
  }
  const enable = conditions.reduce((all, net) => {
    if (all === ONE || net === ONE) return all === ONE ? net : all
    return arithmetic.bitwise('and', Int32Array.of(all), Int32Array.of(net))[0]!
  }, ONE)
  const format = cell.parameters.get('FORMAT') ?? '""'
  return { kind, time, enable, arguments: cell.ports.get('ARGS')!, place: cell, format: unescaped(format) }
}

function unescaped(token: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', t: '\t' }
  return token
    .slice(1, -1)
    .replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
      /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (known[code] ?? code),
    )
}

/**
 * Yosys numbers the tasks of each process downwards from -1 and sorts cells by name. A process begins with its first
 * task, so that the others of it follow before the next process begins.
 */
function inSourceOrder(cells: readonly Cell[]): Cell[] {
  const groups = new Map<string, { cell: Cell; line: number; priority: number }[]>()
  for (const cell of cells) {
    const { file = '', line = 0 } = sourceContext(cell.source)
    const key = `${scopeOf(cell.name).join('.')} ${file}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push({ cell, line, priority: parameterNumber(cell, 'PRIORITY') | 0 })
  }
  return [...groups.values()].flatMap((group) => {
    const starts = group.filter(({ priority }) => priority >= -1).map(({ line }) => line)
    const processOf = (line: number) => Math.max(-1, ...starts.filter((start) => start <= line))
    const process = new Map(group.map(({ cell, line }) => [cell, processOf(line)]))
    group.sort(
      (a, b) => process.get(a.cell)! - process.get(b.cell)! || b.priority - a.priority || a.line - b.line,
    )
    return group.map(({ cell }) => cell)
  })
}

/** Instances and named blocks around a cell, outermost first. */
export function scopeOf(name: string): string[] {
  // Yosys writes \a.b.label for a label, and $flatten\a.\b.$assert$file:line$number where there is none
  const path = /^\$flatten(.*?)\.\$/.exec(name)?.[1] ?? /^\\(.*)\.[^.]*$/.exec(name)?.[1] ?? ''
  return path === '' ? [] : path.split('.').map(plainName)
}

/** The label that the source gives a statement, without its path; undefined if Yosys made up the name. */
export function labelOf(name: string): string | undefined {
  return name.startsWith('\\') ? name.slice(1).split('.').at(-1) : undefined
}
