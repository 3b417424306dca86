import type { Simulation } from '../../../sim/verilog/index.ts'

/**
 * One access on the register bus of macro_core: writes `value`, or reads without one.
 * @returns the value read; 0 for a write
 * @throws Error when the access does not end
 */
export function access(simulation: Simulation, address: number, value?: number): number {
  simulation.set('reg_valid', 1)
  simulation.set('reg_write', value === undefined ? 0 : 1)
  simulation.set('reg_address', address)
  simulation.set('reg_write_data', value ?? 0)
  for (let clocks = 0; ; clocks++) {
    if (clocks > 1000) throw new Error(`no answer for register ${address}`)
    simulation.step()
    if (simulation.get('reg_ready') === 1) break
  }
  const data = Number(simulation.get('reg_read_data'))
  simulation.step()
  simulation.set('reg_valid', 0)
  return value === undefined ? data : 0
}
