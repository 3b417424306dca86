// Compiles and starts one design, and sends the milliseconds until its first clock is done.
//   first-clock.ts TOP CACHE SOURCE...
import { compileVerilog, Simulation } from '../../sim/verilog/index.ts'

const [top, cache, ...sources] = process.argv.slice(2) as [string, string, ...string[]]
const start = performance.now()
const simulation = new Simulation(await compileVerilog(sources, { top, cache }))
simulation.step()
process.send!(performance.now() - start)
