import type { CheckInfo } from '../engine.ts'
import { coneOf } from './clocking.ts'
import { type ControlPlan, controlFunctions, roundLimit } from './control.ts'
import { edgeProgram, Levels, primeProgram } from './edges.ts'
import { encodeModule, type FunctionBody } from './encode.ts'
import { levelProgram } from './level-program.ts'
import type { Lowered } from './lower.ts'
import { argumentBytes, observeProgram, type PlacedTask, repeatsOnlyChanges } from './observe.ts'
import { sourceContext } from './place.ts'
import { labelOf, scopeOf, type Task } from './tasks.ts'

/** One system task as the running design reports it: by its place in the list. */
export interface TaskInfo extends Omit<CheckInfo, 'kind'> {
  readonly kind: CheckInfo['kind'] | 'print'
  /** Instances around it, joined with dots. */
  readonly scope: string
  /** Text with the places of its arguments, as Yosys writes it. */
  readonly format: string
  /** Byte address of its arguments, lowest bit first; of a 32-bit count for a cover. */
  readonly address: number
}

/** What a host has to know to run the functions of a design. */
export interface ControlInfo {
  /** Index of the word that ends `run` after the running cycle when it is set; -1 where nothing does. */
  readonly stopWord: number
  /** Index of the word that is set when the design does not come to rest; -1 where it always does. */
  readonly unsettledWord: number
  /** Index of the first of two words with the number of the running cycle; -1 where nobody counts. */
  readonly cycleWord: number
  /** Index of the word with the level that the main clock had when the design was last brought up to date. */
  readonly levelWord: number
  /** Inputs that are clocks. */
  readonly clocks: readonly string[]
  /** Names of what follows levels, to tell what does not come to rest. */
  readonly levels: readonly { readonly name: string; readonly word: number }[]
  readonly tasks: readonly TaskInfo[]
}

/** Hands out memory behind what is there already. */
export class Area {
  #next: number

  constructor(start: number) {
    this.#next = Math.ceil(start / 8) * 8
  }

  take(bytes: number): number {
    const address = this.#next
    this.#next += Math.ceil(bytes / 8) * 8
    return address
  }

  get end(): number {
    return this.#next
  }
}

export interface Parts {
  readonly lowered: Lowered
  readonly threshold: number | undefined
  readonly update: FunctionBody
}

