import { generate } from '../compiler/generate.ts'
import type { CheckInfo, EngineDesign } from '../engine.ts'
import { Simulation } from '../simulation.ts'
import { WasmInstance } from '../wasm-instance.ts'
import { webAssembly } from '../webassembly.ts'
import { playStep, startTrace } from './apply-trace.ts'
import type { ProofTask, Trace } from './proof-task.ts'

/** A check that the simulator saw fail (assert) or come true (cover), and in which cycle, counted from 1. */
export interface Confirmed {
  readonly check: CheckInfo
  readonly cycle: number
}

/** A design that goes on after `$finish`, as a proof does. */
export function endless(design: EngineDesign): EngineDesign {
  const { traced } = design
  return {
    ...design,
    instantiate: (tasks) => design.instantiate({ ...tasks, finish: () => {} }),
    ...(traced && { traced: async () => endless(await traced()) }),
  }
}

/** Runs a trace in the simulator; nothing if it breaks an assumption on the way. */
export async function replayTrace(
  rtlil: string,
  trace: Trace,
  goal: ProofTask['goal'],
): Promise<readonly Confirmed[]> {
  const design = generate(rtlil, { clock: trace.clock.name ?? 'clk' })
  const module = await webAssembly.compile(design.wasm)
  const simulation = new Simulation(
    endless({
      ...design,
      engine: 'wasm',
      cached: false,
      instantiate: (tasks) => new WasmInstance(design, module, tasks),
    }),
    { onPrint: () => {}, assertions: 'collect' },
  )
  // initial blocks have spoken: an assert of theirs counts, an assume of theirs is of inputs that came later
  const initially = simulation.violations.length
  startTrace(simulation, trace)
  const found = new Map<string, Confirmed>()
  for (let at = 0; at < trace.inputs.length; at++) {
    const { violations, covers } = simulation
    const known = at === 0 ? 0 : violations.length
    const counts = covers.map(({ count }) => count)
    playStep(simulation, trace, at)
    if (violations.slice(Math.max(known, initially)).some(({ kind }) => kind === 'assume')) return []
    const fresh = violations.slice(known).filter(({ kind }) => kind === 'assert')
    const reached =
      goal === 'assert'
        ? fresh
        : simulation.covers.filter(({ count }, i) => count > counts[i]!).map(({ check }) => check)
    for (const check of reached) {
      const key = `${check.name} ${check.file}:${check.line}`
      if (!found.has(key)) found.set(key, { check, cycle: at + 1 })
    }
  }
  return [...found.values()]
}
