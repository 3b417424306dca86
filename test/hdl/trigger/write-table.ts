import type { Simulation } from '../../../sim/verilog/index.ts'
import { writer } from '../../support/stage.ts'

/** Fills a memory of a stage through its ports `NAME`, `NAME_address` and `NAME_write`, from the first entry. */
export function writeTable(simulation: Simulation, name: string, values: ArrayLike<number>): void {
  const address = writer(simulation, `${name}_address`)
  const value = writer(simulation, name)
  simulation.set(`${name}_write`, 1)
  for (let i = 0; i < values.length; i++) {
    address(i)
    value(values[i]!)
    simulation.step()
  }
  simulation.set(`${name}_write`, 0)
}
