/**
 * Compares our simulator with Verilator: random modules, or any design.
 *
 *   npx tsx scripts/conformance.ts --modules 5000 --seed 1
 *   npx tsx scripts/conformance.ts core.v alu.v --top core --cycles 10000 --include rtl --parameter WIDTH=8
 *
 * Writes one JSON object per line; ends with status 1 if something differs.
 */
import { parseArgs } from 'node:util'
import { conformRandomModules } from '../bench/conformance/batches.ts'
import { conformDesign } from '../bench/conformance/design.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    modules: { type: 'string' },
    seed: { type: 'string', default: '1' },
    batch: { type: 'string', default: '50' },
    cycles: { type: 'string' },
    keep: { type: 'string', default: '.cache/gemgate/conformance' },
    top: { type: 'string' },
    clock: { type: 'string' },
    include: { type: 'string', multiple: true, default: [] },
    define: { type: 'string', multiple: true, default: [] },
    parameter: { type: 'string', multiple: true, default: [] },
    engine: { type: 'string', default: 'verilator' },
  },
})

const write = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`)
const seed = Number(values.seed)
const agreed =
  values.modules === undefined
    ? await conformDesign(positionals, { ...values, seed, cycles: Number(values.cycles ?? 10_000) }, write)
    : await conformRandomModules(
        {
          modules: Number(values.modules),
          seed,
          batch: Number(values.batch),
          cycles: Number(values.cycles ?? 100),
          keep: values.keep,
        },
        write,
      )
process.exitCode = agreed ? 0 : 1
