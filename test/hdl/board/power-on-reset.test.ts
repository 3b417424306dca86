import { expect, it } from 'vitest'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'
import { root } from '../../support/hdl-files.ts'

it('holds reset for more than 1024 clocks, once', async () => {
  const compiled = await compileVerilog([`${root}hdl/board/power_on_reset.sv`], { top: 'power_on_reset' })
  const simulation = new Simulation(compiled)
  let clocks = 0
  for (; simulation.get('rst') === 1 && clocks < 5000; clocks++) simulation.step()
  expect(clocks).toBe(2047)
  for (let i = 0; i < 5000; i++) {
    simulation.step()
    expect(simulation.get('rst')).toBe(0)
  }
})
