// One of several processes on one cache folder: compiles a design, then writes and reads one entry in turns.
//   cache-process.ts SOURCE FOLDER
// Prints `q` after one clock, how often the entry was written, and how often it was read whole.
import { readCache, writeCache } from '../../../sim/verilog/cache.ts'
import { compileVerilog, Simulation } from '../../../sim/verilog/index.ts'

const [source, folder] = process.argv.slice(2) as [string, string]
const design = await compileVerilog(source, { cache: folder })
const { cached: _, instantiate: __, engine: ___, ...generated } = design
const simulation = new Simulation(design)
simulation.step()
const turns = 200
let whole = 0
for (let i = 0; i < turns; i++) {
  writeCache(folder, 'shared', generated)
  if (readCache(folder, 'shared')) whole++
}
process.stdout.write(`${simulation.get('q')} ${turns} ${whole}`)
