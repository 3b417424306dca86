import { randomSource } from '../../../../bench/conformance/random-source.ts'
import type { Simulation } from '../../../../sim/verilog/index.ts'

/** Random inputs, corner cases among them; some inputs keep their values. */
export function randomInputs(simulation: Simulation, random: () => number): void {
  for (const { name, direction, clock, width } of simulation.ports.values()) {
    if (direction !== 'input' || clock || random() < 0.3) continue
    const ones = [0, 1, 0.5, 0.5][Math.floor(random() * 4)]!
    let value = 0n
    for (let i = 0; i < width; i++) if (random() < ones) value |= 1n << BigInt(i)
    simulation.set(name, value)
  }
}

/** Does everything that can be done to a simulation, at random, and now and then has a look. */
export function exercise(simulation: Simulation, seed: number, actions: number, look: () => void): void {
  const random = randomSource(seed)
  for (let i = 0; i < actions; i++) {
    const choice = Math.floor(random() * 10)
    if (choice < 4) randomInputs(simulation, random)
    if (choice < 8) simulation.step(choice === 7 ? 1 + Math.floor(random() * 20) : 1)
    if (choice === 8) {
      moveClocks(simulation, random)
      if (random() < 0.7) simulation.settle()
    }
    if (choice === 9) poke(simulation, random)
    if (random() < 0.6) look()
  }
}

function moveClocks(simulation: Simulation, random: () => number): void {
  for (const { name, clock } of simulation.ports.values())
    if (clock && random() < 0.5) simulation.set(name, random() < 0.5 ? 1 : 0)
}

function poke(simulation: Simulation, random: () => number): void {
  const { probes, memories } = simulation.design
  const registers = probes.filter(({ name }) => !simulation.ports.has(name))
  const probe = registers[Math.floor(random() * registers.length)]
  if (probe) simulation.poke(probe.name, BigInt(Math.floor(random() * 2 ** 30)) % (1n << BigInt(probe.width)))
  const memory = memories[0]
  if (memory) simulation.pokeMemory(memory.name, Math.floor(random() * memory.size), random() < 0.5 ? 1 : 0)
}
