import { compileVerilog, type VerilogOptions } from './compile.ts'
import { Simulation } from './simulation.ts'

/** A design under test, with its ports as properties. */
export interface Dut {
  /** Inputs: assign, or read back. */
  readonly in: Record<string, number | bigint>
  /** Outputs: read. */
  readonly out: Readonly<Record<string, number | bigint>>
  /** Waits for a number of clock cycles, one by default. */
  clock(cycles?: number): Promise<void>
  /** Clocks until the condition holds; throws a RangeError after `limit` cycles. */
  until(condition: () => boolean, limit?: number): Promise<number>
  /** Back to power-on. */
  reset(): void
  readonly simulation: Simulation
}

/** Compiles and starts a design, for tests: `dut.in.a = 1; await dut.clock(); expect(dut.out.q).toBe(1)`. */
export async function simulate(
  sources: string | readonly string[],
  options: VerilogOptions = {},
): Promise<Dut> {
  return dutOf(new Simulation(await compileVerilog(sources, options)))
}

/** The property view of a running simulation. */
export function dutOf(simulation: Simulation): Dut {
  const handler: ProxyHandler<Record<string, number | bigint>> = {
    get: (_, name) => (typeof name === 'string' ? simulation.get(name) : undefined),
    set: (_, name, value) => {
      simulation.set(String(name), value as number | bigint)
      return true
    },
    has: (_, name) => typeof name === 'string' && simulation.ports.has(name),
  }
  const side = (direction: 'input' | 'output') =>
    new Proxy<Record<string, number | bigint>>(
      {},
      {
        ...handler,
        ownKeys: () =>
          [...simulation.ports.values()].filter((p) => p.direction === direction).map((p) => p.name),
        getOwnPropertyDescriptor: (_, name) => ({
          value: simulation.get(String(name)),
          enumerable: true,
          configurable: true,
        }),
      },
    )
  return {
    in: side('input'),
    out: side('output'),
    clock: async (cycles = 1) => simulation.step(cycles),
    until: async (condition, limit = 1_000_000) => {
      for (let cycle = 0; cycle <= limit; cycle++) {
        if (condition()) return cycle
        simulation.step()
      }
      throw new RangeError(`the condition did not hold within ${limit} cycles`)
    },
    reset: () => simulation.reset(),
    simulation,
  }
}
