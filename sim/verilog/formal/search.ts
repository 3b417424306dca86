import { GemgateError } from '../../../src/core/errors.ts'
import { type Module, parameterNumber, parseRtlil } from '../compiler/rtlil.ts'
import type { CheckInfo } from '../engine.ts'
import { checksOf } from './checks.ts'
import { refuseClockRaces } from './clock-races.ts'
import { controlsOf, type ProofClock, proofClock } from './proof-clock.ts'
import type { ProofAnswer, ProofProgress, ProofTask, Reached, Trace, Verdict } from './proof-task.ts'
import { replayTrace } from './replay-trace.ts'
import { type SatModel, type SatOutcome, satModel, satOutcome } from './sat-log.ts'
import { runSolver } from './solver.ts'
import { solverNetlist } from './solver-netlist.ts'
import { prepareScript, type Search, searchCommand } from './solver-script.ts'
import { traceTable } from './trace-table.ts'

/**
 * Searches a flat netlist for runs that reach its goals, until none is left or none can be found.
 * @param report hears of the goals, of each that is reached, and up to which cycle no further one is
 */
export async function search(
  rtlil: string,
  task: ProofTask,
  report: (progress: ProofProgress) => void,
): Promise<ProofAnswer> {
  const module = parseRtlil(rtlil)
  checkReset(module, task)
  const clock = proofClock(module)
  const all = checksOf(module)
  const goals = new Map([...all].filter(([, { kind }]) => kind === task.goal))
  const checks = [...goals.values()]
  if (checks.length === 0)
    throw new GemgateError(
      'GG_USAGE',
      `there is no ${task.goal} in the sources`,
      `Write an ${task.goal} statement, or name the right top module.`,
    )
  if (!clock.oneClock) refuseClockRaces(module)
  report({ checks })
  const solve = solverOf(rtlil, module, task, clock, (depth) => report({ depth }))
  const reached: Reached[] = []
  let rest: Verdict | undefined
  while (goals.size > 0) {
    const { verdict, model, stuck } = await searchOnce(solve, new Set(goals.keys()), task)
    if (verdict) {
      if ([...all.values()].some(({ kind }) => kind === 'assume')) await checkAssumptions(solve, task)
      rest = stuck === undefined ? verdict : { ...verdict, stuck: traceTable(traceOf(stuck, module, clock)) }
      break
    }
    const trace = traceOf(model!, module, clock)
    const found = await replayTrace(rtlil, trace, task.goal)
    const fresh = [...goals].filter(([, goal]) => found.some(({ check }) => isSame(check, goal)))
    if (fresh.length === 0) {
      rest = unconfirmed(trace, task)
      break
    }
    for (const [name, check] of fresh) {
      const { cycle } = found.find((other) => isSame(other.check, check))!
      reached.push({ check, cycle, trace })
      report({ reached: reached.at(-1)! })
      goals.delete(name)
    }
  }
  return rest === undefined ? { checks, reached } : { checks, reached, rest }
}

function isSame(one: CheckInfo, other: CheckInfo): boolean {
  return one.name === other.name && one.file === other.file && one.line === other.line
}

type Solve = (goals: ReadonlySet<string>, search: Search) => Promise<{ outcome: SatOutcome; log: string }>

function solverOf(
  rtlil: string,
  module: Module,
  task: ProofTask,
  { oneClock }: ProofClock,
  onDepth: (depth: number) => void,
): Solve {
  const tooLarge = new Set(
    module.cells
      .filter(({ type }) => type === '$mem_v2')
      .filter((cell) => parameterNumber(cell, 'SIZE') * parameterNumber(cell, 'WIDTH') > task.freeMemories)
      .map(({ name }) => name),
  )
  const isFree = (cell: string) => {
    const path = cell.replace(/^\$flatten/, '').replaceAll('\\', '')
    return tooLarge.has(cell) || task.free.some((name) => path === name || path.startsWith(`${name}.`))
  }
  const controls = controlsOf(module)
  const divides = module.cells.some(({ type }) => /^\$(div|mod)/.test(type))
  return async (goals, command) => {
    const netlist = solverNetlist(rtlil, { goals, isFree, controls, reset: task.reset, oneClock })
    const commands = [...prepareScript(oneClock, divides), searchCommand(command, task.initial)]
    const log = await runSolver(netlist, commands, onDepth)
    return { outcome: satOutcome(log), log }
  }
}