/** The control functions, edges, levels and tasks around one `update`; outputs are added when all memory is given out. */
export function assemble(parts: Parts, area: Area) {
  const { lowered, threshold, update } = parts
  const { netlist, clocking, plan, ports, mainClock } = lowered
  const word = () => area.take(4)
  const placed = placeTasks(lowered.tasks, area)
  const at = (time: Task['time']) => placed.filter(({ task }) => task.time === time)
  const isSingle = clocking.isSingle
  const limit = roundLimit(netlist.levels.length)
  const restless = !isSingle || (netlist.levels.length > 0 && dependOnState(lowered))
  const counts = placed.length > 0
  const clockNet = ports.find(({ name }) => name === mainClock)?.bits[0]
  const clockNode = clockNet === undefined ? undefined : netlist.driver(clockNet)?.node
  const needed = !isSingle || netlist.levels.length > 0
  const control: ControlPlan = {
    words: {
      cycle: counts ? area.take(8) : 0,
      stop: counts || restless ? word() : 0,
      unsettled: restless ? word() : 0,
      changed: needed ? word() : 0,
      fired: needed ? word() : 0,
      again: needed ? word() : 0,
      rounds: needed ? word() : 0,
      clock: clockNode?.address ?? 0,
      before: word(),
    },
    single: isSingle ? { rising: plan.single!.rising, clocked: plan.single!.net >= 0 } : undefined,
    levels: netlist.levels.length === 0 ? 'none' : restless ? limit : 'once',
    observesEdges: at('edge').length > 0,
    observesRest: at('rest').length > 0,
    counts,
  }
  const { words } = control
  const functions = new Map<string, FunctionBody>()
  const controls = controlFunctions(control)
  // a design with one clock and nothing else has no more than its update
  const bare = !controls.has('step')
  functions.set(bare ? 'step' : 'update', update)
  if (netlist.levels.length > 0) functions.set('levels', levelProgram(netlist, threshold, words.changed))
  if (control.observesEdges) functions.set('report', observeProgram(netlist, at('edge')))
  if (control.observesRest) functions.set('observe', observeProgram(netlist, at('rest')))
  if (at('start').length > 0) functions.set('initial', observeProgram(netlist, at('start')))
  if (!isSingle) {
    const levels = new Levels(clocking.triggers, word)
    functions.set('edges', edgeProgram(netlist, clocking.triggers, levels, words.fired))
    functions.set('prime', primeProgram(netlist, levels))
  }
  for (const [name, body] of controls) functions.set(name, rename(body, bare))
  const info: ControlInfo = {
    stopWord: words.stop > 0 ? words.stop / 4 : -1,
    unsettledWord: words.unsettled > 0 ? words.unsettled / 4 : -1,
    cycleWord: counts ? words.cycle / 4 : -1,
    levelWord: words.before / 4,
    clocks: lowered.clocks,
    levels: restless ? levelNames(lowered) : [],
    tasks: placed.map(taskInfo),
  }
  const runnable = isSingle || mainClock !== ''
  const encode = (outputs: FunctionBody, memoryBytes: number): Uint8Array => {
    functions.set('outputs', outputs)
    return encodeModule({
      functions,
      exports: ['step', 'settle', 'start', 'initial', 'observe'].filter((name) => functions.has(name)),
      callsTasks: placed.some(({ task }) => task.kind !== 'cover'),
      memoryBytes,
      run: runnable
        ? {
            cycle: isSingle ? 'step' : 'cycle',
            ...(isSingle ? {} : { begin: 'begin' }),
            ...(words.stop > 0 ? { stop: words.stop } : {}),
          }
        : undefined,
    })
  }
  return { info, encode }
}

function rename(body: FunctionBody, bare: boolean): FunctionBody {
  if (!bare) return body
  const visit = (statements: FunctionBody['statements']): FunctionBody['statements'] =>
    statements.map((statement) => {
      if (statement.kind === 'call' && statement.function === 'update')
        return { ...statement, function: 'step' }
      if (statement.kind !== 'if') return statement
      return { ...statement, body: [...visit(statement.body)], otherwise: [...visit(statement.otherwise)] }
    })
  return { ...body, statements: visit(body.statements) }
}

/** Whether something that forces registers depends on registers itself: then one pass may not be enough. */
function dependOnState({ netlist, plan }: Lowered): boolean {
  return [...coneOf(plan.controls, netlist)].some(
    ({ operation }) => operation === 'register' || operation === 'read',
  )
}

function levelNames({ netlist }: Lowered): ControlInfo['levels'] {
  const nodes = [...netlist.levels, ...netlist.registers].map(({ node }) => node)
  return [...new Set(nodes)].flatMap((node) => {
    const name = netlist.signalName(node.nets)
    return name === undefined ? [] : [{ name, word: node.address / 4 }]
  })
}

function placeTasks(tasks: readonly Task[], area: Area): PlacedTask[] {
  return tasks.map((task, index) => ({
    task,
    index,
    address: area.take(argumentBytes(task)),
    known: repeatsOnlyChanges(task) ? area.take(4) : 0,
  }))
}

function taskInfo({ task, address }: PlacedTask): TaskInfo {
  const { kind, place, format } = task
  const { file, line } = sourceContext(place.source)
  const scope = scopeOf(place.name).join('.')
  const own = labelOf(place.name) ?? `line${line ?? ''}`
  return {
    kind,
    name: scope === '' ? own : `${scope}.${own}`,
    scope,
    message: '',
    format,
    address,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }
}
