import type { Simulation } from '../../simulation.ts'
import { finishedError } from '../errors.ts'
import type { Scheduler } from '../scheduler.ts'
import { unpackRows } from './columns.ts'
import { streamInWebAssembly } from './in-webassembly.ts'
import type { StreamOptions, StreamResult } from './options.ts'
import { rememberOrigin } from './origin.ts'
import { planStream, type StreamPlan } from './plan.ts'
import { type StreamRun, streamByCycles } from './reference.ts'
import { layWindow } from './window.ts'

/**
 * Feeds items into the streams of a design and takes what comes out, with random pauses on all sides, by the rules of
 * AXI4-Stream. Inside WebAssembly where the engine allows it, with the same results.
 * @throws GemgateError GG_BUS when the design withdraws or changes an offer before it is taken, GG_SIM_TIMEOUT when
 *   it is stuck, GG_PORT, GG_USAGE
 */
export function runStream(scheduler: Scheduler, options: StreamOptions): StreamResult {
  scheduler.assertAlone()
  scheduler.assertClock(options.clock)
  const { simulation } = scheduler
  const plan = planStream(simulation, options)
  const { cycle } = simulation
  try {
    const { cycles, sourceTimes, sinkRows } = run(scheduler, plan)
    const sources = plan.sources.map(({ count }, i) => ({ count, times: sourceTimes[i]! }))
    const sinks = plan.sinks.map((side, k) => unpackRows(sinkRows[k]!.words, sinkRows[k]!.count, side))
    const first = sinks[0] ?? {
      count: 0,
      columns: {},
      times: new Uint32Array(),
      data: new Uint32Array(),
      rows: () => [],
    }
    const result = { ...first, cycles, sources, sinks }
    for (const [k, { valid, ready, data }] of plan.sinks.entries()) {
      const ports = [valid, ...(ready ? [ready] : []), ...data].map(({ name }) => name)
      rememberOrigin(sinks[k]!, { simulation, cycle, ports })
      if (k === 0) rememberOrigin(result, { simulation, cycle, ports })
    }
    return result
  } finally {
    release(simulation, plan)
  }
}

/** No offer, and nothing taken. */
function release({ words }: Simulation, { sources, sinks }: StreamPlan): void {
  for (const { valid } of sources) words[valid.word] = 0
  for (const { ready } of sinks) if (ready) words[ready.word] = 0
}

function run(scheduler: Scheduler, plan: StreamPlan): StreamRun {
  const { simulation } = scheduler
  const { kernel, observer } = simulation
  if (simulation.finished) throw finishedError(simulation, 'a stream')
  const window = kernel && scheduler.isPlain ? layWindow(kernel.window, plan) : undefined
  if (kernel && window && (!observer || observer.stream)) {
    observer?.stream?.((other) => replay(other, plan))
    const before = simulation.cycle
    try {
      return streamInWebAssembly(simulation, kernel, plan, window)
    } finally {
      scheduler.passed(simulation.cycle - before)
    }
  }
  return streamByCycles(
    {
      words: simulation.words,
      settle: () => simulation.refresh(),
      step: () => scheduler.run(1, plan.clock) === 1 && !simulation.finished,
    },
    plan,
  )
}

/** Does a stream once more, to where it ended or failed. */
function replay(simulation: Simulation, plan: StreamPlan): void {
  const stepper = {
    words: simulation.words,
    settle: () => simulation.settle(),
    step: () => {
      simulation.step()
      return !simulation.finished
    },
  }
  try {
    streamByCycles(stepper, plan)
  } catch {
    // the first time ended with this error too, and whoever ran the stream had it
  } finally {
    release(simulation, plan)
  }
}
