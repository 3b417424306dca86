import type { Proof } from '../../../sim/verilog/index.ts'
import { prove } from '../../../sim/verilog/index.ts'
import { hdlFiles } from './hdl-files.ts'
import { streamHarness } from './stream-harness.ts'
import type { StreamProof } from './stream-proofs.ts'

const rules = ['test/hdl/proofs/stream_rules.sv', 'test/hdl/proofs/beat_order.sv']

/**
 * Proves a module of hdl/ in its harness: from any state, after one clock of reset, which may come again at any time.
 * @param changed files of the module under other contents, by path
 */
export function proveModule(
  module: string,
  { parameters = {}, free = [], freeMemories = 0, ...harness }: StreamProof,
  changed: Readonly<Record<string, string>> = {},
): Promise<Proof> {
  const name = `proof_${module}.sv`
  const sources = hdlFiles(module).map((path) => (path in changed ? `changed/${path}` : path))
  const replaced = Object.entries(changed).map(([path, text]) => [`changed/${path}`, text] as const)
  return prove([name, ...rules, ...sources], {
    top: `proof_${module}`,
    files: { [name]: streamHarness(module, harness), ...Object.fromEntries(replaced) },
    initial: 'any',
    depth: 3,
    parameters,
    free,
    freeMemories,
    cache: process.env['GEMGATE_PROOFS'] === 'again' ? false : '.cache/gemgate/proofs',
  })
}