async function searchOnce(
  solve: Solve,
  goals: ReadonlySet<string>,
  { depth, induction }: ProofTask,
): Promise<{ verdict?: Verdict; model?: SatModel; stuck?: SatModel }> {
  let stuck: SatModel | undefined
  if (induction > 0) {
    const { outcome, log } = await solve(goals, { kind: 'induction', steps: induction })
    const { result, steps: k } = outcome
    if (result === 'reached') return { model: satModel(log) }
    if (result === 'proven') return { verdict: { status: 'proven', depth: k, k } }
    if (result !== 'exhausted') throw unreadable(log)
    stuck = satModel(log)
  }
  const model = induction < depth ? await searchFromStart(solve, goals, depth) : undefined
  if (model) return { model }
  return { verdict: { status: 'bounded', depth, k: 0 }, ...(stuck === undefined ? {} : { stuck }) }
}

/** A run of at most so many cycles that reaches a goal. */
async function searchFromStart(
  solve: Solve,
  goals: ReadonlySet<string>,
  steps: number,
): Promise<SatModel | undefined> {
  const { outcome, log } = await solve(goals, { kind: 'base', steps })
  if (outcome.result === 'reached') return satModel(log)
  if (outcome.result !== 'exhausted') throw unreadable(log)
  return undefined
}

/** What holds under assumptions that contradict each other says nothing. */
async function checkAssumptions(solve: Solve, { depth }: ProofTask): Promise<void> {
  const { outcome, log } = await solve(new Set(), { kind: 'possible', steps: depth })
  if (outcome.result === 'satisfiable') return
  if (outcome.result !== 'unsatisfiable') throw unreadable(log)
  throw new GemgateError(
    'GG_ASSERTION',
    `the assumptions contradict each other: no run of ${depth} cycles keeps them all`,
    'Assume less; under a contradiction everything can be proven.',
  )
}

function traceOf(model: SatModel, module: Module, clock: ProofClock): Trace {
  const isInput = (name: string) =>
    !(clock.oneClock && name === clock.name) && module.wires.get(`\\${name}`)?.direction === 'input'
  const length = Math.max(...model.keys())
  const inputs = Array.from({ length }, (_, i) => {
    const values = [...(model.get(i + 1) ?? [])].filter(([name]) => isInput(name))
    return new Map(values.map(([name, { value }]) => [name, value]))
  })
  return { initial: model.get(0) ?? new Map(), inputs, clock }
}

/** A run that the simulator does not confirm is possible only where something was taken away. */
function unconfirmed({ inputs }: Trace, { free, freeMemories }: ProofTask): Verdict {
  if (Number.isFinite(freeMemories) || free.length > 0)
    return { status: 'spurious', depth: inputs.length - 1, k: 0 }
  throw new GemgateError(
    'GG_VERILOG_UNSUPPORTED',
    `the solver found a run of ${inputs.length} cycles that the simulator does not confirm`,
    'Report this design.',
  )
}

function checkReset(module: Module, { reset }: ProofTask): void {
  if (reset === undefined) return
  const wire = module.wires.get(`\\${reset.port}`)
  if (wire?.direction === 'input' && wire.width === 1) return
  const inputs = [...module.wires.values()].filter(
    ({ direction, width }) => direction === 'input' && width === 1,
  )
  throw new GemgateError(
    'GG_PORT',
    `there is no reset input ${reset.port} of one bit`,
    `Inputs of one bit: ${inputs.map(({ name }) => name.slice(1)).join(', ') || 'none'}.`,
  )
}

function unreadable(log: string): GemgateError {
  const tail = log.trimEnd().split('\n').slice(-3).join(' ')
  return new GemgateError(
    'GG_VERILOG_UNSUPPORTED',
    `the solver gave no answer: ${tail}`,
    'Report this design.',
  )
}
