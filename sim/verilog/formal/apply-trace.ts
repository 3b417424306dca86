import type { Simulation } from '../simulation.ts'
import type { Trace } from './proof-task.ts'

/** Gives a simulation the state that a trace starts from. */
export function startTrace(simulation: Simulation, { initial, inputs, clock }: Trace): void {
  // clocks take their first level before the state is set: that is no edge of the trace
  if (!clock.oneClock) {
    setInputs(simulation, inputs[0] ?? new Map())
    simulation.settle()
  }
  const registers = new Set(simulation.probes)
  for (const [name, { value, mask }] of initial) {
    const [, memory, index] = /^(.*)\[(\d+)\]$/.exec(name) ?? []
    if (registers.has(name)) {
      const rest = BigInt(simulation.peek(name)) & ~mask
      simulation.poke(name, value | rest)
    } else if (memory !== undefined && simulation.design.memories.some((known) => known.name === memory)) {
      const rest = BigInt(simulation.peekMemory(memory, Number(index))) & ~mask
      simulation.pokeMemory(memory, Number(index), value | rest)
    }
  }
}

/** Plays one cycle of a trace, or one moment if its steps are not cycles of one clock. */
export function playStep(simulation: Simulation, { inputs, clock }: Trace, at: number): void {
  const values = inputs[at]!
  if (!clock.oneClock) {
    // registers take the data from before their clock's edge
    const clocks = [...values].filter(([name]) => simulation.ports.get(name)?.clock)
    setInputs(simulation, new Map(clocks))
    simulation.settle()
    setInputs(simulation, values)
    simulation.settle()
  } else {
    setInputs(simulation, values)
    simulation.step()
  }
}

function setInputs(simulation: Simulation, values: ReadonlyMap<string, bigint>): void {
  for (const [name, value] of values) {
    const port = simulation.ports.get(name)
    if (port) simulation.set(name, port.signed ? BigInt.asIntN(port.width, value) : value)
  }
}
